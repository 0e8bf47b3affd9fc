"""The feed of events, over HTTP: from a cursor or a date on, at once or when something comes."""

import asyncio
import time

from pydantic import AwareDatetime, Field

from services.notifications.api.edge import Here
from services.notifications.domain.feed import CURSOR, Event, shares
from shared.contracts.events import EventPage
from shared.contracts.message import Shape
from shared.errors import BadRequest, Problem
from shared.web import Answer, Route

LONGEST_WAIT = 30


class Expired(Problem):
    """What comes after this cursor is no longer kept."""

    status, title, default_code = 410, "Curseur périmé", "cursor-expired"


class EventQuery(Shape):
    """From where to read the feed: after `cursor`, or since a date; else from its beginning."""

    cursor: str | None = Field(None, max_length=20)
    since: AwareDatetime | None = None
    structure: str | None = Field(None, max_length=120)
    limit: int = Field(50, ge=1, le=100)
    wait: float = Field(0, ge=0, le=LONGEST_WAIT)
    """Seconds to wait for an event when there is none yet."""


async def list_events(call: Here) -> Answer:
    """The events of the caller's structures in the order of the feed.

    Of one invoice they come in the order of `sequence`. `next_cursor` is always there: keep it, and
    give it back for what comes after. An event may come again under the same `id` at other doors,
    never here.
    """
    query: EventQuery = call.query
    wanted = shares(call.who.grants, query.structure)
    after = await _after(call, query)
    deadline = time.monotonic() + query.wait
    tail = call.adapters.tail
    with tail.waits({to for share in wanted for to in share.to}) as woken:
        while True:
            woken.clear()
            found = await call.store.read(wanted, after, query.limit + 1)
            left = deadline - time.monotonic()
            if found or left <= 0 or tail.full or not wanted:
                return _page(found, after, query.limit)
            await _woken(woken, left)


async def _woken(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return


def _page(found: list[Event], after: int, limit: int) -> Answer:
    """A page whose events are the very bytes of the other doors."""
    shown = found[:limit]
    cursor = shown[-1].position if shown else after
    items = ",".join(event.body for event in shown)
    more = "true" if len(found) > len(shown) else "false"
    return Answer(f'{{"items":[{items}],"next_cursor":"{cursor}","more":{more}}}')


async def _after(call: Here, query: EventQuery) -> int:
    """The place after which to read. Raises BadRequest or Expired."""
    if query.cursor is None:
        return await call.store.since(query.since) if query.since else 0
    if query.since or not CURSOR.fullmatch(query.cursor):
        why = "Donnez `cursor` ou `since`, pas les deux." if query.since else "Curseur inconnu."
        raise BadRequest(why, code="bad-parameter")
    after = int(query.cursor)
    if after and after + 1 < await call.store.oldest():
        raise Expired(
            "Des événements qui suivent ce curseur ne sont plus conservés : reprenez avec `since` "
            "ou sans curseur, et relisez les factures touchées par /v1/invoices."
        )
    return after


ROUTES = (
    Route(
        "GET",
        "/v1/events",
        list_events,
        summary="Lire le flux des événements de mes structures",
        scope="invoices:read",
        answer=EventPage,
        query=EventQuery,
    ),
)
