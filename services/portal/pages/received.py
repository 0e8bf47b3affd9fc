"""Invoices that come in, to be paid or given a visa: what waits, finding, one status for many."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from services.portal.domain import moves as forms_of
from services.portal.domain.menu import may
from services.portal.pages.forms import fields
from services.portal.pages.frame import Page, PageCall, Visitor, get, page, post, visitor
from services.portal.pages.invoices import exported, find, part, wanted
from shared.client import quoted
from shared.contracts.finding import Finding
from shared.contracts.rights import Space
from shared.contracts.status import InvoiceStatus
from shared.contracts.workflow import (
    BulkAnswer,
    BulkMove,
    BulkRequest,
    InvoiceView,
    MovePage,
    TodoView,
)
from shared.errors import BadRequest, Forbidden
from shared.web import Answer, Route

FILTERS = (
    "q",
    "status",
    "structure",
    "buyer_reference",
    "seller",
    "order_reference",
    "received_from",
    "received_to",
    "amount_from",
    "amount_to",
    "late",
    "sort",
    "cursor",
)
MOST = 50
"""Invoices that are chosen at once: two pages of a list."""

ONCE = re.compile(r"[0-9a-f-]{36}")


@dataclass(frozen=True, slots=True)
class Desk:
    """A place where invoices of others come in: its address, whose they are, what is to do."""

    path: str
    label: str
    side: str
    action: str
    space: Space


DESKS = (
    Desk("/recues", "Factures reçues", "buyer", "treat", "received_invoices"),
    Desk("/a-valider", "Factures à valider", "validator", "validate", "invoices_to_validate"),
)


async def enter(call: PageCall, desk: Desk) -> Visitor:
    """Who visits the desk. Raises Forbidden when no grant opens its space now."""
    who = await visitor(call)
    if not may(who.me, (desk.space,)):
        raise Forbidden(
            f"L'espace « {desk.label} » ne vous est pas ouvert. Demandez-le à un gestionnaire "
            "de votre structure."
        )
    return who


async def waiting(call: PageCall, desk: Desk) -> Answer:
    """What waits here, the longest waiting first."""
    who = await enter(call, desk)
    given = {"sort": "received", **wanted(call, ("cursor",))}
    (found, faults), todo = await asyncio.gather(
        find(who, given, desk.side, action=desk.action), part(who, TodoView, "/v1/invoices/todo")
    )
    group = next((one for one in getattr(todo, "items", ()) if one.action == desk.action), None)
    shown = {"query": given, "found": found, "faults": faults, "desk": desk, "group": group}
    return page(call, "received.html", 400 if faults else 200, all=_all(call), **shown)


async def search(call: PageCall, desk: Desk) -> Answer:
    """All invoices of the desk that match a filter, which stands in the address."""
    who = await enter(call, desk)
    given = wanted(call, FILTERS)
    found, faults = await find(who, given, desk.side)
    return page(
        call,
        "received_search.html",
        400 if faults else 200,
        query=given,
        found=found,
        faults=faults,
        desk=desk,
        all=_all(call),
        statuses=[(status.value, status.label) for status in InvoiceStatus],
        structures=[one.structure for one in who.me.grants if desk.space in one.spaces],
    )


def _all(call: PageCall) -> bool:
    """Whether the whole page was asked to be ticked."""
    return call.request.query.get("tout") == "1"


async def export(call: PageCall, desk: Desk) -> Answer:
    """Everything that matches a filter, for a spreadsheet."""
    return await exported(await enter(call, desk), wanted(call, FILTERS), desk.side)


async def choose(call: PageCall, desk: Desk) -> Answer:
    """The invoices that were ticked, and what can be done with them."""
    who = await enter(call, desk)
    return await _choice(who, desk, call.request.query.getall("invoice", []))


async def _choice(
    who: Visitor, desk: Desk, ids: Sequence[str], status: int = 200, faults: Sequence[Finding] = ()
) -> Answer:
    invoices = await _chosen(who, ids)
    alike = {one.status.code: one for one in invoices}
    offers = await asyncio.gather(
        *(who.ask(MovePage, f"/v1/invoices/{quoted(one.id)}/moves") for one in alike.values())
    )
    known = {move.action: move for offer in offers for move in offer.items}
    return page(
        who.call,
        "received_choice.html",
        status,
        desk=desk,
        chosen=invoices,
        moves=[(move, forms_of.asked(move)) for move in known.values()],
        labels=forms_of.LABELS,
        target=f"{desk.path}/statut",
        once=who.call.new_id(),
        item=None,
        tried="",
        faults=faults,
    )


async def _chosen(who: Visitor, ids: Sequence[str]) -> Sequence[InvoiceView]:
    """Each chosen invoice. Raises NotFound when one is not the visitor's to see, or BadRequest."""
    once = tuple(dict.fromkeys(ids))
    if len(once) > MOST:
        raise BadRequest(f"Choisissez au plus {MOST} factures à la fois.")
    return await asyncio.gather(
        *(who.ask(InvoiceView, f"/v1/invoices/{quoted(id)}") for id in once)
    )


async def act(call: PageCall, desk: Desk) -> Answer:
    """One status for all that were chosen; what became of each, and why."""
    who = await enter(call, desk)
    given = await fields(call)
    ids = [value for name, value in given if name == "invoice"]
    chosen = await _chosen(who, ids)
    try:
        asked = forms_of.request(dict(given).get("action", ""), given).model_dump(
            exclude_unset=True
        )
        moves = tuple(BulkMove(invoice_id=one.id, **asked) for one in chosen)
        body = BulkRequest(items=moves)
    except ValidationError:
        fault = Finding(code="FORM", message="Un champ est trop long ou mal formé.")
        return await _choice(who, desk, ids, 422, (fault,))
    once = dict(given).get("once", "")
    key = {"Idempotency-Key": once if ONCE.fullmatch(once) else call.new_id()}
    told = await who.ask(BulkAnswer, "/v1/moves", method="POST", body=body, headers=key)
    return page(
        call,
        "received_outcome.html",
        desk=desk,
        told=told,
        rows=list(zip(chosen, told.items, strict=True)),
    )


def _at(desk: Desk, handler: Callable[[PageCall, Desk], Awaitable[Answer]]) -> Page:
    async def here(call: PageCall) -> Answer:
        return await handler(call, desk)

    return here


def _routes(desk: Desk) -> tuple[Route, ...]:
    path, words = desk.path, desk.label
    return (
        get(path, _at(desk, waiting), f"{words} : à traiter"),
        get(f"{path}/recherche", _at(desk, search), f"{words} : rechercher"),
        get(f"{path}/export/{{kind:csv|xlsx}}", _at(desk, export), f"{words} : exporter"),
        get(f"{path}/statut", _at(desk, choose), f"{words} : choisir un statut pour plusieurs"),
        post(f"{path}/statut", _at(desk, act), f"{words} : donner un statut à plusieurs"),
    )


ROUTES = tuple(route for desk in DESKS for route in _routes(desk))
