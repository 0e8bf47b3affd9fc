"""What may be done to an invoice now, and doing it."""

import asyncio
from dataclasses import replace

from services.workflow.api.edge import (
    CHANGED,
    Doors,
    correction,
    etag,
    found,
    fresh,
    mark,
    overtaken,
    roles,
)
from services.workflow.api.effects import EFFECTS, Effect
from services.workflow.api.views import shown
from services.workflow.domain import acts, lifecycle
from services.workflow.domain import steps as life
from services.workflow.domain.lapse import lapse, overdue
from services.workflow.domain.reasons import reasons, worded
from services.workflow.domain.record import Record
from services.workflow.store.changes import Moved, change
from shared.contracts.workflow import InvoiceView, MovePage, MoveRequest, MoveView, Role
from shared.errors import Conflict
from shared.web import Answer, Route

LOOKS, LOOK_SECONDS = 25, 0.02
"""How often a change that was met is looked for, and the pause between."""


async def get_moves(call: Doors) -> Answer:
    """What the caller may do to an invoice now."""
    record = await found(call)
    mine = roles(call, record)
    circuit = record.circuit(await correction(call, record))
    last, day = record.steps[-1], call.at.date()
    items = [
        MoveView(
            action=row.action,
            label=row.label,
            to=row.to,
            requires=row.evidence,
            accepts=row.optional,
            reasons=reasons(row.action, row.by, day),
        )
        for role in mine
        for row in lifecycle.allowed(record.status, role, circuit)
    ]
    items += [
        MoveView(action=row.action, label=row.label, to=record.status)
        for role in mine
        for row in acts.open_acts(last, record.done, role)
    ]
    return Answer(MovePage(items=tuple(items)), headers={"ETag": etag(record)})


async def post_move(call: Doors) -> Answer:
    """Do it: the invoice changes its status, and whom it concerns hears of it."""
    headers = call.request.headers
    record = await act(call, headers.get("Idempotency-Key"), headers.get("If-Match"))
    (known,) = await shown(call, record)
    return Answer(known, headers={"ETag": etag(record)})


async def act(call: Doors, key: str | None, seen: str | None = None) -> Record:
    """The invoice of the path after the move of the body. Raises whatever refuses it."""
    record = await up_to_date(call, await found(call))
    once = mark(call, record, key)
    if once and (kept := await call.kept(once)) is not None:
        return _repeated(call, record, kept)
    fresh(record, seen)
    request: MoveRequest = call.body
    doing = _noted if request.action in acts.ACTIONS else _moved
    moved = await doing(call, record, roles(call, record))
    made = replace(
        await change(call.store, moved, once), value=request.model_dump(exclude_none=True)
    )
    try:
        return moved.record if await call.commit(made) else await found(call)
    except Conflict as conflict:
        if conflict.code != CHANGED:
            raise
        raise overtaken(await _newer(call, record)) from conflict


async def _newer(call: Doors, known: Record) -> Record:
    """What another's change made of an invoice, as soon as the database shows it to everybody."""
    record = known
    for _ in range(LOOKS):
        record = await found(call)
        if record.version > known.version:
            return record
        await asyncio.sleep(LOOK_SECONDS)
    return record


async def up_to_date(call: Doors, record: Record) -> Record:
    """The invoice after every delay that has ended, even if nobody has seen to it yet."""
    while timer := overdue(record, call.at):
        lapsed = Moved(lapse(record, timer).record, record, save=(call.store.over(timer),))
        await call.commit(await change(call.store, lapsed, timer.mark))
        record = await found(call)
    return record


async def _moved(call: Doors, record: Record, mine: tuple[Role, ...]) -> Moved:
    """The invoice after the move, and what the move saves and tells beside."""
    request: MoveRequest = call.body
    policy = await correction(call, record)
    row = lifecycle.move(record.status, request.action, mine, record.circuit(policy))
    reason = worded(row.action, row.by, request.reason_code, request.reason, call.at.date())
    lifecycle.demand(row, request.model_dump(exclude={"action"}) | {"reason": reason})
    effect = EFFECTS.get(row.action)
    done = await effect(call, record, row) if effect else Effect(record)
    said = life.Said(
        actor=call.who.subject,
        reason=reason or request.comment,
        reason_code=request.reason_code,
        mandate_number=request.mandate_number,
        comment=request.comment if reason else None,
        corrections=done.corrections,
        attachments=done.attachments,
    )
    after = life.after(record.steps[-1], row, done.record.circuit(policy), at=call.at, said=said)
    moved = done.record.stepped(after)
    tell = tuple(fact(moved) for fact in done.tell)
    return Moved(moved, record, done.save, tell, done.met)


async def _noted(call: Doors, record: Record, mine: tuple[Role, ...]) -> Moved:
    """The invoice with something recorded that changes no status."""
    last = record.steps[-1]
    row = acts.act(last, record.done, call.body.action, mine)
    return Moved(record.noted(row.done(last, call.at, call.who.subject)), record)


def _repeated(call: Doors, record: Record, kept: dict[str, object]) -> Record:
    if _plain(kept) != _plain(call.body.model_dump(exclude_none=True)):
        raise Conflict(
            "Cette Idempotency-Key a servi à une autre demande.", code="idempotency-key-reused"
        )
    return record


def _plain(body: dict[str, object]) -> dict[str, object]:
    """A body as the database gives it back: it knows lists only."""
    return {k: list(v) if isinstance(v, tuple) else v for k, v in body.items()}


ROUTES = (
    Route(
        "GET",
        "/v1/invoices/{id}/moves",
        get_moves,
        summary="Savoir ce qui peut être fait maintenant",
        scope="invoices:read",
        answer=MovePage,
    ),
    Route(
        "POST",
        "/v1/invoices/{id}/moves",
        post_move,
        summary="Agir sur une facture",
        scope="statuses:write",
        answer=InvoiceView,
        body=MoveRequest,
    ),
)
