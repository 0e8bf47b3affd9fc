"""Public status events, the same body on AMQP, webhook and feed."""

from datetime import datetime
from typing import Literal

from shared.contracts.invoice import Totals
from shared.contracts.message import Shape
from shared.contracts.status import InvoiceStatus
from shared.contracts.workflow.facts import Role


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
