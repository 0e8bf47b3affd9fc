"""Public status events, the same body on AMQP, webhook and feed."""

from datetime import datetime
from typing import Literal

from shared.contracts.invoice import Header, Totals
from shared.contracts.message import Shape
from shared.contracts.status import InvoiceStatus
from shared.contracts.workflow.facts import Role, Step

SOURCE = "/chorale/workflow"
STATUS_CHANGED = "chorale.invoice.status-changed.v1"


class StatusEvent(Shape):
    """The data of a public status event (CloudEvent `chorale.invoice.status-changed.v1`)."""

    invoice_id: str
    number: str
    seller_siret: str | None
    buyer_siret: str | None
    buyer_reference: str | None
    order_reference: str | None
    status: InvoiceStatus
    chorus_status: str
    label: str
    previous_status: InvoiceStatus | None
    reason: str | None
    by: Role
    at: datetime
    totals: Totals


class CloudEvent(Shape):
    """CloudEvents 1.0, structured mode; the same body on AMQP, webhook and feed."""

    specversion: Literal["1.0"] = "1.0"
    id: str
    source: str
    type: str
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    sequence: int
    data: StatusEvent


def status_event(invoice_id: str, header: Header, step: Step) -> CloudEvent:
    """The public event of one step of an invoice, the same at every door."""
    data = StatusEvent(
        invoice_id=invoice_id,
        number=header.number,
        seller_siret=header.seller.siret,
        buyer_siret=header.buyer.siret,
        buyer_reference=header.buyer_reference,
        order_reference=header.order_reference,
        status=step.status,
        chorus_status=step.status.chorus,
        label=step.status.label,
        previous_status=step.previous,
        reason=step.reason,
        by=step.by,
        at=step.at,
        totals=header.totals,
    )
    return CloudEvent(
        id=f"{invoice_id}-{step.sequence}",
        source=SOURCE,
        type=STATUS_CHANGED,
        subject=invoice_id,
        time=step.at,
        sequence=step.sequence,
        data=data,
    )
