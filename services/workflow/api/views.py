"""An invoice as it is shown."""

from datetime import datetime

from services.workflow.api.edge import Doors
from services.workflow.domain.acts import acknowledgement
from services.workflow.domain.money import clock
from services.workflow.domain.record import Record
from services.workflow.domain.turn import awaited
from shared.contracts.ingest import DocumentKind
from shared.contracts.workflow import (
    BillingFile,
    Fetch,
    HistoryView,
    InvoiceView,
    StatusView,
    StepView,
)


async def shown(call: Doors, *records: Record) -> tuple[InvoiceView, ...]:
    """Invoices as their parties see them now."""
    fetched = await call.store.fetches([record.id for record in records])
    return tuple(view(record, call.at, fetched.get(record.id, ())) for record in records)


def view(record: Record, at: datetime, fetched: tuple[Fetch, ...] = ()) -> InvoiceView:
    """An invoice as its parties see it at a time."""
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
        validators=record.validators,
        project_manager=record.project_manager,
        project_owner=record.project_owner,
        awaited=awaited(record, at),
        acknowledgement=acknowledgement(last, record.done, at),
        payment=clock(record, at),
        billing_file=_billing_file(record),
        attachments=record.attachments,
        fetched=fetched,
        findings=record.findings,
        replaces=record.replaces,
        replaced_by=record.replaced_by,
        version=record.version,
        links=_links(record),
    )


def _billing_file(record: Record) -> BillingFile | None:
    piece, frame = record.piece, record.frame
    if piece is None:
        return None
    return BillingFile(
        number=piece.number,
        frame=frame.chorus,
        label=frame.label,
        preceding=piece.preceding,
        following=piece.following,
    )


def _links(record: Record) -> dict[str, str]:
    own = f"/v1/invoices/{record.id}"
    links: dict[str, str] = {
        "self": own,
        "history": f"{own}/history",
        "moves": f"{own}/moves",
        "deposit": f"/v1/deposits/{record.deposit_id}",
        **{kind.value: f"{own}/documents/{kind}" for kind in DocumentKind},
    }
    for name, other in (("replaces", record.replaces), ("replaced_by", record.replaced_by)):
        if other:
            links[name] = f"/v1/invoices/{other}"
    for added in record.attachments:
        links[f"attachment-{added.sha256[:12]}"] = f"{own}/attachments/{added.sha256}"
    return links


def history(record: Record) -> HistoryView:
    """Every step of an invoice, and what people recorded beside."""
    steps = tuple(
        StepView(**dict(step), label=step.status.label, chorus_status=step.status.chorus)
        for step in record.steps
    )
    return HistoryView(items=steps, actions=record.done)
