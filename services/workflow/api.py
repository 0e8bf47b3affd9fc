"""Invoices over HTTP: list, read, history, what the caller may do, and doing it."""

import re
from typing import Literal

from pydantic import Field

from services.workflow.domain import lifecycle
from services.workflow.domain.case import Case
from services.workflow.domain.record import Record, readdressed
from services.workflow.domain.routing import route
from services.workflow.store import Store
from shared.contracts.ingest import DocumentKind
from shared.contracts.message import Shape
from shared.contracts.status import InvoiceStatus
from shared.contracts.workflow import (
    HistoryView,
    InvoicePage,
    InvoiceReaddressed,
    InvoiceView,
    MovePage,
    MoveRequest,
    MoveView,
    PartyMet,
    StatusChanged,
    StatusView,
    StepView,
)
from shared.errors import BadRequest, Conflict, Invalid, NotFound, Problem
from shared.outbox import Change, Public
from shared.web import Answer, Call, Route

KEY = re.compile(r"[\x21-\x7e]{1,255}")


class InvoiceQuery(Shape):
    """Which invoices to list."""

    status: InvoiceStatus | None = None
    number: str | None = Field(None, max_length=100)
    role: Literal["seller", "buyer"] | None = None
    limit: int = Field(25, ge=1, le=100)
    cursor: str | None = Field(None, pattern=r"^[0-9a-f-]{36}$")


class Stale(Problem):
    """The invoice is no longer the one that the caller has seen."""

    status, title, default_code = 412, "Version dépassée", "version-conflict"


async def list_invoices(call: Call[Store, None]) -> Answer:
    """The invoices of the caller's structures, newest first."""
    query: InvoiceQuery = call.query
    found = await call.store.page(
        call.who.realm,
        call.who.structures,
        status=query.status,
        number=query.number,
        role=query.role,
        before=query.cursor,
        limit=query.limit + 1,
    )
    shown = found[: query.limit]
    cursor = shown[-1].id if len(found) > query.limit else None
    return Answer(InvoicePage(items=tuple(view(record) for record in shown), next_cursor=cursor))


async def get_invoice(call: Call[Store, None]) -> Answer:
    """One invoice."""
    return _shown(await _found(call))


async def get_history(call: Call[Store, None]) -> Answer:
    """Every step of an invoice, oldest first."""
    record = await _found(call)
    return Answer(
        HistoryView(
            items=tuple(
                StepView(**dict(step), label=step.status.label, chorus_status=step.status.chorus)
                for step in record.steps
            )
        )
    )


async def get_moves(call: Call[Store, None]) -> Answer:
    """What the caller may do to an invoice now."""
    record = await _found(call)
    rows = [
        row
        for role in record.roles(call.who.structures)
        for row in lifecycle.allowed(record.status, role)
    ]
    items = tuple(
        MoveView(action=row.action, label=row.label, to=row.to, requires=row.evidence)
        for row in rows
    )
    return Answer(MovePage(items=items), headers={"ETag": _etag(record)})


async def post_move(call: Call[Store, None]) -> Answer:
    """Do it: the invoice changes its status, and whom it concerns hears of it."""
    record = await _found(call)
    once = _mark(call, record)
    if once and (kept := await call.kept(once)) is not None:
        return _repeated(record, kept, call.body)
    if call.request.headers.get("If-Match", "*") not in ("*", _etag(record)):
        raise Stale("La facture a changé depuis que vous l'avez lue ; relisez-la.")
    moved, change = await _move(call, record)
    if not await call.commit(
        Change(change.save, change.tell, once, call.body.model_dump(exclude_none=True))
    ):
        return _shown(await _found(call))
    return _shown(moved)


async def _move(call: Call[Store, None], record: Record) -> tuple[Record, Change]:
    """The invoice after the move, and the change that makes it so."""
    request: MoveRequest = call.body
    roles = record.roles(call.who.structures)
    evidence = request.model_dump(exclude={"action"})
    row = lifecycle.move(record.status, request.action, roles, evidence)
    steps = lifecycle.after(
        record.steps[-1],
        row,
        at=call.at,
        actor=call.who.subject,
        reason=request.reason or request.comment,
        mandate_number=request.mandate_number,
    )
    moved, strangers = record, tuple[PartyMet, ...]()
    rerouted = row.action == "reroute"
    if rerouted:
        moved, strangers = await _rerouted(call, record)
    moved = moved.stepped(steps)
    queues = await call.store.queues(moved)
    keys = moved.routing_keys(queues)
    events = [Public(event, keys) for event in moved.events(steps)] if queues else []
    told = StatusChanged(
        invoice_id=moved.id,
        realm=moved.realm,
        seller=moved.seller,
        buyer=moved.buyer,
        header=moved.header,
        steps=steps,
    )
    new_address = [_readdressed(moved)] if rerouted else []
    met = [call.store.meet(party) for party in strangers]
    return moved, Change(
        [call.store.moved(moved, record), *met], [told, *new_address, *events, *strangers]
    )


def _readdressed(record: Record) -> InvoiceReaddressed:
    return InvoiceReaddressed(
        invoice_id=record.id,
        deposit_id=record.deposit_id,
        item=record.item,
        realm=record.realm,
        readers=record.readers,
        header=record.header,
        sequence=record.steps[-1].sequence,
    )


async def _rerouted(call: Call[Store, None], record: Record) -> tuple[Record, tuple[PartyMet, ...]]:
    """The invoice with the address that the seller corrected, if it leads to a buyer."""
    request: MoveRequest = call.body
    header = readdressed(record.header, request)
    parties = await call.store.parties(record.realm, header)
    faults = route(Case.of(header, parties, (record.seller,), call.at.date()))
    if faults:
        raise Invalid("La facture ne peut pas être acheminée ainsi.", errors=faults)
    return record.rerouted(header, parties), parties.strangers(header)


async def _found(call: Call[Store, None]) -> Record:
    """The invoice of the path; what is absent and what is another's look the same."""
    record = await call.store.readable(call.path["id"], call.who.realm, call.who.structures)
    if record is None:
        raise NotFound("Cette facture n'existe pas, ou aucune de vos structures n'y a part.")
    return record


def _mark(call: Call[Store, None], record: Record) -> str | None:
    key = call.request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not KEY.fullmatch(key):
        raise BadRequest(
            "Idempotency-Key : 1 à 255 caractères visibles.", code="bad-idempotency-key"
        )
    return f"moves:{call.who.subject}:{record.id}:{key}"


def _repeated(record: Record, kept: dict[str, object], request: MoveRequest) -> Answer:
    if kept != request.model_dump(exclude_none=True):
        raise Conflict(
            "Cette Idempotency-Key a servi à une autre demande.", code="idempotency-key-reused"
        )
    return _shown(record)


def _etag(record: Record) -> str:
    return f'"{record.version}"'


def _shown(record: Record) -> Answer:
    return Answer(view(record), headers={"ETag": _etag(record)})


def view(record: Record) -> InvoiceView:
    """An invoice as its parties see it."""
    own = f"/v1/invoices/{record.id}"
    last = record.steps[-1]
    return InvoiceView(
        id=record.id,
        number=record.header.number,
        status=StatusView(
            code=last.status, chorus_code=last.status.chorus, label=last.status.label, since=last.at
        ),
        seller=record.seller,
        buyer=record.buyer,
        deposit_id=record.deposit_id,
        sha256=record.sha256,
        format=record.format,
        received_at=record.received_at,
        invoice=record.header,
        version=record.version,
        links={
            "self": own,
            "history": f"{own}/history",
            "moves": f"{own}/moves",
            "deposit": f"/v1/deposits/{record.deposit_id}",
            **{kind: f"{own}/documents/{kind}" for kind in DocumentKind},
        },
    )


ROUTES = (
    Route(
        "GET",
        "/v1/invoices",
        list_invoices,
        summary="Lister les factures",
        answer=InvoicePage,
        query=InvoiceQuery,
    ),
    Route("GET", "/v1/invoices/{id}", get_invoice, summary="Lire une facture", answer=InvoiceView),
    Route(
        "GET",
        "/v1/invoices/{id}/history",
        get_history,
        summary="Lire l'historique d'une facture",
        answer=HistoryView,
    ),
    Route(
        "GET",
        "/v1/invoices/{id}/moves",
        get_moves,
        summary="Savoir ce qui peut être fait maintenant",
        answer=MovePage,
    ),
    Route(
        "POST",
        "/v1/invoices/{id}/moves",
        post_move,
        summary="Agir sur une facture",
        answer=InvoiceView,
        body=MoveRequest,
    ),
)
