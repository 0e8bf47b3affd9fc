"""Programs: technical clients and technical accounts, and their keys."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.accounts.domain.keys import Key, kept
from shared.mongo import Database, Document, Index, Insert, Replace, Write

COLLECTIONS = ("clients",)
TECHNICAL = "technical_account"
INDEXES = (
    Index("clients", [("structure", 1), ("_id", 1)]),
    Index("clients", [("login", 1)], unique=True, where={"login": {"$type": "string"}}),
    Index("clients", [("warn_at", 1)], where={"warn_at": {"$type": "date"}}),
)


class Machines:
    """Reads programs and words the writes."""

    _db: Database

    async def client(self, id: str) -> Document | None:
        """A program by its id."""
        return await self._db.loader("clients").get(id)

    async def technical_account(self, login: str) -> Document | None:
        """A technical account by its login."""
        return await self._db.loader("clients", "login").get(login)

    async def clients_of(self, structure: str) -> list[Document]:
        """The programs of a structure that are not revoked."""
        query = {"structure": structure, "state": {"$ne": "revoked"}}
        return await self._db["clients"].find(query).sort("_id", 1).to_list(None)

    async def keys_ending(self, at: datetime, limit: int) -> list[Document]:
        """Programs with a key whose end is due to be told."""
        found = self._db["clients"].find({"warn_at": {"$lte": at}}).sort("warn_at", 1)
        return await found.limit(limit).to_list(None)

    def add_client(self, client: Document, key: Key) -> Write:
        """A new program with its first key; a login that is taken is a conflict."""
        return Insert("clients", client | kept([key], key.created_at) | {"version": 1})

    def keep_keys(self, client: Document, keys: Sequence[Key], at: datetime) -> Write:
        """A program with these keys; changed meanwhile is a conflict."""
        return self.change_client(client, **kept(keys, at))

    def change_client(self, client: Document, **changes: Any) -> Write:
        """A program that was read, changed."""
        was: int = client["version"]
        return Replace("clients", client | changes | {"version": was + 1}, was)
