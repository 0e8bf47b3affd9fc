"""The relay publishes outbox rows with confirms and removes them after.

It publishes at once what its own process committed; what a dead process left behind is found by its
lease and published by whoever is alive. A row may so be told twice, and never not at all.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from shared import clock, logs, metrics, mongo
from shared.broker import Broker
from shared.parcel import FACTS, PUBLIC, Parcel
from shared.wire import BrokerError

OUTBOX = "outbox"
LEASE_SECONDS = 15
SWEEP_SECONDS = 2.0
HAND_OVER_SECONDS = 1.0


class Relay:
    """Publishes outbox rows with confirms and removes them after."""

    def __init__(
        self, db: mongo.Database, facts: Broker, partners: Broker | None, limit: int = 200
    ) -> None:
        self._db, self._facts, self._partners = db, facts, partners
        self._rows: asyncio.Queue[dict[str, Any]] = asyncio.Queue(limit)
        self._log = logs.logger()

    async def hand_over(self, rows: Sequence[dict[str, Any]]) -> None:
        """Take rows that were just committed, making their writer wait a little when too many wait.

        What finds no place is left to the sweep.
        """
        try:
            async with asyncio.timeout(HAND_OVER_SECONDS):
                for row in rows:
                    await self._rows.put(row)
        except TimeoutError:
            self._log.warning("left_to_the_sweep", rows=len(rows))
        metrics.OUTBOX_WAITING.set(self._rows.qsize())

    @property
    def idle(self) -> bool:
        """Whether nothing is in hand."""
        return self._rows.empty()

    async def run(self) -> None:
        """Publish what is handed over, for ever."""
        while True:
            rows = [await self._rows.get()]
            while len(rows) < 20 and not self._rows.empty():
                rows.append(self._rows.get_nowait())
            try:
                await self.publish(rows, "fast")
            except Exception as error:
                self._log.warning("relay_failed", error=repr(error)[:300])
            finally:
                for _ in rows:
                    self._rows.task_done()
                metrics.OUTBOX_WAITING.set(self._rows.qsize())

    async def drain(self, seconds: float) -> None:
        """Wait until what is in hand is published, at most this long."""
        try:
            await asyncio.wait_for(self._rows.join(), seconds)
        except asyncio.TimeoutError:
            self._log.warning("relay_not_drained", rows=self._rows.qsize())

    async def publish(self, rows: Sequence[dict[str, Any]], way: str) -> None:
        """Publish rows in order; those wholly confirmed are removed, others wait for the sweep."""
        confirmed = []
        for broker, chosen in (
            (self._facts, [r for r in rows if "topic" in r]),
            (self._partners, [r for r in rows if "public" in r]),
        ):
            if not chosen:
                continue
            if broker is None:
                self._log.error("no_partner_broker", rows=len(chosen))
                continue
            parcels = [_parcels(row) for row in chosen]
            errors = await broker.publish([parcel for several in parcels for parcel in several])
            position = 0
            for row, several in zip(chosen, parcels, strict=True):
                failed = [e for e in errors[position : position + len(several)] if e]
                position += len(several)
                if failed:
                    self._log.warning("publish_failed", row=row["_id"], error=repr(failed[0])[:300])
                else:
                    confirmed.append(row["_id"])
        if confirmed:
            await self._db[OUTBOX].delete_many({"_id": {"$in": confirmed}})
            metrics.OUTBOX_PUBLISHED.labels(way).inc(len(confirmed))

    async def sweep(self) -> None:
        """Publish, for ever, the rows whose lease has run out: their process died or could not."""
        while True:
            try:
                while await self._sweep_once():
                    pass
            except Exception as error:
                self._log.warning("sweep_failed", error=repr(error)[:300])
            await asyncio.sleep(clock.jitter(SWEEP_SECONDS))

    async def _sweep_once(self) -> bool:
        now, mine = clock.now(), clock.new_id()
        outbox = self._db[OUTBOX]
        late = {"lease": {"$lt": now}}
        ids = [row["_id"] async for row in outbox.find(late, {"_id": 1}).sort("_id", 1).limit(20)]
        if not ids or not self._facts.connected:
            return False
        lease = now + timedelta(seconds=LEASE_SECONDS)
        await outbox.update_many(
            {"_id": {"$in": ids}, **late}, {"$set": {"lease": lease, "by": mine}}
        )
        rows = [row async for row in outbox.find({"_id": {"$in": ids}, "by": mine}).sort("_id", 1)]
        await self.publish(rows, "sweep")
        return len(ids) == 20

    async def depth(self, queues: Iterable[str] = ()) -> int:
        """How much is on its way: rows in the database, and messages in these queues."""
        rows = int(await self._db[OUTBOX].count_documents({}))
        try:
            return rows + await self._facts.depth(queues)
        except BrokerError:
            return rows


def _parcels(row: dict[str, Any]) -> list[Parcel]:
    if "topic" in row:
        return [Parcel(FACTS, (row["topic"],), row["body"], row["_id"])]
    return [
        Parcel(PUBLIC, tuple(e["keys"]), e["body"], e["id"], "application/cloudevents+json")
        for e in row["public"]
    ]
