"""The log of mails, over HTTP."""

from services.notifications.api.edge import Here, ListQuery, closed, opened
from shared.contracts.notifications import (
    DeliveryPage,
    DeliveryView,
)
from shared.mongo import Document
from shared.web import Answer, Route


async def list_deliveries(call: Here) -> Answer:
    """The mails about the caller's structures, newest first."""
    query: ListQuery = call.query
    structures = call.who.where("read_messages")
    if query.structure is not None:
        allowed = call.who.kind == "operator" or query.structure in structures
        structures = (query.structure,) if allowed else ()
    found = await call.store.deliveries(structures, opened(query.cursor), query.limit + 1)
    shown = found[: query.limit]
    more = closed(shown[-1]["created_at"], shown[-1]["_id"]) if len(found) > len(shown) else None
    return Answer(DeliveryPage(items=tuple(map(_view, shown)), next_cursor=more))


def _view(row: Document) -> DeliveryView:
    proof = row.get("proof") or {}
    return DeliveryView(
        id=row["_id"],
        structure=row["structure"],
        notice=row["template"],
        subject=row["subject"],
        to=row["to"],
        state=row["state"],
        created_at=row["created_at"],
        sent_at=proof.get("at"),
        message_id=proof.get("message_id"),
        reply=proof.get("reply") or row.get("cause"),
        failures=row["failures"],
        next_try_at=row.get("due_at"),
    )


ROUTES = (
    Route(
        "GET",
        "/v1/notifications",
        list_deliveries,
        summary="Lister les courriels envoyés au sujet de mes structures",
        scope="invoices:read",
        answer=DeliveryPage,
        query=ListQuery,
    ),
)
