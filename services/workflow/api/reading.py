"""Invoices over HTTP: list, read, history."""

from typing import Literal

from pydantic import Field

from services.workflow.api.edge import Doors, etag, found, reads_all, stakes
from services.workflow.api.views import history, view
from shared.contracts.message import Shape
from shared.contracts.status import InvoiceStatus
from shared.contracts.workflow import HistoryView, InvoicePage, InvoiceView
from shared.web import Answer, Route


class InvoiceQuery(Shape):
    """Which invoices to list."""

    status: InvoiceStatus | None = None
    number: str | None = Field(None, max_length=100)
    role: Literal["seller", "buyer", "validator", "project_manager", "project_owner"] | None = None
    limit: int = Field(25, ge=1, le=100)
    cursor: str | None = Field(None, pattern=r"^[0-9a-f-]{36}$")


async def list_invoices(call: Doors) -> Answer:
    """The invoices of the caller's structures, newest first."""
    query: InvoiceQuery = call.query
    held = stakes(call.who)
    structures = dict.fromkeys(key for stake in held for key in stake.structures)
    found = await call.store.page(
        call.who.realm,
        tuple(structures),
        stakes=() if reads_all(call.who) else held,
        status=query.status,
        number=query.number,
        role=query.role,
        before=query.cursor,
        limit=query.limit + 1,
    )
    shown = found[: query.limit]
    cursor = shown[-1].id if len(found) > query.limit else None
    items = tuple(view(record, call.at) for record in shown)
    return Answer(InvoicePage(items=items, next_cursor=cursor))


async def get_invoice(call: Doors) -> Answer:
    """One invoice."""
    record = await found(call)
    return Answer(view(record, call.at), headers={"ETag": etag(record)})


async def get_history(call: Doors) -> Answer:
    """Every step of an invoice, oldest first."""
    return Answer(history(await found(call)))


ROUTES = (
    Route(
        "GET",
        "/v1/invoices",
        list_invoices,
        summary="Lister les factures",
        scope="invoices:read",
        answer=InvoicePage,
        query=InvoiceQuery,
    ),
    Route(
        "GET",
        "/v1/invoices/{id}",
        get_invoice,
        summary="Lire une facture",
        scope="invoices:read",
        answer=InvoiceView,
    ),
    Route(
        "GET",
        "/v1/invoices/{id}/history",
        get_history,
        summary="Lire l'historique d'une facture",
        scope="invoices:read",
        answer=HistoryView,
    ),
)
