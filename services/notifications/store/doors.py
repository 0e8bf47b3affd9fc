"""Keys that come in by SFTP, the server's own key, and the papers in partners' folders."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from services.notifications.domain.folders import DEPOSIT, Paper
from services.notifications.store.sealing import Sealing
from shared.contracts.doors import Pickup
from shared.mongo import (
    Binary,
    Database,
    Document,
    Index,
    Insert,
    Keep,
    Newer,
    Patch,
    Remove,
    Write,
)

KEYS, PAPERS, HOST = "sftp_keys", "papers", "sftp_host"
COLLECTIONS = (KEYS, PAPERS, HOST)
INDEXES = (
    Index(KEYS, [("user", 1), ("fingerprint", 1)], unique=True),
    Index(KEYS, [("structure", 1), ("_id", 1)]),
    Index(KEYS, [("maker.subject", 1)]),
    Index(KEYS, [("structure", 1), ("document", 1)], where={"document": {"$type": "string"}}),
    Index(KEYS, [("program", 1)], where={"program": {"$type": "string"}}),
    Index(PAPERS, [("structure", 1), ("folder", 1), ("at", -1)]),
    Index(PAPERS, [("kept_until", 1)], expire_after=7 * 86400),
)
ONE = "host"


class Doors(Sealing):
    """Who comes in by SFTP, and what they find."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def host_key(self) -> str | None:
        """The private key of the server."""
        found = await self._db[HOST].find_one({"_id": ONE})
        return self.opened(found["private"]) if found else None

    def first_host_key(self, private: str) -> Keep:
        """The key of the server; whoever starts second keeps the one that is there."""
        return Keep(HOST, {"_id": ONE, "private": self.closed(private)})

    async def host_key_sealed_anew(self) -> list[Write]:
        """The key of the server, sealed with the newest key; nothing when it is already."""
        found = await self._db[HOST].find_one({"_id": ONE})
        return self.sealed_anew(HOST, found, "private") if found else []

    async def key(self, user: str, fingerprint: str) -> Document | None:
        """A key that may come in."""
        return await self._db[KEYS].find_one({"user": user, "fingerprint": fingerprint})

    async def key_by_id(self, id: str) -> Document | None:
        """A key by its id."""
        return await self._db[KEYS].find_one({"_id": id})

    async def keys(
        self, structures: Sequence[str] | None, after: str | None, limit: int
    ) -> list[Document]:
        """The keys of these structures, or of all, by id."""
        where: Document = {} if structures is None else {"structure": {"$in": list(structures)}}
        if after:
            where["_id"] = {"$gt": after}
        return await self._db[KEYS].find(where).sort("_id", 1).to_list(limit)

    async def count_keys(self, structure: str) -> int:
        """How many keys a structure has."""
        return int(await self._db[KEYS].count_documents({"structure": structure}))

    async def pickups(self, structures: Sequence[str]) -> list[tuple[str, Pickup]]:
        """Which of these structures pick invoices up, and in which forms."""
        wanted = {"structure": {"$in": list(structures)}, "document": {"$type": "string"}}
        found = await self._db[KEYS].find(wanted, {"structure": 1, "document": 1}).to_list(None)
        return sorted({(row["structure"], row["document"]) for row in found})

    def add_key(self, key: Document) -> Insert:
        """A key that may come in from now on."""
        return Insert(KEYS, key)

    def remove_key(self, id: str) -> Remove:
        """A key that may come in no more."""
        return Remove(KEYS, id)

    async def makers_known_as(self, subject: str, email: str) -> list[Write]:
        """The keys that somebody let in, with one more address of theirs."""
        found = await self._db[KEYS].find({"maker.subject": subject}, {"_id": 1}).to_list(None)
        more = {"$addToSet": {"maker.emails": email}}
        return [Patch(KEYS, row["_id"], more) for row in found]

    async def keys_of(self, program: str) -> list[Remove]:
        """The keys that a program let in, which may come in no more."""
        found = await self._db[KEYS].find({"program": program}, {"_id": 1}).to_list(None)
        return [self.remove_key(row["_id"]) for row in found]

    async def papers(self, structure: str, folder: str, limit: int) -> list[Paper]:
        """The files of a folder, the newest first."""
        query = {"structure": structure, "folder": folder}
        found = self._db[PAPERS].find(query, {"name": 1, "size": 1, "at": 1}).sort("at", -1)
        return [
            Paper(row["name"], row["size"], row["at"].timestamp())
            for row in await found.to_list(limit)
        ]

    async def paper(self, structure: str, folder: str, name: str) -> Document | None:
        """A file of a folder."""
        return await self._db[PAPERS].find_one({"_id": _id(structure, folder, name)})

    def lay_paper(
        self, structure: str, folder: str, name: str, at: datetime, kept: timedelta, **what: Any
    ) -> Newer:
        """A file in a folder; a later one of the same name takes its place.

        `what` is its `body`, or the `sha256` and `size` of a file in the file store.
        """
        if "body" in what:
            what = {"body": Binary(what["body"]), "size": len(what["body"])}
        return Newer(
            PAPERS,
            {
                "_id": _id(structure, folder, name),
                "structure": structure,
                "folder": folder,
                "name": name,
                "at": at,
                "kept_until": at + kept,
                "version": int(at.timestamp() * 1000),
                **what,
            },
        )

    def take_paper(self, structure: str, folder: str, name: str) -> Remove:
        """A file that leaves its folder."""
        return Remove(PAPERS, _id(structure, folder, name))

    async def forgotten(self, at: datetime, limit: int) -> list[Document]:
        """Half-written files that nobody gave their name in time."""
        query = {"folder": DEPOSIT, "kept_until": {"$lt": at}}
        return await self._db[PAPERS].find(query).limit(limit).to_list(None)


def _id(structure: str, folder: str, name: str) -> str:
    return f"{structure}/{folder}/{name}"
