"""The feed of public events.

Events arrive beside the feed, and take their places later, in a transaction that also moves the
one counter of places on: so places are taken in the order of commits, and whoever has read up to a
place has missed nothing before it. The lease of whoever gives places is written at once, outside
any change; it saves work only, since the counter alone decides.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.notifications.domain.feed import Arrival, Event, Share
from shared.mongo import Database, Document, Index, Insert, Patch, Remove, Write

ARRIVALS, EVENTS, PLACES = "arrivals", "events", "places"
COLLECTIONS = (ARRIVALS, EVENTS, PLACES)
INDEXES = (
    Index(EVENTS, [("to", 1), ("position", 1)]),
    Index(EVENTS, [("position", 1)], unique=True, where={"position": {"$gt": 0}}),
    Index(EVENTS, [("kept_until", 1)], expire_after=0),
)
FEED = "feed"
PLACER_LEASE = timedelta(seconds=5)


class Feed:
    """Events in their places."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def arrived(self, arrival: Arrival) -> Insert:
        """Events that have no place yet."""
        events = [_stored(event) for event in arrival.events]
        when = {"at": arrival.at, "kept_until": arrival.kept_until}
        return Insert(ARRIVALS, {"_id": arrival.id, **when, "events": events})

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

    async def arrivals(self, limit: int) -> list[Arrival]:
        """The events without a place, those that came first before others."""
        found = self._db[ARRIVALS].find({}).sort("_id", 1).limit(limit)
        return [
            Arrival(row["_id"], row["at"], row["kept_until"], tuple(map(_event, row["events"])))
            for row in await found.to_list(limit)
        ]

    async def placed(self, ids: Collection[str]) -> set[str]:
        """Which of these events have their place."""
        found = self._db[EVENTS].find({"_id": {"$in": list(ids)}}, {"_id": 1})
        return {row["_id"] async for row in found}

    def place(
        self,
        events: Sequence[tuple[Event, datetime]],
        first: int,
        over: Iterable[str],
        at: datetime,
    ) -> list[Write]:
        """Events, each with how long it is kept, take the places from `first` on.

        `over` names the arrivals that are done with. A conflict when somebody was faster.
        """
        moved = Patch(PLACES, FEED, {"$set": {"next": first + len(events)}}, {"next": first})
        there = [
            Insert(EVENTS, {**_stored(event), "kept_until": kept, "position": n, "placed_at": at})
            for n, (event, kept) in enumerate(events, first)
        ]
        return [moved, *there, *(Remove(ARRIVALS, id) for id in over)]

    async def oldest(self) -> int:
        """The first place that is still kept; the next one to be taken when none is."""
        query = {"position": {"$gt": 0}}
        found = await self._db[EVENTS].find_one(query, {"position": 1}, sort=[("position", 1)])
        return int(found["position"]) if found else await self.head()

    async def since(self, at: datetime) -> int:
        """The place before the first event that took its place at or after a moment.

        Places are taken in the order of time, so half of them fall out with each look.
        """
        low, high = await self.oldest(), await self.head()
        while low < high:
            middle = {"position": {"$gte": (low + high) // 2}}
            found = await self._db[EVENTS].find_one(
                middle, {"position": 1, "placed_at": 1}, sort=[("position", 1)]
            )
            if found is None or found["placed_at"] >= at:
                high = (low + high) // 2
            else:
                low = int(found["position"]) + 1
        return low - 1

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
        query = {"$or": [_clause(share) for share in shares]}
        found = await self._db[EVENTS].find(query).sort("position", -1).to_list(limit)
        return [_event(row) for row in reversed(found)]

    async def event(self, id: str) -> Event | None:
        """An event that is kept and has its place."""
        found = await self._db[EVENTS].find_one({"_id": id})
        return _event(found) if found else None

    async def addressees(self, after: int, limit: int) -> list[tuple[int, tuple[str, ...]]]:
        """For whom the events after a place are: their places, and who may read them."""
        found = self._db[EVENTS].find({"position": {"$gt": after}}, {"position": 1, "to": 1})
        rows = await found.sort("position", 1).to_list(limit)
        return [(row["position"], tuple(row["to"])) for row in rows]


def _clause(share: Share) -> Document:
    part: Document = {"to": {"$in": list(share.to)}}
    return part | ({"department": {"$in": list(share.departments)}} if share.departments else {})


def _stored(event: Event) -> Document:
    return {
        "_id": event.id,
        "realm": event.realm,
        "type": event.type,
        "subject": event.subject,
        "sequence": event.sequence,
        "to": list(event.to),
        "department": event.department,
        "at": event.at,
        "body": event.body,
    }


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
