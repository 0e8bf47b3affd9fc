"""What workflow promises: the life of an invoice."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field

from shared.contracts.finding import Finding
from shared.contracts.invoice import Header, Totals
from shared.contracts.message import Message, Shape
from shared.contracts.status import InvoiceStatus
from shared.contracts.structures import IdentifierKind

Role = Literal["seller", "buyer", "platform", "validator"]


class Step(Shape):
    """One change of status. `sequence` counts from 1 without holes, per invoice."""

    sequence: int
    status: InvoiceStatus
    previous: InvoiceStatus | None = None
    at: datetime
    by: Role
    actor: str | None = None
    reason: str | None = None
    mandate_number: str | None = None


class InvoiceOpened(Message):
    """An invoice found its buyer and began its life."""

    TOPIC: ClassVar[str] = "workflow.invoice-opened.v1"
    invoice_id: str
    deposit_id: str
    item: int
    realm: str
    seller: str
    buyer: str
    readers: tuple[str, ...] = ()
    """The structures whose people and programs may read it and its documents."""
    header: Header
    steps: tuple[Step, ...]


class InvoiceReaddressed(Message):
    """The seller corrected the address of an open invoice: its header and its readers are new."""

    TOPIC: ClassVar[str] = "workflow.invoice-readdressed.v1"
    invoice_id: str
    deposit_id: str
    item: int
    realm: str
    readers: tuple[str, ...]
    header: Header
    sequence: int
    """Of its last step: the greater one is the newer."""


class InvoiceRefused(Message):
    """An invoice was read but could not be routed; its number stays free."""

    TOPIC: ClassVar[str] = "workflow.invoice-refused.v1"
    deposit_id: str
    item: int
    realm: str
    findings: tuple[Finding, ...]


class StatusChanged(Message):
    """An invoice that was already open changed its status."""

    TOPIC: ClassVar[str] = "workflow.status-changed.v1"
    invoice_id: str
    realm: str
    seller: str
    buyer: str
    header: Header
    steps: tuple[Step, ...]


class PartyMet(Message):
    """A sandbox invoice names a structure that the directory does not know."""

    TOPIC: ClassVar[str] = "workflow.party-met.v1"
    realm: str
    kind: IdentifierKind
    identifier: str
    name: str
    public: bool
    country: str | None = None
    vat_number: str | None = None


PROMISES = (InvoiceOpened, InvoiceReaddressed, InvoiceRefused, StatusChanged, PartyMet)


class StatusView(Shape):
    """A status in all its words."""

    code: InvoiceStatus
    chorus_code: str
    label: str
    since: datetime


class InvoiceView(Shape):
    """An invoice as its parties see it."""

    id: str
    number: str
    status: StatusView
    seller: str
    buyer: str
    deposit_id: str
    sha256: str
    format: str
    received_at: datetime
    invoice: Header
    version: int
    links: dict[str, str]


class InvoicePage(Shape):
    """One page of invoices, newest first."""

    items: tuple[InvoiceView, ...]
    next_cursor: str | None = None


class StepView(Step):
    """A step with its words."""

    label: str
    chorus_status: str


class HistoryView(Shape):
    """Every step of an invoice, oldest first."""

    items: tuple[StepView, ...]


class MoveView(Shape):
    """Something the caller may do now."""

    action: str
    label: str
    to: InvoiceStatus
    requires: tuple[str, ...] = ()


class MovePage(Shape):
    """What the caller may do now."""

    items: tuple[MoveView, ...]


class MoveRequest(Shape):
    """Doing it: the action and the evidence that it requires."""

    action: str = Field(max_length=40)
    reason: str | None = Field(default=None, max_length=255)
    mandate_number: str | None = Field(default=None, max_length=50)
    comment: str | None = Field(default=None, max_length=2000)
    buyer_reference: str | None = Field(default=None, max_length=100)
    order_reference: str | None = Field(default=None, max_length=50)
    buyer_siret: str | None = Field(default=None, max_length=18)


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
