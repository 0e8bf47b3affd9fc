"""Requests for help over HTTP: what may be asked, asking, reading."""

from itertools import groupby

from pydantic import Field

from services.workflow.api.edge import Doors, found
from services.workflow.api.requests_edge import answer, box, mark, named, readable, summary
from services.workflow.api.views import view as invoice_view
from services.workflow.domain.record import Record
from services.workflow.domain.requests import (
    BY_TOPIC,
    CATEGORIES,
    DAY,
    LIVING,
    MOST_A_DAY,
    TOPICS,
    TURN,
    Entry,
    Request,
    Topic,
)
from shared.contracts.finding import Finding
from shared.contracts.message import Shape
from shared.contracts.requests import (
    BoxCounts,
    HelpRequest,
    RequestBox,
    RequestCategories,
    RequestCategory,
    RequestCounts,
    RequestInvoice,
    RequestPage,
    RequestState,
    RequestTopic,
    RequestView,
    Side,
)
from shared.errors import BadRequest, Conflict, Invalid, TooMany
from shared.outbox import Change
from shared.rights import allowed
from shared.web import Answer, Route

TURN_OF: dict[RequestBox, Side] = {"sent": "asker", "received": "answerer", "support": "answerer"}


class RequestQuery(Shape):
    """Which requests to list."""

    box: RequestBox = "sent"
    state: RequestState | None = None
    to_answer: bool = False
    mine: bool = False
    """Of support: only those that the caller takes care of."""
    invoice_id: str | None = Field(None, max_length=60)
    limit: int = Field(25, ge=1, le=100)
    cursor: str | None = Field(None, max_length=60)


async def list_categories(call: Doors) -> Answer:
    """What may be asked, of whom, and within how many working days an answer may come."""
    del call
    items = tuple(
        RequestCategory(
            code=code,
            label=CATEGORIES[code],
            topics=tuple(
                RequestTopic(
                    code=row.code,
                    label=row.label,
                    to=row.to,
                    needs_invoice=row.needs_invoice,
                    days=row.days,
                )
                for row in rows
            ),
        )
        for code, rows in groupby(TOPICS, lambda row: row.category)
    )
    return Answer(RequestCategories(items=items))


async def post_request(call: Doors) -> Answer:
    """Ask support, or the public body of an invoice; both sides then see one thread."""
    asked: HelpRequest = call.body
    once = mark(call, call.request.headers.get("Idempotency-Key"))
    if once and (kept := await call.kept(once)) is not None:
        return await _repeated(call, asked, kept)
    topic = BY_TOPIC.get((asked.category, asked.topic))
    if topic is None:
        raise _wrong("/topic", "Sous-catégorie", "Cette sous-catégorie n'existe pas.", "question")
    if topic.needs_invoice and not asked.invoice_id:
        raise _wrong("/invoice_id", "Facture", "Ouvrez cette demande depuis une facture.", None)
    record = await found(call, asked.invoice_id) if asked.invoice_id else None
    asker = _asker(call, asked, record, topic)
    opened = await call.store.requests.opened_since(call.who.subject, call.at - DAY, MOST_A_DAY)
    if opened >= MOST_A_DAY:
        raise TooMany(
            f"Vous avez ouvert {MOST_A_DAY} demandes en un jour ; écrivez dans l'une d'elles.",
            headers={"Retry-After": "3600"},
        )
    request = await _opened(call, asked, topic, asker, record)
    change = Change(
        [call.store.requests.add(request)],
        [request.told(request.entries[0])],
        once,
        {"id": request.id, "asked": asked.model_dump_json()},
    )
    if not await call.commit(change) and once:
        return await _repeated(call, asked, await call.kept(once) or {})
    return answer(call, request, 201)


async def _repeated(call: Doors, asked: HelpRequest, kept: dict[str, object]) -> Answer:
    if kept.get("asked") != asked.model_dump_json():
        raise Conflict(
            "Cette Idempotency-Key a servi à une autre demande.", code="idempotency-key-reused"
        )
    request = await call.store.requests.get(str(kept["id"]))
    assert request is not None, "what is kept beside the mark was saved with it"
    return answer(call, request, 201)


def _asker(call: Doors, asked: HelpRequest, record: Record | None, topic: Topic) -> str | None:
    """For which structure the caller asks; none, of somebody who belongs to none."""
    if call.who.kind == "operator":
        raise BadRequest("Le support ne s'écrit pas à lui-même.", code="wrong-side")
    grants = [grant for grant in call.who.grants if allowed(grant, "ask")]
    if record:
        part = set(record.readers)
        if topic.to == "body":
            part -= {record.buyer, record.stand_in}
        grants = [g for g in grants if {g.structure, *g.former} & part]
    keys = [grant.structure for grant in grants]
    if asked.structure is not None:
        if asked.structure not in keys:
            said = "Vous ne pouvez pas poser cette question pour cette structure."
            raise _wrong("/structure", "Structure", said, None)
        return asked.structure
    if record and not keys:
        said = "Aucune de vos structures ne peut poser cette question sur cette facture."
        raise _wrong("/invoice_id", "Facture", said, None)
    if len(keys) > 1:
        said = "Dites pour laquelle de vos structures vous demandez."
        raise _wrong("/structure", "Structure", said, keys[0])
    return keys[0] if keys else None


async def _opened(
    call: Doors, asked: HelpRequest, topic: Topic, asker: str | None, record: Record | None
) -> Request:
    """The request as it begins, with the invoice as it stands."""
    name = await named(call, asker)
    first = Entry(
        number=1,
        event="opened",
        side="asker",
        by=name or call.who.email or "Un utilisateur",
        at=call.at,
        text=asked.text,
        actor=call.who.subject,
        author=call.who.email,
    )
    body = (record.stand_in or record.buyer) if record and topic.to == "body" else None
    return Request(
        id=call.new_id(),
        realm=call.who.realm,
        to=topic.to,
        category=topic.category,
        topic=topic.code,
        title=" ".join(asked.title.split()),
        asker=asker,
        asked_by=call.who.subject,
        asker_email=call.who.email,
        body=body,
        department=record.header.buyer_reference if record else None,
        invoice=await _context(call, record) if record else None,
        opened_at=call.at,
        changed_at=call.at,
        entries=(first,),
    )


async def _context(call: Doors, record: Record) -> RequestInvoice:
    header = record.header
    return RequestInvoice(
        id=record.id,
        number=header.number,
        status=invoice_view(record, call.at).status,
        seller=record.seller,
        seller_name=header.seller.name or record.seller,
        buyer=record.buyer,
        buyer_name=header.buyer.name or await named(call, record.buyer) or record.buyer,
        issue_date=header.issue_date,
        total_with_vat=header.totals.with_vat,
        currency=header.currency,
    )


def _wrong(pointer: str, label: str, message: str, example: str | None) -> Invalid:
    finding = Finding(
        code="FAC-MOVE-005",
        pointer=pointer,
        label=label,
        message=message,
        hint="GET /v1/requests/categories dit ce qui peut être demandé, et à qui.",
        example=example,
    )
    return Invalid(message, errors=[finding])


async def list_requests(call: Doors) -> Answer:
    """The requests of one of the caller's boxes, newest first."""
    query: RequestQuery = call.query
    asked = (query.state,) if query.state else (*LIVING, "CLOSED")
    turn = TURN[TURN_OF[query.box]] if query.to_answer else asked
    found = await call.store.requests.page(
        box(call, query.box),
        states=[state for state in asked if state in turn],
        invoice_id=query.invoice_id,
        assigned_to=call.who.subject if query.mine else None,
        before=query.cursor,
        limit=query.limit + 1,
    )
    shown = found[: query.limit]
    cursor = shown[-1].id if len(found) > query.limit else None
    items = tuple(summary(call, request) for request in shown)
    return Answer(RequestPage(items=items, next_cursor=cursor))


async def count_requests(call: Doors) -> Answer:
    """How many requests wait for the caller, for others, and are closed, box by box."""
    counts = {name: await _counted(call, name) for name in TURN_OF}
    if call.who.kind != "operator":
        del counts["support"]
    return Answer(RequestCounts.model_validate(counts))


async def _counted(call: Doors, name: RequestBox) -> BoxCounts:
    counts = await call.store.requests.counts(box(call, name))
    mine = sum(counts.get(state, 0) for state in TURN[TURN_OF[name]])
    living = sum(counts.get(state, 0) for state in LIVING)
    return BoxCounts(to_answer=mine, waiting=living - mine, closed=counts.get("CLOSED", 0))


async def get_request(call: Doors) -> Answer:
    """One request with its thread."""
    request, _ = await readable(call)
    return answer(call, request)


ROUTES = (
    Route(
        "GET",
        "/v1/requests/categories",
        list_categories,
        summary="Savoir ce qui peut être demandé",
        answer=RequestCategories,
        kinds=("person", "operator"),
    ),
    Route(
        "GET",
        "/v1/requests/counts",
        count_requests,
        summary="Compter les demandes d'assistance à traiter",
        answer=RequestCounts,
        kinds=("person", "operator"),
    ),
    Route(
        "POST",
        "/v1/requests",
        post_request,
        summary="Demander de l'aide au support ou à une entité publique",
        answer=RequestView,
        status=201,
        body=HelpRequest,
        kinds=("person", "operator"),
    ),
    Route(
        "GET",
        "/v1/requests",
        list_requests,
        summary="Lister les demandes d'assistance",
        answer=RequestPage,
        query=RequestQuery,
        kinds=("person", "operator"),
    ),
    Route(
        "GET",
        "/v1/requests/{id}",
        get_request,
        summary="Lire une demande d'assistance",
        answer=RequestView,
        kinds=("person", "operator"),
    ),
)
