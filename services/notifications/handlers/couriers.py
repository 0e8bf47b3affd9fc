"""Couriers: one for each webhook, in one process at a time, so that none waits for another."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from services.notifications.adapters import Adapters
from services.notifications.domain.feed import everything
from services.notifications.domain.webhooks import (
    GONE,
    MOST_OPEN,
    PAUSES,
    TRIPPED,
    Delivery,
    Webhook,
    probe_pause,
    said,
    signed,
)
from services.notifications.store import Store
from shared import logs
from shared.contracts.webhooks import Attempt, WebhookSwitchedOff
from shared.errors import Conflict
from shared.outbox import Change
from shared.service import Running

Process = Running[Any, Store, Adapters]
TAKE_SECONDS, IDLE_SECONDS, CALM_SECONDS = 1.0, 10.0, 1.0
TAKEN = 50
BATCH, AT_ONCE = 50, 8


async def deliver_events(running: Process) -> None:
    """Hold the leases of webhooks, and a courier for each one held, for ever."""
    couriers: dict[str, asyncio.Task[None]] = {}
    holder, store = running.adapters.holder, running.store
    try:
        while True:
            try:
                held = await store.take_webhooks(holder, running.context().at, TAKEN)
                for id in held - couriers.keys():
                    couriers[id] = asyncio.create_task(_courier(running, id))
                for id in couriers.keys() - held:
                    couriers[id].cancel()
                couriers = {id: task for id, task in couriers.items() if not task.done()}
            except Exception as error:
                logs.logger().warning("leasing_failed", error=repr(error)[:300])
            await asyncio.sleep(TAKE_SECONDS)
    finally:
        for task in couriers.values():
            task.cancel()
        await asyncio.gather(*couriers.values(), return_exceptions=True)
        await store.release_webhooks(holder, running.context().at)


async def _courier(running: Process, id: str) -> None:
    """Carry the events of one webhook, for as long as it is held and on."""
    while True:
        try:
            webhook = await running.store.webhook(id)
            if webhook is None or not webhook.on:
                return
            round = Round(running, webhook)
            tail, to = running.adapters.tail, everything(webhook.structure)[0].to
            with tail.waits((*to, id)) as woken, tail.waits((id,)) as called:
                if wait := await round.carry():
                    await _rest(called if round.tripped else woken, wait)
        except Conflict:
            await asyncio.sleep(0)  # its owners changed it meanwhile: read it again
        except Exception as error:
            logs.logger().warning("courier_failed", webhook=id, error=repr(error)[:300])
            await asyncio.sleep(CALM_SECONDS)


async def _rest(woken: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(woken.wait(), seconds)
    except TimeoutError:
        return


class Round:
    """One round of a courier: what is due again, then what is new, and one change in the end."""

    def __init__(self, running: Process, webhook: Webhook) -> None:
        self._running, self._was, self._now = running, webhook, webhook
        self._at = running.context().at
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._done: list[Delivery] = []
        self._gone = False

    @property
    def tripped(self) -> bool:
        """Whether the webhook is only probed from now on."""
        return self._now.tripped

    async def carry(self) -> float:
        """Carry what there is; returns the seconds to rest, none when there is more at once."""
        store, webhook = self._running.store, self._was
        waiting = await store.open_sendings(webhook.id, MOST_OPEN)
        queues: dict[str, list[Delivery]] = defaultdict(list)
        for delivery in waiting:
            queues[delivery.event.subject].append(delivery)
        due = [
            queue
            for queue in queues.values()
            if queue[0].next_try_at is None or queue[0].next_try_at <= self._at
        ]
        if webhook.tripped:
            due = [queue[:1] for queue in due[:1]]
        fresh: list[Delivery] = []
        if not (webhook.tripped and waiting) and len(waiting) < MOST_OPEN:
            fresh = await self._fresh()
        behind = [one for one in fresh if one.event.subject in queues]
        self._done += behind
        new: dict[str, list[Delivery]] = defaultdict(list)
        for one in fresh:
            if one.event.subject not in queues:
                new[one.event.subject].append(one)
        await asyncio.gather(*(self._queue(queue) for queue in (*due, *new.values())))
        if fresh:
            self._now = replace(self._now, cursor=fresh[-1].event.position)
        if self._done:
            await self._commit()
        return self._rest(len(fresh), waiting)

    async def _fresh(self) -> list[Delivery]:
        """What comes next in the feed; of a webhook that is only probed, one event."""
        webhook, store = self._was, self._running.store
        most = 1 if webhook.tripped else BATCH
        shares = everything(webhook.structure)
        found = await store.read(shares, webhook.cursor, most, types=webhook.types)
        fresh = [Delivery(webhook.id, event) for event in found]
        known = await store.known_sendings([one.id for one in fresh])
        return [
            replace(one, version=known[one.id].version, attempts=known[one.id].attempts)
            if one.id in known
            else one
            for one in fresh
        ]

    async def _queue(self, queue: Sequence[Delivery]) -> None:
        """The events of one invoice, one after the other, until one is not taken."""
        held_up = False
        async with self._turn:
            for delivery in queue:
                if held_up or self._gone:
                    waits = delivery if held_up else self._later(delivery)
                    self._done.append(waits)
                elif self._now.failures - self._was.failures >= TRIPPED:
                    self._done.append(self._later(delivery))
                    held_up = True
                else:
                    after = await self._try(delivery)
                    self._done.append(after)
                    held_up = after.state == "WAITING"

    def _later(self, delivery: Delivery) -> Delivery:
        """Not tried, since so much else failed; it counts as no try."""
        return replace(delivery, next_try_at=delivery.next_try_at or self._at + PAUSES[0])

    async def _try(self, delivery: Delivery) -> Delivery:
        attempt, retry_after = await post(self._running, self._now, delivery)
        self._now = self._now.answered(attempt)
        self._gone = self._gone or attempt.status == GONE
        return delivery.after(attempt, retry_after)

    async def _commit(self) -> None:
        store, holder = self._running.store, self._running.adapters.holder
        at = self._running.context().at
        off = self._switched_off(at)
        save = [store.progress(self._now, self._was, holder)]
        await self._running.outbox.apply(
            Change(
                save=[*save, *(store.sent_out(one, at) for one in self._done)],
                tell=[off] if off else [],
            )
        )

    def _switched_off(self, at: datetime) -> WebhookSwitchedOff | None:
        """Whether it is told nothing from now on: it said so, or it failed for too long."""
        since = self._now.failing_since
        failed = since is not None and at - since >= self._running.adapters.webhook_patience
        if not (self._gone or failed):
            return None
        self._now = replace(self._now, on=False, off_cause="gone" if self._gone else "failing")
        return WebhookSwitchedOff(
            webhook_id=self._now.id,
            realm=self._now.realm,
            structure=self._now.structure,
            url=self._now.url,
            cause="gone" if self._gone else "failing",
            last_error=self._now.last_error or "",
            failing_since=since,
            at=at,
        )

    def _rest(self, fresh: int, waiting: Sequence[Delivery]) -> float:
        """Seconds until there may be something to do."""
        if self.tripped:
            return probe_pause(self._now.failures).total_seconds()
        if fresh == BATCH or any(one.state != "WAITING" for one in self._done):
            return 0
        stands = {one.id: one for one in (*waiting, *self._done)}
        nexts = [one.next_try_at for one in stands.values() if one.next_try_at]
        left = (min(nexts) - self._running.context().at).total_seconds() if nexts else IDLE_SECONDS
        return min(max(left, 0.01), IDLE_SECONDS)


async def post(
    running: Process, webhook: Webhook, delivery: Delivery
) -> tuple[Attempt, timedelta | None]:
    """Post one event now, signed by every live secret."""
    at = running.context().at
    event = delivery.event
    headers = signed(webhook.live_secrets(at), event.id, at, event.body)
    attempt, after = await running.adapters.poster.post(webhook.url, headers, event.body, at)
    if attempt.error:
        logs.logger().info("webhook_failed", webhook=webhook.id, error=said(attempt))
    return attempt, after
