"""Delays that have passed have their effect, once, whoever sees to it and however often it dies."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from services.workflow.domain.delays import Timer
from services.workflow.domain.lapse import lapse
from services.workflow.store import Store
from services.workflow.store.changes import Moved, change
from shared import logs
from shared.errors import Conflict
from shared.outbox import Change

TOGETHER = 20
"""Delays that are seen to at once."""
ATTEMPTS = 5
"""Fresh looks at an invoice that others are changing; after them its lease brings it back."""
Apply = Callable[[Change], Awaitable[bool]]


async def see_to(store: Store, apply: Apply, at: datetime) -> int:
    """See to some of the delays that have passed at a time; how many there were."""
    claimed = await asyncio.gather(*(store.claim(at) for _ in range(TOGETHER)))
    due = [timer for timer in claimed if timer]
    outcomes = await asyncio.gather(
        *(end(timer, store, apply) for timer in due), return_exceptions=True
    )
    for timer, outcome in zip(due, outcomes, strict=True):
        if isinstance(outcome, BaseException):
            logs.logger().warning("delay_waits", timer=timer.id, error=repr(outcome)[:300])
    return len(due)


async def end(timer: Timer, store: Store, apply: Apply) -> None:
    """Let one delay have its effect; the mark makes it one, however many try."""
    for attempt in range(ATTEMPTS):
        try:
            await apply(await effect(timer, store))
            return
        except Conflict:
            if attempt == ATTEMPTS - 1:
                raise


async def effect(timer: Timer, store: Store) -> Change:
    """What a delay does, as one change with its own removal."""
    record = await store.invoice(timer.invoice_id)
    once, over = timer.mark, store.over(timer)
    if record is None:
        return Change([over], once=once)
    lapsed = lapse(record, timer)
    if lapsed.record is record:
        return Change([over], lapsed.reminders, once)
    return await change(store, Moved(lapsed.record, record, save=(over,)), once)
