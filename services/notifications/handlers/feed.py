"""Public events are noted, take their places in the feed, and wake whoever waits for them."""

import asyncio
from contextlib import suppress
from datetime import datetime
from typing import Any

from services.notifications.adapters import Adapters
from services.notifications.domain.feed import (
    HELD,
    Arrival,
    Event,
    acknowledgement,
    before,
    events,
    in_order,
    noted,
)
from services.notifications.handlers.pickups import wanted
from services.notifications.store import Store
from shared import logs
from shared.context import Context
from shared.contracts.events import DepositEvent
from shared.contracts.ingest import DepositSettled
from shared.contracts.workflow import InvoiceOpened, StatusChanged
from shared.errors import Conflict
from shared.mongo import Insert
from shared.outbox import Change, Public
from shared.service import Running

Here = Context[Store, Adapters]
Process = Running[Any, Store, Adapters]
PLACE_SECONDS, LEAD_SECONDS, TAIL_SECONDS, CALM_SECONDS = 0.1, 2.0, 0.1, 2.0
TOGETHER = 200
"""Arrivals that take their places in one transaction."""
TAILED = 1000


async def note_opened(opened: InvoiceOpened, ctx: Here) -> Change:
    """Note the first events of an invoice, and have it made ready for who picks it up."""
    asked = await wanted(opened, ctx, opened.deposit_id, opened.item)
    return Change(save=[_arrived(events(opened), ctx)], tell=asked)


async def note_changed(changed: StatusChanged, ctx: Here) -> Change:
    """Note the events of an invoice that changed its status."""
    return Change(save=[_arrived(events(changed), ctx)], tell=await wanted(changed, ctx))


async def note_settled(settled: DepositSettled, ctx: Here) -> Change:
    """Note the acknowledgement of a file, and put it into its sender's queue if it has one."""
    return await acknowledged(
        acknowledgement(settled, ctx.at), settled.realm, settled.structure, ctx
    )


async def acknowledged(event: DepositEvent, realm: str, structure: str, ctx: Here) -> Change:
    """The change that tells an acknowledgement at every door of a structure."""
    kept = _arrived((noted(event, realm, structure),), ctx)
    connector = await ctx.store.connector(structure)
    tell = (
        [Public(event, (connector["queue"],))]
        if connector and connector["closed_at"] is None
        else []
    )
    return Change(save=[kept], tell=tell)


def _arrived(told: tuple[Event, ...], ctx: Here) -> Insert:
    until = ctx.at + ctx.adapters.events_kept
    return ctx.store.arrived(Arrival(ctx.new_id(), ctx.at, until, told))


async def place_events(running: Process) -> None:
    """Give places to the events that were noted, for ever, in one process at a time."""
    clock, lead_until = asyncio.get_running_loop().time, 0.0
    while True:
        placed = 0
        try:
            if clock() >= lead_until:
                leads = await running.store.lead(running.adapters.holder, running.context().at)
                lead_until = clock() + LEAD_SECONDS if leads else 0.0
            if lead_until:
                placed = await _place(running, running.context().at)
        except Conflict:
            lead_until = 0.0  # another process gave places meanwhile
        except Exception as error:
            logs.logger().warning("placing_failed", error=repr(error)[:300])
        if placed < TOGETHER:
            await asyncio.sleep(PLACE_SECONDS if lead_until else LEAD_SECONDS)


async def _place(running: Process, at: datetime) -> int:
    """Give places to what may have one now; returns how many arrivals are done with."""
    store = running.store
    arrivals = await store.arrivals(TOGETHER)
    if not arrivals:
        return 0
    events = [event for arrival in arrivals for event in arrival.events]
    earlier = {before(event) for event in events if event.sequence > 1}
    known = await store.placed(earlier | {event.id for event in events})
    chosen = in_order(arrivals, known, at - HELD)
    there = known | {event.id for event, _ in chosen}
    over = [one.id for one in arrivals if all(event.id in there for event in one.events)]
    if chosen or over:
        await running.outbox.apply(Change(store.place(chosen, await store.head(), over, at)))
    return len(over)


async def follow_feed(running: Process) -> None:
    """Look for new events, for ever, and wake whoever waits for them in this process."""
    tail, seen = running.adapters.tail, 0
    while True:
        try:
            head = await running.store.head()
            if not seen or head - seen > TAILED:
                tail.wake_all()
            elif head > seen and not tail.idle:
                for _, to in await running.store.addressees(seen - 1, TAILED):
                    tail.wake(to)
            seen = head
            await asyncio.sleep(TAIL_SECONDS)
        except Exception as error:
            logs.logger().warning("following_failed", error=repr(error)[:300])
            with suppress(Exception):
                tail.wake_all()
            await asyncio.sleep(CALM_SECONDS)
