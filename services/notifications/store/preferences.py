"""How people want to be told, what waits for their digest, and addresses where nothing arrives.

A preference belongs to an address in a realm. The count of mails in a window is written at once and
outside any change, like the lease of a mail: it may count too much, never too little.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from services.notifications.domain.mail import Delivery
from services.notifications.store.mails import DELIVERIES
from services.notifications.store.sealing import Sealing
from shared.contracts.preferences import Preference, Preferences
from shared.mongo import Database, Document, Index, Insert, Keep, Patch, Remove, Write

PREFERENCES, PACES, BOUNCED, KEYS = "preferences", "paces", "bounced", "keys"
COLLECTIONS = (PREFERENCES, PACES, BOUNCED, KEYS)
INDEXES = (
    Index(PACES, [("ends", 1)], expire_after=3600),
    Index(DELIVERIES, [("state", 1), ("due_at", 1)], where={"state": "HELD"}),
    Index(DELIVERIES, [("to", 1), ("due_at", 1)], where={"state": "HELD"}),
)
UNSUBSCRIBE = "unsubscribe"
MOST_TOGETHER = 2000
"""Mails that become one."""


def holder_of(realm: str, address: str) -> str:
    """The id of what is kept about an address."""
    return f"{realm} {address.casefold()}"


class People(Sealing):
    """Addresses and what their holders want."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._wanted = db.loader(PREFERENCES)
        self._bounced = db.loader(BOUNCED)
        self._seal: bytes | None = None

    async def preferences(self, realm: str, address: str) -> tuple[int, tuple[Preference, ...]]:
        """The version and the rows of somebody's preferences; version 0 when there are none."""
        found = await self._wanted.get(holder_of(realm, address))
        if found is None:
            return 0, ()
        return found["version"], Preferences.model_validate_json(found["rows"]).items

    def prefer(
        self, realm: str, address: str, rows: Iterable[Preference], was: int
    ) -> Insert | Patch:
        """Somebody's preferences from now on; another version by now is a conflict."""
        id, said = holder_of(realm, address), Preferences(items=tuple(rows)).model_dump_json()
        if was == 0:
            return Insert(PREFERENCES, {"_id": id, "version": 1, "rows": said})
        update = {"$set": {"rows": said, "version": was + 1}}
        return Patch(PREFERENCES, id, update, {"version": was})

    async def pace(self, delivery: Delivery, ends: datetime) -> int:
        """Which mail to its address this is in the window that ends then, counted at once."""
        id = f"{holder_of(delivery.realm, str(delivery.to))} {ends.isoformat()}"
        found = await self._db[PACES].find_one_and_update(
            {"_id": id},
            {"$inc": {"mails": 1}, "$setOnInsert": {"ends": ends}},
            upsert=True,
            return_document=True,
        )
        return int(found["mails"])

    async def passed(self, id: str) -> None:
        """Write down at once that a mail leaves by itself, so that it never becomes a line too."""
        due = {"_id": id, "state": "DUE"}
        await self._db[DELIVERIES].update_one(due, {"$set": {"passed": True}})

    async def readers_due(self, at: datetime, limit: int = 20) -> list[tuple[str, str]]:
        """Some addresses whose held mails are due, with their realms."""
        due = {"state": "HELD", "due_at": {"$lte": at}}
        found = self._db[DELIVERIES].find(due, {"realm": 1, "to": 1}).sort("due_at", 1)
        rows = await found.to_list(limit)
        return list(dict.fromkeys((row["realm"], row["to"]) for row in rows))

    async def held_mails(self, realm: str, address: str, at: datetime) -> list[Document]:
        """The held mails to an address that are due, oldest first, without their words."""
        due = {"state": "HELD", "realm": realm, "to": address, "due_at": {"$lte": at}}
        found = self._db[DELIVERIES].find(due, {"text": 0, "html": 0})
        return await found.sort([("due_at", 1), ("_id", 1)]).to_list(MOST_TOGETHER)

    def merge(self, id: str, into: str) -> Patch:
        """A held mail that became a line of another; one that is gone already is a conflict."""
        update = {"$set": {"state": "MERGED", "merged_into": into}, "$unset": {"due_at": ""}}
        return Patch(DELIVERIES, id, update, {"state": "HELD"})

    async def bounced(self, address: str) -> Document | None:
        """Since when mails to an address do not arrive, and why: `at`, `cause`."""
        return await self._bounced.get(address.casefold())

    def mark(self, address: str, at: datetime, cause: str) -> Keep:
        """From now on an address is known as one where mails do not arrive."""
        return Keep(BOUNCED, {"_id": address.casefold(), "at": at, "cause": cause})

    def unmark(self, address: str) -> Remove:
        """Mails arrive again."""
        return Remove(BOUNCED, address.casefold())

    async def speaks_for(self, realm: str, address: str, limit: int = 20) -> list[str]:
        """The structures for which an address speaks."""
        found = self._db["contacts"].find({"realm": realm, "emails": address}, {"_id": 1})
        return [row["_id"] for row in await found.to_list(limit)]

    async def delivery(self, id: str) -> dict[str, Any] | None:
        """A mail by its id: `to`, `realm`, `structure`."""
        wanted = {"to": 1, "realm": 1, "structure": 1}
        found: dict[str, Any] | None = await self._db[DELIVERIES].find_one({"_id": id}, wanted)
        return found

    async def seal(self, new_secret: Callable[[int], str]) -> bytes:
        """The secret that seals tokens, the same for every process; made when there is none."""
        if self._seal is None:
            found = await self._db[KEYS].find_one_and_update(
                {"_id": UNSUBSCRIBE},
                {"$setOnInsert": {"secret": self.closed(new_secret(32))}},
                upsert=True,
                return_document=True,
            )
            self._seal = self.opened(found["secret"]).encode()
        return self._seal

    async def seal_sealed_anew(self) -> list[Write]:
        """The secret that seals tokens, sealed with the newest key; nothing when it is already."""
        found = await self._db[KEYS].find_one({"_id": UNSUBSCRIBE})
        return self.sealed_anew(KEYS, found, "secret") if found else []
