"""Change, and the only transaction: inbox marks, saves and outbox, all or nothing.

Many changes share one transaction. Marks go first: what was done before is left out and does not
hinder its neighbours. When a transaction fails, it is split until the faulty change is alone.
After the commit the relay publishes at once what is in hand; what a dead process left behind is
found by its lease and published by whoever is alive.
"""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared import clock, metrics, mongo, relay
from shared.contracts.events import DepositEvent
from shared.contracts.message import Message
from shared.contracts.workflow import CloudEvent
from shared.errors import Conflict, Unavailable
from shared.parcel import PARCEL, Fact, pack
from shared.relay import OUTBOX, Relay

INBOX = "inbox"
INBOX_DAYS = 14
COMMIT_SECONDS = 20.0
INDEXES = (
    mongo.Index(INBOX, [("at", 1)], expire_after=INBOX_DAYS * 86400),
    mongo.Index(OUTBOX, [("lease", 1)]),
)


@dataclass(frozen=True, slots=True)
class Public:
    """An event for partners; the first key is its routing key, the others are copies."""

    event: CloudEvent | DepositEvent
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What a handler decided: what to save and what to tell.

    With `once`, the change has its effect only if that mark is new; `value` is kept beside the
    mark.
    """

    save: Sequence[mongo.Write] = ()
    tell: Sequence[Message | Public] = ()
    once: str | None = None
    value: dict[str, Any] | None = None


Outcome = bool | Exception
"""Of one change: True, applied; False, known before; an exception, refused alone."""


class Outbox:
    """Applies changes to the database of one service and sees to it that they are told."""

    def __init__(self, db: mongo.Database, files: mongo.Database, relay: Relay, batch: int) -> None:
        self._db, self._files, self._relay, self._batch = db, files, relay, batch
        self._waiting: list[tuple[Change, asyncio.Future[bool]]] = []
        self._flushing = 0

    async def apply(self, change: Change) -> bool:
        """Apply one change in whatever transaction leaves next; False if its mark was known.

        Raises Conflict when somebody else was faster, Unavailable when the database is out.
        """
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((change, future))
        if self._flushing < 2:
            self._flushing += 1
            asyncio.get_running_loop().create_task(self._flush())
        return await future

    async def _flush(self) -> None:
        try:
            await asyncio.sleep(0)
            while self._waiting:
                taken, self._waiting = self._waiting[: self._batch], self._waiting[self._batch :]
                outcomes = await self.commit([change for change, _ in taken])
                for (_, future), outcome in zip(taken, outcomes, strict=True):
                    if future.done():
                        continue
                    if isinstance(outcome, Exception):
                        future.set_exception(outcome)
                    else:
                        future.set_result(outcome)
        finally:
            self._flushing -= 1

    async def commit(self, changes: Sequence[Change]) -> list[Outcome]:
        """Apply many changes in one transaction; each gets its own outcome, never an exception
        here.
        """
        if not changes:
            return []
        try:
            started = time.monotonic()
            applied, parcels = await self._patiently(changes)
            metrics.COMMIT_SECONDS.observe(time.monotonic() - started)
            metrics.BATCH.observe(len(changes))
        except mongo.Outage as error:
            return [Unavailable("La base de données ne répond pas.", cause=str(error)[:200])] * len(
                changes
            )
        except Exception as error:
            if len(changes) == 1:
                return [_named(error)]
            middle = len(changes) // 2
            return [*await self.commit(changes[:middle]), *await self.commit(changes[middle:])]
        await self._relay.hand_over(parcels)
        return list(applied)

    async def _patiently(
        self, changes: Sequence[Change]
    ) -> tuple[list[bool], list[dict[str, Any]]]:
        """Try again what only met another transaction, with growing pauses, within a limit."""
        deadline = time.monotonic() + COMMIT_SECONDS
        pause = 0.005
        while True:
            try:
                return await self._transaction(changes)
            except mongo.MongoError as error:
                transient = error.has_error_label(
                    "TransientTransactionError"
                ) or _is_write_conflict(error)
                if not transient or time.monotonic() > deadline:
                    raise
            await asyncio.sleep(clock.jitter(pause))
            pause = min(pause * 2, 1.0)

    async def _transaction(
        self, changes: Sequence[Change]
    ) -> tuple[list[bool], list[dict[str, Any]]]:
        at = clock.now()
        async with await self._db.client.start_session() as session:
            session.start_transaction(
                read_concern=mongo.ReadConcern("snapshot"),
                write_concern=mongo.MAJORITY,
                max_commit_time_ms=int(COMMIT_SECONDS * 1000),
            )
            try:
                fresh = await self._mark(changes, at, session)
                kept = [change for change, new in zip(changes, fresh, strict=True) if new]
                await self._save(kept, session)
                rows = _rows(kept, at)
                if rows:
                    await self._db[OUTBOX].insert_many(rows, session=session)
            except BaseException:
                await _abort(session)
                raise
            await _commit(session)
        return fresh, rows

    async def _mark(
        self, changes: Sequence[Change], at: datetime, session: mongo.Session
    ) -> list[bool]:
        marked = [(i, change) for i, change in enumerate(changes) if change.once]
        if not marked:
            return [True] * len(changes)
        result = await self._db[INBOX].bulk_write(
            [
                mongo.UpdateOne(
                    {"_id": change.once},
                    {
                        "$setOnInsert": {
                            "at": at,
                            **({"value": change.value} if change.value else {}),
                        }
                    },
                    upsert=True,
                )
                for _, change in marked
            ],
            session=session,
        )
        new = set(result.upserted_ids or {})
        known = {i for position, (i, _) in enumerate(marked) if position not in new}
        return [i not in known for i in range(len(changes))]

    async def _save(self, changes: Sequence[Change], session: mongo.Session) -> None:
        """One bulk write a collection; those that must find their document are counted."""
        groups: dict[tuple[str, bool], list[mongo.Operation]] = defaultdict(list)
        wanted: Counter[str] = Counter()
        counted: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
        for change in changes:
            for write in change.save:
                if isinstance(write, mongo.Count):
                    counted[write.collection].update(write.rows)
                    continue
                operation, matches = mongo.operation(write)
                groups[write.collection, matches > 0].append(operation)
                wanted[write.collection] += matches
        for name, rows in counted.items():
            if changed := {row: number for row, number in rows.items() if number}:
                groups[name, False].append(mongo.operation(mongo.Count(name, changed))[0])
        for (name, must_match), operations in groups.items():
            collection = (self._files if name == "files" else self._db)[name]
            result = await collection.bulk_write(operations, ordered=True, session=session)
            if must_match and result.matched_count < wanted[name]:
                raise Conflict("Ce document a changé entre-temps.", code="version-conflict")

    async def backlog(self, queues: Iterable[str]) -> int:
        """What is saved and not told, and what waits in these queues."""
        return await self._relay.depth(queues)

    async def value(self, once: str) -> dict[str, Any] | None:
        """What was kept beside a mark."""
        found = await self._db[INBOX].find_one({"_id": once})
        return found and (found.get("value") or {})


def _rows(changes: Sequence[Change], at: datetime) -> list[dict[str, Any]]:
    """The outbox rows of a transaction: facts by topic in parcels, public events as they are."""
    facts: dict[str, list[Fact]] = defaultdict(list)
    together: dict[str, int] = {}
    public: list[dict[str, Any]] = []
    for change in changes:
        for told in change.tell:
            if isinstance(told, Public):
                body = told.event.model_dump_json().encode()
                public.append({"id": told.event.id, "keys": list(told.keys), "body": body})
            else:
                together[told.TOPIC] = min(told.TOGETHER, PARCEL)
                facts[told.TOPIC].append(
                    Fact(clock.new_id(), told.TOPIC, told.model_dump(mode="json"))
                )
    lease = at + timedelta(seconds=relay.LEASE_SECONDS)
    rows = [
        {
            "_id": clock.new_id(),
            "topic": topic,
            "body": pack(several[i : i + together[topic]]),
            "lease": lease,
        }
        for topic, several in facts.items()
        for i in range(0, len(several), together[topic])
    ]
    rows += [
        {"_id": clock.new_id(), "public": public[i : i + PARCEL], "lease": lease}
        for i in range(0, len(public), PARCEL)
    ]
    return rows


async def _commit(session: mongo.Session) -> None:
    """Commit, and repeat only the commit when its result is unknown."""
    for attempt in range(5):
        try:
            await session.commit_transaction()
            return
        except mongo.MongoError as error:
            if attempt == 4 or not error.has_error_label("UnknownTransactionCommitResult"):
                raise
            await asyncio.sleep(0.1 * 2**attempt)


async def _abort(session: mongo.Session) -> None:
    try:
        await session.abort_transaction()
    except mongo.MongoError:
        return  # the server ends it by itself


def _is_write_conflict(error: mongo.MongoError) -> bool:
    details = error.details if isinstance(error, mongo.BulkWriteError) else {}
    return any(fault.get("code") == 112 for fault in (details or {}).get("writeErrors", ()))


def _named(error: Exception) -> Exception:
    """A broken unique index is a conflict; the rest keeps its name."""
    duplicate = isinstance(error, mongo.DuplicateKeyError) or (
        isinstance(error, mongo.BulkWriteError)
        and any(fault.get("code") == 11000 for fault in error.details.get("writeErrors", ()))
    )
    return Conflict("Cet élément existe déjà.", code="already-exists") if duplicate else error
