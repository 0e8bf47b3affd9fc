"""The feed of public events.

An event is noted without a place, and takes its place later, in a transaction that also moves the
one counter of places on: so places are taken in the order of commits, and whoever has read up to a
place has missed nothing before it. The lease of whoever gives places is written at once, outside
any change; it saves work only, since the counter alone decides.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.notifications.domain.feed import Event, Share
from shared.mongo import Database, Document, Index, Keep, Patch, Write

EVENTS, PLACES = "events", "places"
COLLECTIONS = (EVENTS, PLACES)
INDEXES = (
    Index(EVENTS, [("to", 1), ("position", 1)]),
    Index(EVENTS, [("position", 1)], unique=True, where={"position": {"$gt": 0}}),
    Index(EVENTS, [("placed_at", 1), ("position", 1)], where={"position": {"$gt": 0}}),
    Index(EVENTS, [("noted_at", 1)], where={"waiting": True}),
    Index(EVENTS, [("kept_until", 1)], expire_after=0),
)
FEED = "feed"
PLACER_LEASE = timedelta(seconds=5)


class Feed:
    """Events in their places."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def arrived(self, event: Event, at: datetime, kept: timedelta) -> Keep:
        """An event that has no place yet; noted twice it is one."""
        return Keep(
            EVENTS,
            {
                "_id": event.id,
                "realm": event.realm,
                "type": event.type,
                "subject": event.subject,
                "sequence": event.sequence,
                "to": list(event.to),
                "department": event.department,
                "at": event.at,
                "body": event.body,
                "noted_at": at,
                "kept_until": at + kept,
                "waiting": True,
            },
        )

    async def lead(self, holder: str, at: datetime) -> bool:
        """Whether this process gives places, until its lease ends."""
        await self._db[PLACES].update_one(
            {"_id": FEED}, {"$setOnInsert": {"next": 1, "holder": None, "lease": at}}, upsert=True
        )
        mine = {"_id": FEED, "$or": [{"holder": holder}, {"lease": {"$lte": at}}]}
        lease = {"$set": {"holder": holder, "lease": at + PLACER_LEASE}}
        return await self._db[PLACES].find_one_and_update(mine, lease) is not None

    async def head(self) -> int:
        """The place that the next event takes."""
        found = await self._db[PLACES].find_one({"_id": FEED}, {"next": 1})
        return int(found["next"]) if found else 1

    async def waiting(self, limit: int) -> list[tuple[Event, datetime]]:
        """The events without a place, those noted first before others, and when they were noted."""
        found = self._db[EVENTS].find({"waiting": True}).sort("noted_at", 1)
        return [(_event(row), row["noted_at"]) for row in await found.to_list(limit)]

    async def placed(self, ids: Collection[str]) -> set[str]:
        """Which of these events have their place."""
        query = {"_id": {"$in": list(ids)}, "position": {"$gt": 0}}
        return {row["_id"] async for row in self._db[EVENTS].find(query, {"_id": 1})}

    def place(self, events: Sequence[Event], first: int, at: datetime) -> list[Write]:
        """These events take the places from `first` on; a conflict when somebody was faster."""
        moved = Patch(PLACES, FEED, {"$set": {"next": first + len(events)}}, {"next": first})
        return [
            moved,
            *(
                Patch(
                    EVENTS,
                    event.id,
                    {"$set": {"position": place, "placed_at": at}, "$unset": {"waiting": ""}},
                    {"waiting": True},
                )
                for place, event in enumerate(events, first)
            ),
        ]

    async def oldest(self) -> int:
        """The first place that is still kept; the next one to be taken when none is."""
        query = {"position": {"$gt": 0}}
        found = await self._db[EVENTS].find_one(query, {"position": 1}, sort=[("position", 1)])
        return int(found["position"]) if found else await self.head()

    async def since(self, at: datetime) -> int:
        """The place before the first event that took its place at or after a moment."""
        query = {"position": {"$gt": 0}, "placed_at": {"$gte": at}}
        order = [("placed_at", 1), ("position", 1)]
        found = await self._db[EVENTS].find_one(query, {"position": 1}, sort=order)
        return int(found["position"]) - 1 if found else await self.head() - 1

    async def read(
        self,
        shares: Iterable[Share],
        after: int,
        limit: int,
        *,
        types: Collection[str] = (),
        until: int | None = None,
    ) -> list[Event]:
        """The events of these shares after a place, in their order."""
        clauses = [_clause(share) for share in shares]
        if not clauses:
            return []
        span = {"$gt": after} if until is None else {"$gt": after, "$lt": until}
        query: dict[str, Any] = {"position": span}
        query |= clauses[0] if len(clauses) == 1 else {"$or": clauses}
        if types:
            query["type"] = {"$in": list(types)}
        found = self._db[EVENTS].find(query).sort("position", 1)
        return [_event(row) for row in await found.to_list(limit)]

    async def latest(self, shares: Iterable[Share], limit: int) -> list[Event]:
        """The newest events of these shares, in their order."""
        query: dict[str, Any] = {"position": {"$gt": 0}}
        query |= {"$or": [_clause(share) for share in shares]}
        found = await self._db[EVENTS].find(query).sort("position", -1).to_list(limit)
        return [_event(row) for row in reversed(found)]

    async def event(self, id: str) -> Event | None:
        """An event that is kept and has its place."""
        found = await self._db[EVENTS].find_one({"_id": id, "position": {"$gt": 0}})
        return _event(found) if found else None

    async def addressees(self, after: int, limit: int) -> list[tuple[int, tuple[str, ...]]]:
        """For whom the events after a place are: their places, and who may read them."""
        found = self._db[EVENTS].find({"position": {"$gt": after}}, {"position": 1, "to": 1})
        rows = await found.sort("position", 1).to_list(limit)
        return [(row["position"], tuple(row["to"])) for row in rows]


def _clause(share: Share) -> Document:
    part: Document = {"to": {"$in": list(share.to)}}
    return part | ({"department": {"$in": list(share.departments)}} if share.departments else {})


def _event(row: Document) -> Event:
    return Event(
        id=row["_id"],
        realm=row["realm"],
        type=row["type"],
        subject=row["subject"],
        sequence=row["sequence"],
        to=tuple(row["to"]),
        department=row["department"],
        at=row["at"],
        body=row["body"],
        position=row.get("position", 0),
    )
