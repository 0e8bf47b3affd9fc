"""Public events are noted, take their places in the feed, and wake whoever waits for them."""

import asyncio
from contextlib import suppress
from datetime import datetime
from typing import Any

from services.notifications.adapters import Adapters
from services.notifications.domain.feed import (
    HELD,
    Event,
    acknowledgement,
    before,
    events,
    in_order,
    noted,
)
from services.notifications.store import Store
from shared import logs
from shared.context import Context
from shared.contracts.events import DepositEvent
from shared.contracts.ingest import DepositSettled
from shared.contracts.workflow import InvoiceOpened, StatusChanged
from shared.errors import Conflict
from shared.outbox import Change, Public
from shared.service import Running

Here = Context[Store, Adapters]
Process = Running[Any, Store, Adapters]
PLACE_SECONDS, LEAD_SECONDS, TAIL_SECONDS, CALM_SECONDS = 0.1, 2.0, 0.1, 2.0
PLACED = 500
TAILED = 1000


async def note_opened(opened: InvoiceOpened, ctx: Here) -> Change:
    """Note the first events of an invoice."""
    return _noted(events(opened), ctx)


async def note_changed(changed: StatusChanged, ctx: Here) -> Change:
    """Note the events of an invoice that changed its status."""
    return _noted(events(changed), ctx)


async def note_settled(settled: DepositSettled, ctx: Here) -> Change:
    """Note the acknowledgement of a file, and put it into its sender's queue if it has one."""
    return await acknowledged(
        acknowledgement(settled, ctx.at), settled.realm, settled.structure, ctx
    )


async def acknowledged(event: DepositEvent, realm: str, structure: str, ctx: Here) -> Change:
    """The change that tells an acknowledgement at every door of a structure."""
    kept = ctx.store.arrived(noted(event, realm, structure), ctx.at, ctx.adapters.events_kept)
    connector = await ctx.store.connector(structure)
    tell = (
        [Public(event, (connector["queue"],))]
        if connector and connector["closed_at"] is None
        else []
    )
    return Change(save=[kept], tell=tell)


def _noted(told: tuple[Event, ...], ctx: Here) -> Change:
    kept = ctx.adapters.events_kept
    return Change(save=[ctx.store.arrived(event, ctx.at, kept) for event in told])


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
        if placed < PLACED:
            await asyncio.sleep(PLACE_SECONDS if lead_until else LEAD_SECONDS)


async def _place(running: Process, at: datetime) -> int:
    """Give places to what may have one now; returns how many."""
    store = running.store
    found = await store.waiting(PLACED)
    if not found:
        return 0
    waiting = [event for event, _ in found]
    patient = {event.id for event, noted_at in found if noted_at < at - HELD}
    known = await store.placed({before(event) for event in waiting if event.sequence > 1})
    chosen = in_order(waiting, known, patient)
    if chosen:
        first = await store.head()
        await running.outbox.apply(Change(save=store.place(chosen, first, at)))
    return len(chosen)


async def follow_feed(running: Process) -> None:
    """Look for new events, for ever, and wake whoever waits for them in this process."""
    tail, seen = running.adapters.tail, 0
    while True:
        try:
            head = await running.store.head()
            if not seen or head - seen > TAILED:
                tail.wake_all()
            elif head > seen:
                for _, to in await running.store.addressees(seen - 1, TAILED):
                    tail.wake(to)
            seen = head
            await asyncio.sleep(TAIL_SECONDS)
        except Exception as error:
            logs.logger().warning("following_failed", error=repr(error)[:300])
            with suppress(Exception):
                tail.wake_all()
            await asyncio.sleep(CALM_SECONDS)
