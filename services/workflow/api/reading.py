"""One invoice over HTTP: what it is, and its history."""

from services.workflow.api.edge import Doors, etag, found
from services.workflow.api.views import history, shown
from shared.contracts.workflow import HistoryView, InvoiceView
from shared.web import Answer, Route


async def get_invoice(call: Doors) -> Answer:
    """One invoice, and when its buyer downloaded it first, by its finance system or at a screen."""
    record = await found(call)
    (known,) = await shown(call, record)
    return Answer(known, headers={"ETag": etag(record)})


async def get_history(call: Doors) -> Answer:
    """Every step of an invoice, oldest first; nothing when the caller has seen this version."""
    record = await found(call)
    headers = {"ETag": etag(record), "Cache-Control": "private, no-cache"}
    if call.request.headers.get("If-None-Match") == etag(record):
        return Answer(status=304, headers=headers)
    return Answer(history(record), headers=headers)


ROUTES = (
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
