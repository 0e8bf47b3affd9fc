"""Structures and their departments; and, for their own members, bank details and the trail."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from services.structures.domain.official import Official
from services.structures.domain.search import after, found_by, order_of
from shared import trail
from shared.contracts.sheets import BankSheet, OfficialView
from shared.contracts.structures import Structure
from shared.mongo import Database, Document, Index, Insert, Newer, Replace, Write
from shared.trail import Trail

COLLECTIONS = ("structures", "origins", "bank_accounts", "official", *trail.COLLECTIONS)
INDEXES = (
    Index("structures", [("realm", 1), ("order", 1)]),
    Index("structures", [("realm", 1), ("words", 1), ("order", 1)]),
    Index("structures", [("realm", 1), ("identifier", 1)]),
    Index("official", [("expires_at", 1)], expire_after=0),
    Index("origins", [("by", 1), ("at", -1)]),
    *trail.INDEXES,
)
REMEMBERED = timedelta(days=30)
"""How long what a register said is taken from here instead."""
MOST_BUDGETS = 200


class Store(Trail):
    """Reads the directory, always of one realm, and words the writes."""

    def __init__(self, db: Database) -> None:
        self._db = db

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
        """Structures in which each of the prefixes begins a word, by name, and where to go on."""
        query: dict[str, Any] = {"realm": realm}
        if prefixes:
            query["$and"] = [
                {"words": {"$elemMatch": {"$gte": prefix, "$lt": after(prefix)}}}
                for prefix in prefixes
            ]
        if cursor is not None:
            query["order"] = {"$gt": cursor}
        rows = (
            await self._db["structures"].find(query).sort("order", 1).limit(limit + 1).to_list(None)
        )
        more = rows[limit - 1]["order"] if len(rows) > limit else None
        return [_read(row) for row in rows[:limit]], more

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
        document: Document = structure.model_dump(mode="json") | {
            "_id": structure.key,
            "order": order_of(structure),
            "words": list(found_by(structure)),
        }
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

    async def bank(self, key: str) -> tuple[BankSheet, int]:
        """The bank details of a structure and their version; 0 when there are none."""
        found = await self._db.loader("bank_accounts").get(key)
        if found is None:
            return BankSheet(accounts=()), 0
        return BankSheet.model_validate({"accounts": found["accounts"]}), int(found["version"])

    def put_bank(self, key: str, sheet: BankSheet, was: int) -> Write:
        """Bank details as they now are; changed meanwhile is a conflict."""
        document: Document = {"_id": key, "realm": key.partition("/")[0]}
        document |= sheet.model_dump(mode="json") | {"version": was + 1}
        if was == 0:
            return Insert("bank_accounts", document)
        return Replace("bank_accounts", document, was)


def _read(row: Document) -> Structure:
    return Structure.model_validate(row)
