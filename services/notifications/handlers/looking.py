"""Partners' queues are looked at, and one from which nothing is fetched for days is told of."""

import asyncio
from collections import defaultdict
from contextlib import suppress
from datetime import datetime
from typing import Any

from services.notifications.adapters import Adapters
from services.notifications.domain.connectors import Depth, looked_at
from services.notifications.domain.feed import Share
from services.notifications.store import Store
from shared import logs
from shared.contracts.message import Message
from shared.contracts.notifications import EventsUnfetched, InvoicesUnfetched, WaitingInvoice
from shared.contracts.workflow import CloudEvent
from shared.errors import Conflict
from shared.mongo import Document
from shared.outbox import Change
from shared.service import Running

Process = Running[Any, Store, Adapters]
PAGE = 100
MOST_EVENTS, MOST_NAMED = 2000, 20


async def look_at_queues(running: Process) -> None:
    """Look at every partner's queue now and then, for ever."""
    while True:
        await asyncio.sleep(running.settings.queue_look_seconds)
        try:
            depths = await running.adapters.management.depths()
            after: str | None = None
            while rows := await running.store.connectors({}, after, PAGE):
                for row in rows:
                    with suppress(Conflict):  # another process looked at the same moment
                        await _look(running, row, depths.get(row["queue"]))
                after = rows[-1]["_id"]
        except Exception as error:
            logs.logger().warning("looking_failed", error=repr(error)[:300])


async def _look(running: Process, row: Document, depth: Depth | None) -> None:
    if depth is None:
        return
    at = running.context().at
    seen = looked_at(row, depth, at)
    since: datetime | None = seen["idle_since"]
    tell: list[Message] = []
    if since and seen["told_at"] is None and at - since >= running.adapters.unfetched_after:
        seen["told_at"] = at
        tell = await _told(running.store, row, depth, since, at)
    await running.outbox.apply(Change([running.store.looked(row, seen)], tell))


async def _told(
    store: Store, row: Document, depth: Depth, since: datetime, at: datetime
) -> list[Message]:
    """What the owner of a queue is told, and the sellers of the invoices that wait in it.

    As many of its events wait as the queue has: the newest of the feed.
    """
    structure, realm = row["structure"], row["realm"]
    own = EventsUnfetched(
        realm=realm,
        structure=structure,
        department=row["department"],
        queue=row["queue"],
        waiting=depth.waiting,
        since=since,
        at=at,
    )
    share = Share((f"buyer {structure}",), (row["department"],) if row["department"] else ())
    waiting: dict[str, dict[str, WaitingInvoice]] = defaultdict(dict)
    found = await store.latest((share,), min(depth.waiting, MOST_EVENTS))
    for event in found:
        number = CloudEvent.model_validate_json(event.body).data.number
        invoice = WaitingInvoice(number=number, since=event.at)
        for key in (one.removeprefix("seller ") for one in event.to if one.startswith("seller ")):
            waiting[key].setdefault(event.subject, invoice)
    return [
        own,
        *(
            InvoicesUnfetched(
                realm=realm,
                buyer=structure,
                seller=seller,
                invoices=tuple(invoices.values())[:MOST_NAMED],
                since=since,
                at=at,
            )
            for seller, invoices in waiting.items()
        ),
    ]
