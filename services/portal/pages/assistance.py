"""Assistance: one's requests for help, those that one answers, and asking a new one."""

import asyncio
from collections.abc import Sequence

from pydantic import ValidationError

from services.portal.domain import identifier
from services.portal.domain.menu import may
from services.portal.pages.account import named
from services.portal.pages.forms import form
from services.portal.pages.frame import PageCall, Visitor, get, go, page, post, visitor
from shared.client import quoted
from shared.contracts.finding import Finding
from shared.contracts.requests import (
    HelpRequest,
    RequestCategories,
    RequestCategory,
    RequestCounts,
    RequestPage,
    RequestSummary,
    RequestView,
)
from shared.contracts.workflow import InvoiceView
from shared.errors import BadRequest, Conflict, Forbidden, Invalid, NotFound, TooMany
from shared.rights import allowed
from shared.web import Answer

BOXES = (("sent", "Mes demandes"), ("received", "Demandes reçues"), ("support", "Support"))
VIEWS = {"a-repondre": {"to_answer": "true"}, "closes": {"state": "CLOSED"}}
"""What a view lists, by the `vue` of its address; none: what waits for the visitor, then all."""
REFUSED = (BadRequest, Conflict, Forbidden, Invalid, TooMany)
ROWS = "25"
FIELDS = ("facture", "topic", "structure", "title", "text")


async def show(call: PageCall) -> Answer:
    """The requests of a box: those to answer first, with where each stands."""
    who = await visitor(call)
    boxes = _boxes(who)
    given = {name: call.request.query.get(name, "")[:60] for name in ("boite", "vue", "cursor")}
    box = given["boite"] if given["boite"] in dict(boxes) else boxes[0][0]
    view = VIEWS.get(given["vue"], {})
    asked = {"box": box, "limit": ROWS}
    page_of = {"cursor": given["cursor"]} if given["cursor"] else {}
    counts, listed = await asyncio.gather(
        who.ask(RequestCounts, "/v1/requests/counts"),
        who.ask(RequestPage, "/v1/requests", query=asked | view | page_of),
    )
    waiting: tuple[RequestSummary, ...] = ()
    if not view and not page_of:
        turn = await who.ask(RequestPage, "/v1/requests", query=asked | VIEWS["a-repondre"])
        waiting = turn.items
    above = {one.id for one in waiting}
    return page(
        call,
        "assistance.html",
        box=box,
        boxes=boxes,
        counts=counts,
        query=given,
        waiting=waiting,
        others=[one for one in listed.items if one.id not in above],
        next_cursor=listed.next_cursor,
    )


def _boxes(who: Visitor) -> Sequence[tuple[str, str]]:
    """The boxes that the visitor has."""
    if who.me.kind == "operator":
        return BOXES[2:]
    return BOXES[:2] if may(who.me, ("questions_received",)) else BOXES[:1]


async def new(call: PageCall) -> Answer:
    """The form of a question, with the invoice that it is about."""
    who = await visitor(call)
    return await _form(who, {"facture": call.request.query.get("facture", "")})


async def _form(
    who: Visitor,
    given: dict[str, str],
    status: int = 200,
    faults: Sequence[Finding] = (),
) -> Answer:
    if who.me.kind == "operator":
        raise NotFound("Le support répond aux demandes ; il n'en ouvre pas.")
    id = given.get("facture", "")
    invoice = await who.ask(InvoiceView, f"/v1/invoices/{quoted(id)}") if id else None
    categories = await who.ask(RequestCategories, "/v1/requests/categories")
    askers = [grant.structure for grant in who.me.grants if allowed(grant, "ask")]
    sells = invoice is not None and invoice.seller in askers
    seller = {"structure": invoice.seller} if invoice and sells else {}
    names = dict(await named(who)) if len(askers) > 1 else {}
    return page(
        who.call,
        "ask.html",
        status,
        item=invoice,
        categories=_offered(categories, invoice is not None, sells),
        structures=[(key, names.get(identifier(key)) or identifier(key)) for key in askers],
        given=dict.fromkeys(FIELDS, "") | seller | given,
        key=given.get("key") or who.call.new_id(),
        faults=faults,
    )


def _offered(all: RequestCategories, about: bool, sells: bool) -> Sequence[RequestCategory]:
    """What may be asked here: of a public body, only by who sells, from an invoice."""
    found = []
    for category in all.items:
        topics = tuple(
            topic
            for topic in category.topics
            if (about or not topic.needs_invoice) and (sells or topic.to == "support")
        )
        if topics:
            found.append(category.model_copy(update={"topics": topics}))
    return found


async def send(call: PageCall) -> Answer:
    """Open the request; the same form sent twice opens one."""
    who = await visitor(call)
    given = dict(await form(call))
    category, _, topic = given.get("topic", "").partition("/")
    fields = {
        "category": category,
        "topic": topic,
        "title": given.get("title", ""),
        "text": given.get("text", ""),
    }
    fields |= {"invoice_id": given["facture"]} if given.get("facture") else {}
    fields |= {"structure": given["structure"]} if given.get("structure") else {}
    once = {"Idempotency-Key": given["key"]} if given.get("key") else {}
    try:
        asked = HelpRequest.model_validate(fields)
        opened = await who.ask(RequestView, "/v1/requests", method="POST", body=asked, headers=once)
    except ValidationError as error:
        return await _form(who, given, 422, faults_of(error))
    except REFUSED as problem:
        faults = problem.errors or (Finding(code=problem.code, message=problem.detail),)
        return await _form(who, given, problem.status, faults)
    return go(call, f"/assistance/{quoted(opened.id)}?fait=envoye")


def faults_of(error: ValidationError) -> tuple[Finding, ...]:
    """What is wrong in a form about a request, field by field."""
    words = {
        "title": ("Objet", "L'objet a de 3 à 120 caractères."),
        "text": ("Message", "Le message a 4 000 caractères au plus, et n'est pas vide."),
    }
    found = []
    for name in dict.fromkeys(str(one["loc"][0]) for one in error.errors()):
        label, said = words.get(name, (None, "Un champ est trop long ou mal formé."))
        pointer = f"/{name}" if name in words else None
        found.append(Finding(code="FORM", pointer=pointer, label=label, message=said))
    return tuple(found)


ROUTES = (
    get("/assistance", show, "Assistance"),
    get("/assistance/nouvelle", new, "Poser une question"),
    post("/assistance/nouvelle", send, "Poser une question"),
)
