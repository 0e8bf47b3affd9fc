"""People, links, programs, speakers of structures, tries and signing keys."""

from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta
from typing import Any

from services.accounts.store import entries, machines, members
from services.accounts.store.entries import Entries
from services.accounts.store.machines import Machines
from services.accounts.store.members import Members
from shared import trail
from shared.mongo import (
    Document,
    Index,
    Insert,
    Keep,
    Patch,
    Remove,
    Replace,
    Write,
)
from shared.trail import Trail

COLLECTIONS = (
    *("accounts", "activations", "keys", "tries"),
    *entries.COLLECTIONS,
    *members.COLLECTIONS,
    *machines.COLLECTIONS,
    *trail.COLLECTIONS,
)
INDEXES = (
    *entries.INDEXES,
    *members.INDEXES,
    *machines.INDEXES,
    *trail.INDEXES,
    Index("accounts", [("login", 1)], unique=True),
    Index("activations", [("expires_at", 1)], expire_after=30 * 86400),
    Index("activations", [("account_id", 1), ("asked_at", 1)]),
    Index("tries", [("counter", 1), ("at", 1)]),
    Index("tries", [("at", 1)], expire_after=3600),
)
SIGNING = "signing-1"


class Store(Entries, Machines, Members, Trail):
    """Reads what accounts owns, and words the writes."""

    async def signing_keys(self) -> list[tuple[str, str]]:
        """The names and sealed private parts of the keys that verify, the one that signs first."""
        rows = await self._db["keys"].find({}).sort("_id", -1).to_list(None)
        return [(row["_id"], row["private"]) for row in rows]

    def reseal_key(self, id: str, was: str, sealed: str) -> Write:
        """A signing key under another seal."""
        return Patch("keys", id, {"$set": {"private": sealed}}, {"private": was})

    async def with_totp(self) -> AsyncIterator[Document]:
        """Every account that has an application of codes."""
        query = {"factors.totp.secret": {"$type": "string"}}
        async for account in self._db["accounts"].find(query):
            yield account

    def reseal_totp(self, account: Document, totp: Document, sealed: str) -> Write:
        """The secret of an application of codes under another seal."""
        factors = account["factors"] | {"totp": totp | {"secret": sealed}}
        return self.change_account(account, factors=factors)

    def first_key(self, private: str, at: datetime) -> Write:
        """The first signing key; whoever starts second keeps the one that is there."""
        return Keep("keys", {"_id": SIGNING, "private": private, "created_at": at})

    async def account(self, id: str) -> Document | None:
        """An account by its id."""
        return await self._db.loader("accounts").get(id)

    async def account_by_login(self, login: str) -> Document | None:
        """An account by its address."""
        return await self._db.loader("accounts", "login").get(login)

    def open_account(self, account: Document) -> Write:
        """A new account; the same address twice is a conflict."""
        return Insert("accounts", account | {"version": 1})

    def asked_again(self, account: Document, at: datetime) -> Write:
        """Somebody asked to open an account that exists."""
        return Patch("accounts", account["_id"], {"$set": {"asked_at": at}})

    def change_account(self, account: Document, **changes: Any) -> Write:
        """An account that was read, changed."""
        was: int = account["version"]
        return Replace("accounts", account | changes | {"version": was + 1}, was)

    async def activation(self, hashed: str) -> Document | None:
        """An activation link by the hash of its token."""
        return await self._db.loader("activations").get(hashed)

    async def links_since(self, account_id: str, since: datetime) -> int:
        """How many links this account was sent lately."""
        asked = {"account_id": account_id, "asked_at": {"$gt": since}}
        return int(await self._db["activations"].count_documents(asked, limit=10))

    def add_activation(self, activation: Document) -> Write:
        """A link that was just made."""
        return Insert("activations", activation | {"used_at": None})

    def use_activation(self, hashed: str, at: datetime) -> Write:
        """The link is used up; used up twice is a conflict."""
        return Patch("activations", hashed, {"$set": {"used_at": at}}, {"used_at": None})

    async def tries(self, counter: str, since: datetime, limit: int = 200) -> list[Document]:
        """The latest tries under a counter."""
        query = {"counter": counter, "at": {"$gt": since}}
        return await self._db["tries"].find(query).sort("at", -1).limit(limit).to_list(None)

    def add_try(self, id: str, counter: str, at: datetime) -> Write:
        """Somebody tries."""
        return Insert("tries", {"_id": id, "counter": counter, "at": at})

    def forget_tries(self, ids: Iterable[str]) -> list[Write]:
        """Tries that no longer count, since the password was right in the end."""
        return [Remove("tries", id) for id in ids]


def expiry(at: datetime, hours: int) -> datetime:
    """When a link made now ends."""
    return at + timedelta(hours=hours)
