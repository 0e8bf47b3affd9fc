"""Sessions, challenges, links by mail, and what happened to an account."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from shared.mongo import Database, Document, Index, Insert, Patch, Write

COLLECTIONS = ("challenges", "events", "links", "sessions")
INDEXES = (
    Index("sessions", [("secret", 1)], unique=True),
    Index("sessions", [("account_id", 1), ("ended_at", 1)]),
    Index("sessions", [("ends_at", 1)], expire_after=86400),
    Index("challenges", [("expires_at", 1)], expire_after=3600),
    Index("links", [("expires_at", 1)], expire_after=30 * 86400),
    Index("links", [("to", 1), ("asked_at", 1)]),
    Index("links", [("change", 1)]),
    Index("links", [("account_id", 1), ("used_at", 1)]),
    Index("accounts", [("factors.passkeys.id", 1)]),
    Index("events", [("account_id", 1), ("at", -1)]),
    Index("events", [("at", 1)], expire_after=365 * 86400),
)
MOST_EVENTS = 1000


class Entries:
    """The ways into an account, and their trace."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def session(self, id: str) -> Document | None:
        """A session by its id."""
        return await self._db.loader("sessions").get(id)

    async def session_by_secret(self, hashed: str) -> Document | None:
        """A session by the hash of its secret."""
        return await self._db.loader("sessions", "secret").get(hashed)

    async def sessions(self, account_id: str) -> list[Document]:
        """The sessions of an account that nobody ended, newest first; some may have run out."""
        query = {"account_id": account_id, "ended_at": None}
        found = self._db["sessions"].find(query).sort("_id", -1)
        return await found.to_list(None)

    def open_session(self, session: Document) -> Write:
        """A session that begins."""
        return Insert("sessions", session | {"ended_at": None})

    def touch_session(self, id: str, at: datetime, source: str, device: str | None) -> Write:
        """A session is used; one that has ended meanwhile is a conflict."""
        used = {"$set": {"source": source, "device": device}, "$max": {"used_at": at}}
        return Patch("sessions", id, used, {"ended_at": None})

    def end_sessions(self, sessions: Iterable[Document], at: datetime) -> list[Write]:
        """These sessions are over."""
        return [Patch("sessions", row["_id"], {"$set": {"ended_at": at}}) for row in sessions]

    async def account_by_passkey(self, id: str) -> Document | None:
        """The account that a passkey belongs to."""
        return await self._db["accounts"].find_one({"factors.passkeys.id": id})

    async def challenge(self, hashed: str) -> Document | None:
        """A challenge by the hash of its token."""
        return await self._db.loader("challenges").get(hashed)

    def set_challenge(self, challenge: Document) -> Write:
        """A question that waits for its answer."""
        return Insert("challenges", challenge | {"used_at": None})

    def use_challenge(self, hashed: str, at: datetime) -> Write:
        """The question is answered; answered twice is a conflict."""
        return Patch("challenges", hashed, {"$set": {"used_at": at}}, {"used_at": None})

    async def link(self, hashed: str, purpose: str) -> Document | None:
        """A link by the hash of its token; a link of another purpose is none."""
        found = await self._db.loader("links").get(hashed)
        return found if found and found["purpose"] == purpose else None

    async def links_lately(self, to: str, since: datetime) -> int:
        """How many links an address was sent lately, whoever it belongs to."""
        asked = {"to": to, "asked_at": {"$gt": since}}
        return int(await self._db["links"].count_documents(asked, limit=10))

    async def links_of_change(self, change: str) -> list[Document]:
        """Both ends of a change of address."""
        return await self._db["links"].find({"change": change}).to_list(4)

    def add_link(self, link: Document) -> Write:
        """A link that was just made."""
        return Insert("links", link | {"used_at": None})

    def use_link(self, hashed: str, at: datetime) -> Write:
        """The link is used up; used up twice is a conflict."""
        return Patch("links", hashed, {"$set": {"used_at": at}}, {"used_at": None})

    def hold_links(self, links: Iterable[Document]) -> list[Write]:
        """These links are unused still, or it is a conflict."""
        return [
            Patch("links", row["_id"], {"$set": {"held": True}}, {"used_at": None}) for row in links
        ]

    def close_links(self, links: Iterable[Document], at: datetime) -> list[Write]:
        """These links open nothing any more."""
        return [Patch("links", row["_id"], {"$set": {"used_at": at}}) for row in links]

    async def links_of(self, account_id: str) -> list[Document]:
        """The links of an account that may open something still."""
        query = {"account_id": account_id, "used_at": None}
        return await self._db["links"].find(query).to_list(100)

    async def events(self, account_id: str) -> list[Document]:
        """What happened to an account, newest first."""
        found = self._db["events"].find({"account_id": account_id}).sort("at", -1)
        return await found.to_list(MOST_EVENTS)

    async def clients_by(self, account_id: str) -> list[Document]:
        """The technical clients that somebody made."""
        query = {"created_by": account_id}
        return await self._db["clients"].find(query, {"secrets": 0}).to_list(MOST_EVENTS)

    def forget_contact(self, client_id: str) -> Write:
        """A technical client goes on without the address of a person who left."""
        return Patch("clients", client_id, {"$set": {"contact": None}, "$inc": {"version": 1}})

    def note(self, id: str, account_id: str, what: str, at: datetime, **more: Any) -> Write:
        """Write down what happened to an account."""
        return Insert(
            "events", {"_id": id, "account_id": account_id, "what": what, "at": at} | more
        )
