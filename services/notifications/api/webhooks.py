"""Webhooks over HTTP: made, changed, given another secret, closed."""

from dataclasses import replace

from pydantic import Field

from services.notifications.api.edge import Here, ListQuery, holds, program
from services.notifications.domain.connectors import place
from services.notifications.domain.feed import TYPES
from services.notifications.domain.webhooks import (
    MOST_WEBHOOKS,
    SECRET_DAYS,
    Secret,
    Webhook,
    fault_of,
    new_key,
)
from shared.contracts.finding import Finding
from shared.contracts.webhooks import (
    WebhookChange,
    WebhookCreated,
    WebhookPage,
    WebhookRequest,
    WebhookSecret,
    WebhookView,
)
from shared.errors import Conflict, Invalid, NotFound, Problem
from shared.outbox import Change
from shared.rights import Action
from shared.web import Answer, Route

ID = "{id:[0-9a-f-]{36}}"
RIGHT: Action = "hold_connectors"


class Stale(Problem):
    """The webhook is no longer the one that the caller has seen."""

    status, title, default_code = 412, "Version dépassée", "version-conflict"


class WebhookQuery(ListQuery):
    """Which webhooks to list."""

    cursor: str | None = Field(None, pattern=r"^[0-9a-f-]{36}$")


async def open_webhook(call: Here) -> Answer:
    """Have the events of a structure sent to an address; the secret is shown once.

    Requests with one Idempotency-Key make one webhook.
    """
    asked: WebhookRequest = call.body
    here = place(asked.structure)
    if not holds(call, asked.structure) or here is None:
        raise NotFound("Cette structure n'existe pas.", code="structure-not-found")
    _checked(call, asked.url, asked.types)
    if await call.store.held(asked.structure) >= MOST_WEBHOOKS:
        raise Conflict(f"Une structure a au plus {MOST_WEBHOOKS} webhooks.", code="too-many")
    key = call.request.headers.get("Idempotency-Key")
    made = Webhook(
        id=call.new_id(),
        realm=here.realm,
        structure=asked.structure,
        url=asked.url,
        types=asked.types,
        secrets=(Secret(new_key(call.adapters.new_secret(24))),),
        on=True,
        cursor=await call.store.head() - 1,
        created_at=call.at,
        program=program(call),
    )
    once = f"webhook:{call.who.subject}:{asked.structure}:{key}" if key else None
    change = Change([call.store.add_webhook(made)], once=once, value={"id": made.id})
    if not await call.commit(change):
        kept = await call.kept(once) if once else None
        known = await call.store.webhook(kept["id"]) if kept else None
        if known is None or (known.url, known.types) != (made.url, made.types):
            raise Invalid(
                "Cette Idempotency-Key a déjà servi pour une autre demande.",
                code="idempotency-key-reused",
            )
        made = known
    shown = view(made, 0, len(made.live_secrets(call.at)))
    created = WebhookCreated(**shown.model_dump(), secret=made.secrets[0].key)
    headers = {"Location": f"/v1/webhooks/{made.id}", "ETag": etag(made)}
    return Answer(created, headers=headers)


async def list_webhooks(call: Here) -> Answer:
    """The webhooks of the caller's structures."""
    query: WebhookQuery = call.query
    mine: tuple[str, ...] | None = call.who.where(RIGHT)
    if call.who.kind == "operator":
        mine = None
    if query.structure is not None:
        mine = (query.structure,) if mine is None or query.structure in mine else ()
    found = await call.store.webhooks(mine, query.cursor, query.limit + 1)
    shown = found[: query.limit]
    counts = await call.store.count_open([webhook.id for webhook in shown])
    items = tuple(view(one, counts.get(one.id, 0), len(one.live_secrets(call.at))) for one in shown)
    more = shown[-1].id if len(found) > len(shown) else None
    return Answer(WebhookPage(items=items, next_cursor=more))


async def get_webhook(call: Here) -> Answer:
    """A webhook: whether it is on, since when it fails, how much waits."""
    return await answer(call, await own(call))


async def change_webhook(call: Here) -> Answer:
    """Change its address or its types, switch it off, or on again; what waits goes on then."""
    webhook, asked = await own(call), call.body
    seen = call.request.headers.get("If-Match")
    if seen not in (None, "*", etag(webhook)):
        raise Stale("Ce webhook a changé depuis que vous l'avez lu ; relisez-le.")
    _checked(call, asked.url, asked.types)
    changed = replace(webhook, url=asked.url, types=asked.types, on=asked.on, program=program(call))
    if asked.on:
        changed = replace(changed, off_cause=None, failures=0, failing_since=None)
    elif webhook.on:
        changed = replace(changed, off_cause="owner")
    await keep(call, changed)
    return await answer(call, replace(changed, version=webhook.version + 1))


async def rotate_secret(call: Here) -> Answer:
    """Give it another secret; the one before signs beside it for a day."""
    rotated = (await own(call)).rotated(new_key(call.adapters.new_secret(24)), call.at)
    await keep(call, rotated)
    until = call.at + SECRET_DAYS
    return Answer(WebhookSecret(id=rotated.id, secret=rotated.secrets[0].key, previous_until=until))


async def close_webhook(call: Here) -> Answer:
    """Tell it nothing any more."""
    webhook = await own(call)
    await call.commit(Change([call.store.remove_webhook(webhook.id)]))
    return Answer()


async def own(call: Here) -> Webhook:
    """The webhook of the path, when it is the caller's. Raises NotFound."""
    found = await call.store.webhook(call.path["id"])
    may = found and (call.who.kind == "operator" or call.who.may(RIGHT, found.structure))
    if found is None or not may:
        raise NotFound("Ce webhook n'existe pas.")
    return found


async def keep(call: Here, changed: Webhook) -> None:
    """Keep what its owners changed, and wake its courier."""
    await call.commit(Change([call.store.change_webhook(changed)]))
    call.adapters.tail.wake((changed.id,))


async def answer(call: Here, webhook: Webhook) -> Answer:
    """A webhook as an answer."""
    waiting = (await call.store.count_open([webhook.id])).get(webhook.id, 0)
    shown = view(webhook, waiting, len(webhook.live_secrets(call.at)))
    return Answer(shown, headers={"ETag": etag(webhook)})


def etag(webhook: Webhook) -> str:
    """The version of a webhook, for `If-Match`."""
    return f'"{webhook.version}"'


def view(webhook: Webhook, waiting: int, secrets: int) -> WebhookView:
    """A webhook as its owners see it."""
    return WebhookView(
        id=webhook.id,
        structure=webhook.structure,
        url=webhook.url,
        types=webhook.types,
        on=webhook.on,
        off_cause=webhook.off_cause,
        created_at=webhook.created_at,
        failing_since=webhook.failing_since,
        last_success_at=webhook.last_success_at,
        last_error=webhook.last_error,
        waiting=waiting,
        secrets=secrets,
        version=webhook.version,
    )


def _checked(call: Here, url: str, types: tuple[str, ...]) -> None:
    """Refuse an address that events may not be sent to, and types that there are not."""
    findings = []
    if fault := fault_of(url, inside=call.adapters.poster.inside):
        findings.append(
            Finding(
                code="webhook-url",
                pointer="/url",
                label="Adresse du webhook",
                message=fault,
                hint="Donnez l'adresse publique, en HTTPS, du programme qui reçoit les événements.",
                example="https://exemple.fr/chorale",
            )
        )
    if unknown := [one for one in types if one not in TYPES]:
        findings.append(
            Finding(
                code="webhook-types",
                pointer="/types",
                label="Types d'événements",
                message=f"Ce type d'événement n'existe pas : {unknown[0][:80]}.",
                hint="Omettez `types` pour recevoir tous les événements.",
                example=TYPES[0],
            )
        )
    if findings:
        raise Invalid("Ce webhook ne peut pas être enregistré.", errors=findings)


ROUTES = (
    Route(
        "POST",
        "/v1/webhooks",
        open_webhook,
        summary="Recevoir les événements d'une structure à une adresse",
        answer=WebhookCreated,
        status=201,
        body=WebhookRequest,
        kinds=("person", "client"),
        scope="webhooks:manage",
    ),
    Route(
        "GET",
        "/v1/webhooks",
        list_webhooks,
        summary="Lister les webhooks de mes structures",
        answer=WebhookPage,
        query=WebhookQuery,
        scope="webhooks:manage",
    ),
    Route(
        "GET",
        f"/v1/webhooks/{ID}",
        get_webhook,
        summary="Consulter un webhook",
        answer=WebhookView,
        scope="webhooks:manage",
    ),
    Route(
        "PUT",
        f"/v1/webhooks/{ID}",
        change_webhook,
        summary="Modifier, suspendre ou reprendre un webhook",
        answer=WebhookView,
        body=WebhookChange,
        scope="webhooks:manage",
    ),
    Route(
        "POST",
        f"/v1/webhooks/{ID}:rotate",
        rotate_secret,
        summary="Changer le secret d'un webhook",
        answer=WebhookSecret,
        scope="webhooks:manage",
    ),
    Route(
        "DELETE",
        f"/v1/webhooks/{ID}",
        close_webhook,
        summary="Fermer un webhook",
        status=204,
        scope="webhooks:manage",
    ),
)
