"""Invoices in lists: pages, what is to do, where the money stands."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from urllib.parse import urlencode

from services.workflow.api.edge import ACT, READS, Doors, scopes
from services.workflow.api.views import shown
from services.workflow.domain.payment import PARIS
from services.workflow.domain.scopes import COUNTED, Where
from services.workflow.domain.summary import summary
from services.workflow.domain.todo import REQUIRED, Required, asks
from services.workflow.store.lists import Order, Place
from services.workflow.store.queries import Search
from shared.contracts.message import Shape
from shared.contracts.workflow import (
    InvoiceFilter,
    InvoicePage,
    InvoiceQuery,
    SummaryView,
    TodoGroup,
    TodoView,
)
from shared.errors import BadRequest
from shared.web import Answer, Route

FIRST_FEW = 5
COUNTED_TO = 1000


class Whose(Shape):
    """Of which structures."""

    structure: str | None = None


async def list_invoices(call: Doors) -> Answer:
    """The invoices that the caller may read, filtered, sorted, page by page."""
    wanted: InvoiceQuery = call.query
    search = searched(call, wanted)
    if not search.scopes:
        return Answer(InvoicePage(items=()))
    order = Order.of(wanted)
    after = _place(wanted.cursor, order) if wanted.cursor else None
    records, more = await call.store.lists.page(search, order, after, wanted.limit)
    cursor = urlsafe_b64encode(more.written()).decode().rstrip("=") if more else None
    items = await shown(call, *records)
    return Answer(InvoicePage(items=items, next_cursor=cursor))


async def get_todo(call: Doors) -> Answer:
    """What waits for the caller, grouped by the action that is required."""
    wanted: Whose = call.query
    groups = [await _group(call, row, wanted.structure) for row in REQUIRED]
    return Answer(TodoView(items=tuple(group for group in groups if group)))


async def get_summary(call: Doors) -> Answer:
    """Counts and sums by status and age, and the money that is expected, and by when."""
    wanted: Whose = call.query
    mine = scopes(call.who, READS, sides=COUNTED, structure=wanted.structure)
    months = await call.store.tallies.months(mine)
    today = call.at.astimezone(PARIS).date()
    return Answer(SummaryView(at=call.at, items=summary(months, today)))


def searched(call: Doors, wanted: InvoiceFilter) -> Search:
    """What a filter looks for among what the caller may read."""
    sides: Iterable[Where] = (wanted.side,) if wanted.side else READS
    mine = scopes(call.who, READS, sides=sides, structure=wanted.structure)
    return Search(call.who.realm, mine, wanted, call.at.astimezone(PARIS).date())


async def _group(call: Doors, row: Required, structure: str | None) -> TodoGroup | None:
    mine = scopes(call.who, ACT, sides=(row.role,), structure=structure)
    if not mine:
        return None
    asked = [asks(row.action, scope) for scope in mine]
    count, records = await call.store.lists.asked(asked, COUNTED_TO, FIRST_FEW)
    if not count:
        return None
    link = {"as": row.role, "action": row.action, "sort": "received"}
    return TodoGroup(
        role=row.role,
        action=row.action,
        label=row.label,
        count=min(count, COUNTED_TO),
        more=count > COUNTED_TO,
        items=await shown(call, *records),
        link="/v1/invoices?" + urlencode({**link, "structure": structure} if structure else link),
    )


def _place(cursor: str, order: Order) -> Place:
    try:
        return Place.read(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), order)
    except (ValueError, TypeError) as error:
        raise BadRequest(
            "Ce curseur n'est pas de cette liste ; recommencez à la première page.",
            code="bad-cursor",
        ) from error


ROUTES = (
    Route(
        "GET",
        "/v1/invoices",
        list_invoices,
        summary="Lister et chercher les factures",
        scope="invoices:read",
        answer=InvoicePage,
        query=InvoiceQuery,
    ),
    Route(
        "GET",
        "/v1/invoices/todo",
        get_todo,
        summary="Savoir ce qui est à faire",
        scope="invoices:read",
        answer=TodoView,
        query=Whose,
    ),
    Route(
        "GET",
        "/v1/invoices/summary",
        get_summary,
        summary="Tableau de bord : nombres, montants, ancienneté, paiements attendus",
        scope="invoices:read",
        answer=SummaryView,
        query=Whose,
    ),
)
