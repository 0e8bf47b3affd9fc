"""The connector: the queue in which a finance system hears of its invoices, and its webhooks."""

import asyncio

from services.portal.pages.account import fault, mine
from services.portal.pages.forms import form
from services.portal.pages.frame import PageCall, Visitor, get, go, page, post, visitor
from services.portal.pages.invoices import part
from shared.client import quoted
from shared.contracts.finding import Finding
from shared.contracts.notifications import (
    Connector,
    ConnectorPage,
    ConnectorRequest,
    ConnectorStatus,
    ConnectorView,
)
from shared.contracts.webhooks import WebhookDeliveryPage, WebhookPage, WebhookView
from shared.errors import Conflict, Forbidden, Invalid, Problem
from shared.rights import MANAGERS
from shared.web import Answer

HERE = "/connecteur"
LAST = "5"
MOST = "50"
REFUSED = (Invalid, Conflict)


async def enter(call: PageCall) -> tuple[Visitor, list[str]]:
    """Who visits, and the structures whose connectors are theirs. Raises Forbidden: none."""
    who = await visitor(call)
    held = [grant.structure for grant in who.me.grants if grant.role in MANAGERS]
    if not held:
        raise Forbidden("Les connecteurs sont ouverts par les gestionnaires d'une structure.")
    return who, held


async def show(call: PageCall) -> Answer:
    """Each queue and how far its reader is; each webhook and its last deliveries."""
    return await _page(*await enter(call))


async def _page(
    who: Visitor, held: list[str], status: int = 200, faults: tuple[Finding, ...] = ()
) -> Answer:
    queues, webhooks, memberships = await asyncio.gather(
        part(who, ConnectorPage, "/v1/connectors", limit=MOST),
        part(who, WebhookPage, "/v1/webhooks", limit=MOST),
        mine(who),
    )
    names = {one.structure: one.structure_name for one in memberships.items}
    return page(
        who.call,
        "connector.html",
        status,
        queues=[await _queue(who, one) for one in getattr(queues, "items", ())],
        webhooks=[await _webhook(who, one) for one in getattr(webhooks, "items", ())],
        silent=[one for one in (queues, webhooks) if isinstance(one, Problem)],
        structures=[(key, names.get(key)) for key in held],
        names=names,
        faults=faults,
    )


async def _queue(who: Visitor, one: ConnectorView) -> tuple[ConnectorView, ConnectorStatus | None]:
    seen = await part(who, ConnectorStatus, f"/v1/connectors/{quoted(one.queue)}")
    return one, seen if isinstance(seen, ConnectorStatus) else None


async def _webhook(
    who: Visitor, one: WebhookView
) -> tuple[WebhookView, WebhookDeliveryPage | None]:
    path = f"/v1/webhooks/{quoted(one.id)}/deliveries"
    seen = await part(who, WebhookDeliveryPage, path, limit=LAST)
    return one, seen if isinstance(seen, WebhookDeliveryPage) else None


async def open_queue(call: PageCall) -> Answer:
    """A queue, or another password for it; the address with its password is shown once."""
    who, held = await enter(call)
    given = await form(call)
    asked = ConnectorRequest(
        structure=given.get("structure", "")[:120],
        department=given.get("department", "")[:60] or None,
    )
    try:
        made = await who.ask(Connector, "/v1/connectors", method="POST", body=asked)
    except REFUSED as problem:
        faults = fault("/structure", "Structure", problem)
        return await _page(who, held, problem.status, faults)
    return page(call, "connector_secret.html", made=made)


async def close_queue(call: PageCall) -> Answer:
    """Close a queue; its reader is shut out at once."""
    who, _ = await enter(call)
    queue = (await form(call)).get("queue", "")
    await who.tell("DELETE", f"/v1/connectors/{quoted(queue)}")
    return go(call, f"{HERE}?fait=supprime")


ROUTES = (
    get(HERE, show, "Mes connecteurs"),
    post(HERE, open_queue, "Ouvrir une file, ou en changer le mot de passe"),
    post(f"{HERE}/fermeture", close_queue, "Fermer une file"),
)
