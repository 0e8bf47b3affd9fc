"""The deliveries of a webhook over HTTP: its log, a try, one event again, all since a date."""

from dataclasses import replace
from datetime import datetime

import orjson
from pydantic import Field

from services.notifications.api.edge import Here, closed, opened
from services.notifications.api.webhooks import ID, answer, keep, own
from services.notifications.domain.feed import everything
from services.notifications.domain.webhooks import TEST_TYPE, Delivery, Webhook, signed
from shared.contracts.message import Shape
from shared.contracts.webhooks import (
    Attempt,
    Redelivery,
    Replay,
    WebhookDelivery,
    WebhookDeliveryPage,
    WebhookDeliveryState,
    WebhookView,
)
from shared.errors import Conflict, NotFound
from shared.outbox import Change
from shared.web import Answer, Route


class SendingQuery(Shape):
    """Which deliveries of a webhook."""

    state: WebhookDeliveryState | None = None
    limit: int = Field(20, ge=1, le=100)
    cursor: str | None = Field(None, max_length=300)


async def list_sendings(call: Here) -> Answer:
    """The events that were tried at a webhook, with every answer and the next try; kept 30 days."""
    webhook, query = await own(call), call.query
    after = opened(query.cursor)
    found = await call.store.sendings(webhook.id, query.state, after, query.limit + 1)
    shown = found[: query.limit]
    more = closed(shown[-1][1], shown[-1][0].id) if len(found) > len(shown) else None
    items = tuple(_view(delivery, at) for delivery, at in shown)
    return Answer(WebhookDeliveryPage(items=items, next_cursor=more))


async def try_webhook(call: Here) -> Answer:
    """Send an event of type `chorale.webhook.test.v1` now, and say what was answered."""
    webhook = await own(call)
    id = call.new_id()
    event = {
        "specversion": "1.0",
        "id": id,
        "source": "/chorale/notifications",
        "type": TEST_TYPE,
        "subject": webhook.id,
        "time": call.at,
        "datacontenttype": "application/json",
        "sequence": 1,
        "data": {"structure": webhook.structure},
    }
    body = orjson.dumps(event).decode()
    headers = signed(webhook.live_secrets(call.at), id, call.at, body)
    attempt, _ = await call.adapters.poster.post(webhook.url, headers, body, call.at)
    return Answer(attempt)


async def redeliver(call: Here) -> Answer:
    """Have one event sent again, whatever became of it before."""
    webhook = await own(call)
    asked: Redelivery = call.body
    id = f"{webhook.id}:{asked.event_id}"
    known = (await call.store.known_sendings([id])).get(id) or await _new(call, webhook, asked)
    again = replace(known, state="WAITING", tries=0, next_try_at=call.at)
    await call.commit(Change([call.store.sent_out(again, call.at)]))
    call.adapters.tail.wake((webhook.id,))
    return Answer(_view(again, call.at))


async def _new(call: Here, webhook: Webhook, asked: Redelivery) -> Delivery:
    """An event of the feed that was never tried here, or so long ago that it is forgotten."""
    event = await call.store.event(asked.event_id)
    if event is None or not set(event.to) & set(everything(webhook.structure)[0].to):
        raise NotFound("Cet événement n'existe pas ou n'est plus conservé.")
    return Delivery(webhook.id, event)


async def replay(call: Here) -> Answer:
    """Have every event since a moment sent again, under the same `webhook-id`."""
    webhook = await own(call)
    asked: Replay = call.body
    if not webhook.on:
        raise Conflict("Ce webhook est suspendu : reprenez-le d'abord.", code="webhook-off")
    back = min(webhook.cursor, await call.store.since(asked.since))
    await keep(call, replace(webhook, cursor=back))
    return await answer(call, replace(webhook, cursor=back, version=webhook.version + 1))


def _view(delivery: Delivery, at: datetime) -> WebhookDelivery:
    event = delivery.event
    return WebhookDelivery(
        event_id=event.id,
        type=event.type,
        subject=event.subject,
        sequence=event.sequence,
        state=delivery.state,
        attempts=delivery.attempts,
        tries=delivery.tries,
        next_try_at=delivery.next_try_at,
        updated_at=at,
    )


ROUTES = (
    Route(
        "GET",
        f"/v1/webhooks/{ID}/deliveries",
        list_sendings,
        summary="Lire le journal des envois d'un webhook",
        answer=WebhookDeliveryPage,
        query=SendingQuery,
        scope="webhooks:manage",
    ),
    Route(
        "POST",
        f"/v1/webhooks/{ID}:test",
        try_webhook,
        summary="Essayer un webhook",
        answer=Attempt,
        scope="webhooks:manage",
    ),
    Route(
        "POST",
        f"/v1/webhooks/{ID}:redeliver",
        redeliver,
        summary="Renvoyer un événement",
        answer=WebhookDelivery,
        body=Redelivery,
        scope="webhooks:manage",
    ),
    Route(
        "POST",
        f"/v1/webhooks/{ID}:replay",
        replay,
        summary="Renvoyer les événements depuis une date",
        answer=WebhookView,
        body=Replay,
        scope="webhooks:manage",
    ),
)
