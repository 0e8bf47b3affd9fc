"""A readable invoice begins its life; a works piece answers the one before it."""

from dataclasses import dataclass, replace

from services.workflow.adapters import Adapters
from services.workflow.domain import steps as life
from services.workflow.domain import telling
from services.workflow.domain.acts import open_acts
from services.workflow.domain.case import Case, Preceding
from services.workflow.domain.frames import REPLACING, frame_of, may_follow
from services.workflow.domain.ids import invoice_id
from services.workflow.domain.lifecycle import REFUSED, Move, allowed
from services.workflow.domain.parties import LIVE, Parties
from services.workflow.domain.record import Piece, Record, slot
from services.workflow.domain.routing import duplicate, route
from services.workflow.store import Store
from services.workflow.store.changes import Moved, change, delays, events
from shared.contracts.ingest import InvoiceRead
from shared.contracts.message import Message
from shared.contracts.workflow import InvoiceOpened, InvoiceRefused
from shared.mongo import Write
from shared.outbox import Change, Public
from shared.service import Context

Here = Context[Store, Adapters]


@dataclass(frozen=True, slots=True)
class Before:
    """What an invoice refers to: whether it is here, and the piece that a works piece follows."""

    known: Preceding = "unasked"
    piece: Record | None = None
    refused: Record | None = None
    """The refused invoice in whose place this one is issued."""


async def open_invoice(read: InvoiceRead, ctx: Here) -> Change:
    """A readable invoice finds its buyer and begins its life, or is refused with every fault."""
    own = invoice_id(read.deposit_id, read.item, read.received_at)
    if await ctx.store.exists(own):
        return Change()
    parties = await ctx.store.parties(read.realm, read.header)
    before = await _before(read, parties, ctx)
    case = Case.of(read.header, parties, _issues_for(read), ctx.at.date(), before.known)
    findings = route(case)
    if parties.seller and (other := await ctx.store.taken(slot(read, parties))):
        if other["_id"] == own:  # told twice, and opened since we looked
            return Change()
        findings = (*findings, duplicate(read.header.number, other["received_at"]))
    if any(finding.blocks for finding in findings):
        refused = InvoiceRefused(
            deposit_id=read.deposit_id, item=read.item, realm=read.realm, findings=findings
        )
        return Change(tell=[refused])
    record = Record.opened(read, parties, ctx.at, findings=findings, before=before.piece)
    if before.refused:
        record = replace(record, replaces=before.refused.id)
    return await _opening(read, record, parties, before, ctx)


async def _opening(
    read: InvoiceRead, record: Record, parties: Parties, before: Before, ctx: Here
) -> Change:
    """The change that opens an invoice, and what it does to the one before."""
    strangers = parties.strangers(read.header)
    save: list[Write] = [
        *ctx.store.add(record),
        *delays(ctx.store, record, len(record.steps)),
        *(ctx.store.meet(party) for party in strangers),
    ]
    tell: list[Message | Public] = [
        _opened(record),
        *telling.asked(record),
        *await events(ctx.store, record, record.steps),
        *strangers,
    ]
    after = [(piece, _answered(piece, record, read, ctx)) for piece in (before.piece,) if piece]
    after += [(was, _replaced(was, record, read, ctx)) for was in (before.refused,) if was]
    for was, now in after:
        answered = await change(ctx.store, Moved(now, was))
        save, tell = [*save, *answered.save], [*tell, *answered.tell]
    return Change(save, tell)


def _issues_for(read: InvoiceRead) -> tuple[str, ...]:
    depositor = read.depositor
    return (*depositor.structures, depositor.structure or "")


async def _before(read: InvoiceRead, parties: Parties, ctx: Here) -> Before:
    """What an invoice refers to: a credit note to the one that it corrects, a works piece to the
    one that it follows, another to the refused one that it replaces.

    Only who has a part in a piece may answer it; in a sandbox anybody may.
    """
    header, frame = read.header, frame_of(read.header.process)
    number = header.preceding_invoice
    if not number or (frame.works and not frame.follows):
        return Before()
    found = await ctx.store.numbered(read.realm, number)
    if not frame.works:
        theirs = [record for record in found if record.seller == parties.seller_key]
        if header.is_credit_note:
            return Before("known" if theirs else "unknown")
        open_ones = (r for r in theirs if r.status in REFUSED and not r.replaced_by)
        return Before(refused=next(open_ones, None))
    mine = set(_issues_for(read))
    fits = [
        record
        for record in found
        if may_follow(frame, record.frame)
        and (read.realm != LIVE or mine & set(record.readers))
        and not (record.piece and record.piece.following)
    ]
    return Before("known", fits[0]) if fits else Before("unknown")


def _answered(before: Record, record: Record, read: InvoiceRead, ctx: Here) -> Record:
    """The piece before, now that this one follows: linked or replaced where the table allows it."""
    piece = replace(before.piece or Piece(), following=record.id)
    linked = replace(before, piece=piece)
    row = _answer(before, record)
    if row is None:
        return replace(linked, version=before.version + 1)
    reason = f"Pièce {record.frame.code} n° {record.header.number}"
    said = life.Said(actor=read.depositor.subject, reason=reason)
    steps = life.after(before.steps[-1], row, before.circuit(), at=ctx.at, said=said)
    return linked.stepped(steps)


def _replaced(before: Record, record: Record, read: InvoiceRead, ctx: Here) -> Record:
    """The refused invoice, now that its seller has dealt with it and issued another."""
    last, declared = before.steps[-1], replace(before, replaced_by=record.id)
    for row in open_acts(last, before.done, "seller"):
        declared = declared.noted(row.done(last, ctx.at, read.depositor.subject))
    return replace(declared, version=before.version + 1)


def _answer(before: Record, record: Record) -> Move | None:
    """The move that answering makes of the piece before, if it may be made now."""
    replacing = record.frame.code == REPLACING
    action, by = ("replace", "platform") if replacing else ("link", record.frame.by)
    rows = allowed(before.status, "platform" if replacing else record.frame.by, before.circuit())
    return next((row for row in rows if (row.action, row.by) == (action, by)), None)


def _opened(record: Record) -> InvoiceOpened:
    return InvoiceOpened(
        invoice_id=record.id,
        deposit_id=record.deposit_id,
        item=record.item,
        realm=record.realm,
        seller=record.seller,
        buyer=record.buyer,
        readers=record.readers,
        parties=record.played_by,
        header=record.header,
        steps=record.steps,
    )
