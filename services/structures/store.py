"""Structures and their departments."""

from collections.abc import Sequence
from typing import Any

from services.structures.domain import after, found_by, order_of
from shared.contracts.structures import Structure
from shared.mongo import Database, Document, Index, Insert, Replace, Write

COLLECTIONS = ("structures",)
INDEXES = (
    Index("structures", [("realm", 1), ("order", 1)]),
    Index("structures", [("realm", 1), ("words", 1), ("order", 1)]),
    Index("structures", [("realm", 1), ("identifier", 1)]),
)


class Store:
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


def _read(row: Document) -> Structure:
    return Structure.model_validate(row)
