"""The log of mails, over HTTP."""

from datetime import datetime

from services.notifications.api.edge import Here, ListQuery
from shared.contracts.notifications import (
    DeliveryPage,
    DeliveryView,
)
from shared.errors import BadRequest
from shared.mongo import Document
from shared.web import Answer, Route


async def list_deliveries(call: Here) -> Answer:
    """The mails about the caller's structures, newest first."""
    query: ListQuery = call.query
    structures = call.who.where("read_messages")
    if query.structure is not None:
        allowed = call.who.kind == "operator" or query.structure in structures
        structures = (query.structure,) if allowed else ()
    found = await call.store.deliveries(structures, _opened(query.cursor), query.limit + 1)
    shown = found[: query.limit]
    more = _closed(shown[-1]) if len(found) > len(shown) else None
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


def _closed(row: Document) -> str:
    at: datetime = row["created_at"]
    return f"{at.isoformat()}~{row['_id']}"


def _opened(cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    at, _, id = cursor.partition("~")
    try:
        opened = datetime.fromisoformat(at)
    except ValueError as error:
        raise BadRequest("Ce curseur n'est pas de nous.", code="bad-parameter") from error
    if opened.tzinfo is None:
        raise BadRequest("Ce curseur n'est pas de nous.", code="bad-parameter")
    return opened, id


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
