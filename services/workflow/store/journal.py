"""The journal: entries that are written with each change, heads that seal them, keys that sign."""

from collections.abc import Sequence
from datetime import datetime

from services.workflow.domain.heads import Head, next_head
from services.workflow.domain.journal import START, Entry, digest, entry
from services.workflow.store.listing import COMPUTED
from shared import ring
from shared.contracts.proof import HEAD
from shared.mongo import Database, Document, Index, Insert, PatchAll, Write
from shared.outbox import Change
from shared.ring import Ring

JOURNAL, HEADS = "journal", "heads"
UNSEALED = 0
INDEXES = (
    Index(JOURNAL, [("head", 1), ("_id", 1)], where={"head": UNSEALED}),
    Index(HEADS, [("closes", 1), ("_id", 1)], where={"closes": {"$type": "string"}}),
)
COLLECTIONS = (JOURNAL, HEADS, *ring.COLLECTIONS)
TOGETHER = 1000
"""Entries that one head seals at most: a transaction of a few hundredths of a second."""


def opening(stored: Document) -> Entry:
    """The entry of a new invoice, as it is stored."""
    fields = {k: v for k, v in stored.items() if k not in COMPUTED}
    return entry(stored["_id"], stored["version"], START, set=fields)


def change(invoice: str, previous: str, update: Document) -> Entry:
    """The entry of a change, as the database is told to make it."""
    fields = {k: v for k, v in update["$set"].items() if k not in COMPUTED}
    added = {name: more["$each"] for name, more in update.get("$push", {}).items()}
    gone = [name for name in update.get("$unset", {}) if name not in COMPUTED]
    return entry(invoice, fields["version"], previous, set=fields, add=added, unset=gone)


def kept(made: Entry) -> Insert:
    """An entry as it is stored, to be sealed by the next head."""
    document = {"_id": made.id, "content": made.content, "hash": made.hash, "head": UNSEALED}
    return Insert(JOURNAL, document)


def read(found: Document) -> Entry:
    """An entry as it was stored."""
    invoice, _, n = found["_id"].partition("/")
    return Entry(invoice, int(n), found["content"], found["hash"])


class Journal:
    """Reads the journal and seals it."""

    def __init__(self, db: Database) -> None:
        self._entries, self._heads = db[JOURNAL], db[HEADS]
        self.ring = Ring(db)

    async def seal(self, at: datetime) -> Change | None:
        """A head over entries that none seals yet; None when there is nothing to seal.

        Whatever was committed by now is found, however long its transaction took; of two that
        seal at once one is refused, since a number is taken once.
        """
        last = await self._heads.find_one({}, sort=[("_id", -1)])
        found = self._entries.find({"head": UNSEALED}, {"hash": 1}).sort("_id", 1).limit(TOGETHER)
        leaves = await found.to_list(TOGETHER)
        before = digest(last["jws"]) if last else START
        hashes = [leaf["hash"] for leaf in leaves]
        head = next_head(head_of(last) if last else None, before, hashes, at)
        if head is None:
            return None
        signer = await self.ring.signer(head.at)
        save: list[Write] = [Insert(HEADS, _stored(head, leaves, signer.sign(HEAD, head.said())))]
        if leaves:
            ids = [leaf["_id"] for leaf in leaves]
            sealed = {"$set": {"head": head.number}}
            save.append(PatchAll(JOURNAL, ids, sealed, {"head": UNSEALED}))
        return Change(save)

    async def chain(self, invoice: str, after: int, limit: int) -> list[Document]:
        """Entries of an invoice behind the `after`th, oldest first."""
        span = {"$gt": f"{invoice}/{after:06d}", "$lt": f"{invoice}/~"}
        return await self._entries.find({"_id": span}).sort("_id", 1).limit(limit).to_list(limit)

    async def heads(self, numbers: Sequence[int]) -> list[Document]:
        """Some heads with their leaves."""
        found = self._heads.find({"_id": {"$in": list(numbers)}}).sort("_id", 1)
        return await found.to_list(len(numbers))

    async def page(self, before: int | None, limit: int, *, daily: bool) -> list[Document]:
        """Heads without their leaves, newest first; `daily` only those that close a day."""
        query: Document = {"_id": {"$lt": before}} if before else {}
        if daily:
            query["closes"] = {"$type": "string"}
        found = self._heads.find(query, {"leaves": 0}).sort("_id", -1).limit(limit)
        return await found.to_list(limit)


def _stored(head: Head, leaves: Sequence[Document], jws: str) -> Document:
    return {
        "_id": head.number,
        "at": head.at,
        "count": head.count,
        "root": head.root,
        "previous": head.previous,
        "closes": head.closes.isoformat() if head.closes else None,
        "leaves": [[leaf["_id"], leaf["hash"]] for leaf in leaves],
        "jws": jws,
    }


def head_of(found: Document) -> Head:
    """A head as it was stored."""
    return Head(found["_id"], found["at"], found["count"], found["root"], found["previous"])
