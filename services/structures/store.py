"""Structures and their departments; and, for their own members, bank details and the trail."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta

from services.structures.domain.bank import Kept
from services.structures.domain.official import Official
from services.structures.domain.search import after, found_by, head_of, heads, order_of, pair_of
from shared import trail
from shared.contracts.sheets import BankSheet, OfficialView
from shared.contracts.structures import Structure
from shared.mongo import Database, Document, Index, Insert, Newer, Patch, Replace, Write
from shared.trail import Trail

COLLECTIONS = ("structures", "origins", "bank_accounts", "official", *trail.COLLECTIONS)
BY_ORDER = [("realm", 1), ("order", 1)]
BY_HEAD = [("realm", 1), ("heads", 1), ("order", 1)]
WORDED = 2
"""The edition of words and heads; sheets with an earlier one are worded anew."""
COUNTED, COUNTED_SECONDS, MOST_COUNTS = 20_000, 600.0, 5_000
"""How far is counted to know the rarest of several words, and how long that is believed."""
INDEXES = (
    Index("structures", BY_ORDER),
    Index("structures", BY_HEAD),
    Index("structures", [("realm", 1), ("identifier", 1)]),
    Index("official", [("expires_at", 1)], expire_after=0),
    Index("origins", [("by", 1), ("at", -1)]),
    *trail.INDEXES,
)
REMEMBERED = timedelta(days=30)
"""How long what a register said is taken from here instead."""
MOST_BUDGETS = 200
EXPORTED = 1000


class Store(Trail):
    """Reads the directory, always of one realm, and words the writes."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._counts: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()

    async def structure(self, key: str) -> Structure | None:
        """A structure by its key, which begins with its realm."""
        found = await self._db.loader("structures").get(key)
        return _read(found) if found else None

    async def by_identifier(self, realm: str, identifier: str) -> Structure | None:
        """A structure by its identifier; a SIRET goes before other kinds."""
        found = (
            await self._db["structures"]
            .find({"realm": realm, "identifier": identifier})
            .to_list(10)
        )
        return min(map(_read, found), key=lambda s: (s.kind != "siret", s.key), default=None)

    async def search(
        self, realm: str, prefixes: Sequence[str], limit: int, cursor: str | None
    ) -> tuple[list[Structure], str | None]:
        """Those with a word for each prefix, and where the next page begins.

        First come those whose name begins so, then the others, each in order. All are walked in
        their order, the others under the head of the rarest prefix, so that the cost follows what
        is shown, not how many there are.
        """
        part, start = int(cursor[0]) if cursor else 0, cursor[1:] if cursor else ""
        begins = " ".join(prefixes)
        parts = ((begins, after(begins)), ("", begins), (after(begins), None))
        head: str | None = None
        rows: list[tuple[int, Document]] = []
        for number, (low, high) in enumerate(parts if prefixes else (("", None),)):
            if number < part or len(rows) > limit:
                continue
            order: Document = {"$gt": start} if number == part and start else {"$gte": low}
            query: Document = {"realm": realm, "order": order}
            if high is not None:
                order["$lt"] = high
            if number:
                head = head or await self._rarest(realm, prefixes)
                query |= {"heads": head, "$and": _words(prefixes)}
            found = self._db["structures"].find(query).sort("order", 1)
            found = found.limit(limit + 1 - len(rows)).hint(BY_HEAD if number else BY_ORDER)
            rows += [(number, row) for row in await found.to_list(None)]
        more = f"{rows[limit - 1][0]}{rows[limit - 1][1]['order']}" if len(rows) > limit else None
        return [_read(row) for _, row in rows[:limit]], more

    async def _rarest(self, realm: str, prefixes: Sequence[str]) -> str:
        """The head, of one word or two, that the fewest structures have, counted not long ago."""
        heads = list(dict.fromkeys(map(head_of, prefixes)))
        if len(heads) == 1:
            return heads[0]
        counts = await asyncio.gather(*(self._count(realm, head) for head in heads))
        ranked = [head for _, head in sorted(zip(counts, heads, strict=True))]
        pair = pair_of(ranked)
        fewer = pair is not None and await self._count(realm, pair) < min(counts)
        return pair if pair and fewer else ranked[0]

    async def _count(self, realm: str, head: str) -> int:
        known = self._counts.get((realm, head))
        if known is None or time.monotonic() - known[0] > COUNTED_SECONDS:
            asked = {"realm": realm, "heads": head}
            count = self._db["structures"].count_documents(asked, limit=COUNTED, hint=BY_HEAD)
            known = self._counts[realm, head] = (time.monotonic(), int(await count))
            if len(self._counts) > MOST_COUNTS:
                self._counts.popitem(last=False)
        return known[1]

    async def headless(self, limit: int) -> list[Structure]:
        """Structures that an earlier version wrote, which no search finds yet."""
        found = self._db["structures"].find({"worded": {"$ne": WORDED}}).limit(limit)
        return [_read(row) for row in await found.to_list(None)]

    def reword(self, structure: Structure) -> Write:
        """The words by which it is found, written anew."""
        return Patch("structures", structure.key, {"$set": _search(structure)})

    async def recipients(self, realm: str) -> AsyncIterator[list[Document]]:
        """Every public body of a realm that takes invoices, in order, as it is stored."""
        query = {"realm": realm, "public": True, "active": True, "replaced_by": None}
        left_out = {"words": 0, "heads": 0, "order": 0, "worded": 0}
        found = self._db["structures"].find(query, left_out).sort("order", 1).hint(BY_ORDER)
        while batch := await found.to_list(EXPORTED):
            yield batch

    async def budgets(self, realm: str, siren: str) -> list[Structure]:
        """The structures of one legal unit that are budgets, by SIRET."""
        query = {
            "realm": realm,
            "identifier": {"$gte": siren, "$lt": after(siren)},
            "kind": "siret",
            "budget": {"$ne": None},
        }
        found = self._db["structures"].find(query).sort("identifier", 1).limit(MOST_BUDGETS)
        return [_read(row) for row in await found.to_list(None)]

    def put(self, structure: Structure) -> Write:
        """A structure as it now is; made or changed meanwhile is a conflict."""
        document: Document = structure.model_dump(mode="json")
        document |= {"_id": structure.key} | _search(structure)
        if structure.version == 1:
            return Insert("structures", document)
        return Replace("structures", document, structure.version - 1)

    async def origin(self, key: str) -> OfficialView | None:
        """What the register said when the sheet was made."""
        found = await self._db.loader("origins").get(key)
        return OfficialView.model_validate(found["official"]) if found else None

    async def made_since(self, by: str, since: datetime) -> int:
        """How many sheets somebody made lately."""
        query = {"by": by, "at": {"$gt": since}}
        return int(await self._db["origins"].count_documents(query, limit=100))

    def put_origin(self, key: str, by: str, official: OfficialView, at: datetime) -> Write:
        """Who made a sheet, and what the register said then or says now."""
        document = {"by": by, "at": at, "official": official.model_dump(mode="json")}
        version = int(at.timestamp() * 1000)
        return Newer("origins", {"_id": key, **document, "version": version})

    async def official(self, siret: str, at: datetime) -> Official | None:
        """What a register said of a SIRET not long ago."""
        found = await self._db.loader("official").get(siret)
        if found is None or found["expires_at"] <= at:
            return None
        fields = found["official"]
        return Official(**fields | {"on": date.fromisoformat(fields["on"])})

    def remember(self, official: Official, at: datetime) -> Write:
        """What a register said."""
        kept = asdict(official) | {"on": official.on.isoformat()}
        version = int(at.timestamp() * 1000)
        document = {"_id": official.siret, "official": kept, "version": version}
        return Newer("official", document | {"expires_at": at + REMEMBERED})

    async def bank(self, key: str) -> Kept:
        """The bank details of a structure as they are stored."""
        found = await self._db.loader("bank_accounts").get(key)
        if found is None:
            return Kept(BankSheet(accounts=()))
        pending = found.get("pending")
        return Kept(
            BankSheet(accounts=found["accounts"]),
            found["version"],
            BankSheet(accounts=pending) if pending is not None else None,
            found.get("effective_at"),
        )

    def put_bank(self, key: str, kept: Kept) -> Write:
        """Bank details as they now are; changed meanwhile is a conflict."""
        document: Document = {
            "_id": key,
            "realm": key.partition("/")[0],
            "version": kept.version,
            "accounts": [account.model_dump() for account in kept.sheet.accounts],
            "effective_at": kept.effective_at,
            "pending": [a.model_dump() for a in kept.pending.accounts] if kept.pending else None,
        }
        if kept.version == 1:
            return Insert("bank_accounts", document)
        return Replace("bank_accounts", document, kept.version - 1)


def _words(prefixes: Sequence[str]) -> list[Document]:
    """That a structure has a word for each prefix."""
    return [
        {"words": {"$elemMatch": {"$gte": prefix, "$lt": after(prefix)}}} for prefix in prefixes
    ]


def _search(structure: Structure) -> Document:
    """By what it is found."""
    found = found_by(structure)
    by = {"order": order_of(structure), "words": list(found), "heads": list(heads(found))}
    return {**by, "worded": WORDED}


def _read(row: Document) -> Structure:
    return Structure.model_validate(row)
