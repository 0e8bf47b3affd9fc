"""Drafts, and what else there is to resume.

A draft is one document. What was typed lies there as JSON text, because any name and any value may
be in it; what lists show lies beside.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.ingest.domain.entry import Entry
from shared import mongo
from shared.contracts.drafts import DraftAttachment, DraftState
from shared.contracts.finding import Finding
from shared.contracts.ingest import DepositState
from shared.contracts.message import Depositor
from shared.mongo import Document, Write

DRAFTS = "drafts"
DEPOSITS = "deposits"
NUMBERS = "numbers"
AWAITING = {"state": str(DepositState.AWAITING_CONFIRMATION)}
MOST_DUE = 100
INDEXES = (
    mongo.Index(DRAFTS, [("realm", 1), ("structure", 1), ("state", 1), ("_id", -1)]),
    mongo.Index(DRAFTS, [("changed_at", 1)]),
    mongo.Index(DRAFTS, [("warned_at", 1)]),
    mongo.Index(DEPOSITS, [("realm", 1), ("structure", 1), ("_id", -1)], where=AWAITING),
)
NOT_LISTED = {"fields": 0, "touched": 0}
LISTED = dict.fromkeys(
    ("state", "structure", "filename", "received_at", "depositor", "items.header"), 1
)


class Drafts:
    """Reads drafts; writes are returned, not done."""

    def __init__(self, db: mongo.Database) -> None:
        self._drafts, self._deposits = db[DRAFTS], db[DEPOSITS]
        self._numbers = db[NUMBERS]
        self._whole = db.loader(DRAFTS)

    async def entry(self, id: str) -> Entry | None:
        """A draft, whoever's it is."""
        found = await self._whole.get(id)
        return entry_of(found) if found else None

    async def own(
        self, id: str, realm: str, subject: str, structures: Sequence[str]
    ) -> Entry | None:
        """A draft of one of these structures, or that this caller began for none."""
        found = await self._whole.get(id)
        if found is None or found["realm"] != realm:
            return None
        alone = found["structure"] is None and found["subject"] == subject
        return entry_of(found) if alone or found["structure"] in structures else None

    async def to_resume(
        self, realm: str, subject: str, structures: Sequence[str], before: str | None, most: int
    ) -> list[Document]:
        """Drafts and deposits that await a confirmation, newest first, as they are stored."""
        wanted: Document = {"realm": realm, "structure": None, "subject": subject}
        if structures:
            wanted = {"realm": realm, "structure": {"$in": list(structures)}}
        if before is not None:
            wanted["_id"] = {"$lt": before}
        drafts = self._drafts.find({**wanted, "state": DraftState.DRAFT}, NOT_LISTED)
        waiting = self._deposits.find({**wanted, **AWAITING, "open": None}, LISTED)
        found = [
            *await drafts.sort("_id", -1).limit(most).to_list(None),
            *await waiting.sort("_id", -1).limit(most).to_list(None),
        ]
        return sorted(found, key=lambda one: str(one["_id"]), reverse=True)[:most]

    async def unchanged_since(self, at: datetime) -> list[Entry]:
        """Drafts that nobody has changed for so long and whose author was not told yet."""
        wanted = {"changed_at": {"$lte": at}, "warned_at": None}
        found = await self._drafts.find(wanted).sort("changed_at", 1).limit(MOST_DUE).to_list(None)
        return [entry_of(one) for one in found]

    async def warned_before(self, at: datetime) -> list[Entry]:
        """Drafts whose author was told so long ago that they may go."""
        wanted = {"warned_at": {"$lte": at}}
        found = await self._drafts.find(wanted).sort("warned_at", 1).limit(MOST_DUE).to_list(None)
        return [entry_of(one) for one in found]

    def new(self, entry: Entry) -> Write:
        """A new draft."""
        return mongo.Insert(DRAFTS, document_of(entry))

    def changed(self, entry: Entry, was: int) -> Write:
        """A draft that was read at version `was`; another version by now is a conflict."""
        return mongo.Replace(DRAFTS, document_of(entry), was)

    def gone(self, entry: Entry) -> list[Write]:
        """A draft that goes, unless somebody changed it meanwhile, which is a conflict."""
        last = replace(entry, version=entry.version + 1)
        return [self.changed(last, entry.version), mongo.Remove(DRAFTS, entry.id)]

    async def place(self, series: str) -> int:
        """The last place that was taken in a series of invoice numbers."""
        found = await self._numbers.find_one({"_id": series})
        return int(found["last"]) if found else 0

    def taken(self, series: str, place: int) -> Write:
        """The next place in a series; one that somebody took meanwhile is a conflict."""
        if place == 1:
            return mongo.Insert(NUMBERS, {"_id": series, "last": place})
        return mongo.Patch(NUMBERS, series, {"$set": {"last": place}}, {"last": place - 1})


def document_of(entry: Entry) -> Document:
    """A draft as it is stored."""
    return {
        "_id": entry.id,
        "realm": entry.realm,
        "subject": entry.author.subject,
        "structure": entry.author.structure,
        "author": entry.author.model_dump(mode="json"),
        "changed_by": entry.changed_by,
        "created_at": entry.created_at,
        "changed_at": entry.changed_at,
        "fields": json.dumps(dict(entry.fields), ensure_ascii=False),
        "attachments": [one.model_dump(mode="json") for one in entry.attachments],
        "touched": dict(entry.touched),
        "version": entry.version,
        "state": entry.state,
        "warned_at": entry.warned_at,
        "key": entry.key,
        "deposit_id": entry.deposit_id,
        "refused": [one.model_dump(mode="json") for one in entry.refused],
        "number": entry.shown("number"),
        "buyer": entry.shown("buyer_name") or entry.shown("buyer_siret"),
        "total": entry.shown("total_with_vat"),
    }


def entry_of(found: dict[str, Any]) -> Entry:
    """A stored draft."""
    return Entry(
        id=found["_id"],
        realm=found["realm"],
        author=Depositor.model_validate(found["author"]),
        changed_by=found["changed_by"],
        created_at=found["created_at"],
        changed_at=found["changed_at"],
        fields=json.loads(found["fields"]),
        attachments=tuple(map(DraftAttachment.model_validate, found["attachments"])),
        touched=found["touched"],
        version=found["version"],
        state=DraftState(found["state"]),
        warned_at=found["warned_at"],
        key=found["key"],
        deposit_id=found["deposit_id"],
        refused=tuple(map(Finding.model_validate, found["refused"])),
    )
