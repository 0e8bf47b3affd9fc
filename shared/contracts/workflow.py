"""What workflow promises: the life of an invoice."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.contracts.finding import Finding
from shared.contracts.invoice import Header, Totals
from shared.contracts.message import Message, Shape
from shared.contracts.status import GROWS, InvoiceStatus
from shared.contracts.structures import IdentifierKind

Role = Annotated[
    Literal["seller", "buyer", "platform", "validator", "project_manager", "project_owner"],
    Field(json_schema_extra={GROWS: True}),
]
"""What somebody is to an invoice; the last two to a works piece (MOE and MOA)."""


class Correction(Shape):
    """A field that the seller corrected, with what it said before."""

    field: str
    was: str | None = None
    now: str | None = None


class Step(Shape):
    """One change of status. `sequence` counts from 1 without holes, per invoice."""

    sequence: int
    status: InvoiceStatus
    previous: InvoiceStatus | None = None
    at: datetime
    by: Role
    actor: str | None = None
    reason: str | None = None
    reason_code: str | None = None
    """Of the table of reasons, for decisions that have one."""
    mandate_number: str | None = None
    comment: str | None = None
    corrections: tuple[Correction, ...] = ()
    attachments: tuple[str, ...] = ()
    """SHA-256 of the files that were added with this step."""


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


class ActionAwaited(Message):
    """An open invoice waits for somebody: at once, and again when a delay passes."""

    TOPIC: ClassVar[str] = "workflow.action-awaited.v1"
    invoice_id: str
    realm: str
    seller: str
    buyer: str
    structure: str
    """Whose turn it is."""
    role: Role
    action: str
    header: Header
    status: InvoiceStatus
    sequence: int
    """Of the step since which it waits."""
    since: datetime
    days: int = 0
    """How long it has waited when this is said."""
    until: datetime | None = None
    """When the delay ends."""


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
    validators: tuple[str, ...] = ()
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


PROMISES = (
    InvoiceOpened,
    InvoiceReaddressed,
    InvoiceRefused,
    StatusChanged,
    PartyMet,
    ActionAwaited,
)


class StatusView(Shape):
    """A status in all its words."""

    code: InvoiceStatus
    chorus_code: str
    label: str
    since: datetime


class Done(Shape):
    """Something that was recorded about an invoice and changed no status."""

    action: str
    chorus_code: str
    label: str
    at: datetime
    by: Role
    actor: str | None = None
    sequence: int
    """Of the step that it is about."""


class Acknowledgement(Shape):
    """Whether the seller has seen that the invoice was refused or suspended."""

    chorus_code: str
    since: datetime
    due_at: datetime
    given_at: datetime | None = None
    required: bool
    """Whether it is due and was not given."""


class Awaited(Shape):
    """Whose turn it is, to do what, until when."""

    role: Role
    structure: str
    action: str
    label: str
    since: datetime
    until: datetime | None = None
    text: str


ClockState = Literal["not_started", "running", "paused", "stopped"]


class PaymentClock(Shape):
    """How far the legal payment delay is. Indicative: it is no legal advice."""

    state: ClockState
    delay_days: int
    started_at: datetime | None = None
    elapsed_days: int = 0
    """Whole days that count."""
    paused_days: int = 0
    """Whole days that do not count."""
    expected_by: date | None = None
    """The latest date of payment, as far as it can be told now."""
    sentences: tuple[str, ...] = ()
    """Why, in words."""
    indicative: Literal[True] = True


class BillingFile(Shape):
    """The place of a works piece in its billing file."""

    number: str | None = None
    frame: str
    label: str
    preceding: str | None = None
    following: str | None = None


class AttachmentView(Shape):
    """A file that the seller added to an invoice."""

    sha256: str
    name: str
    media_type: str
    size: int
    added_at: datetime


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
    validators: tuple[str, ...] = ()
    project_manager: str | None = None
    project_owner: str | None = None
    awaited: Awaited | None = None
    acknowledgement: Acknowledgement | None = None
    payment: PaymentClock | None = None
    billing_file: BillingFile | None = None
    attachments: tuple[AttachmentView, ...] = ()
    findings: tuple[Finding, ...] = ()
    """Warnings that did not keep it from its buyer."""
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
    """Every step of an invoice, oldest first, and what people recorded beside."""

    items: tuple[StepView, ...]
    actions: tuple[Done, ...] = ()


class ReasonView(Shape):
    """A reason that a decision may have."""

    code: str
    label: str


class MoveView(Shape):
    """Something the caller may do now; what only is recorded leaves the status as it is."""

    action: str
    label: str
    to: InvoiceStatus
    requires: tuple[str, ...] = ()
    accepts: tuple[str, ...] = ()
    """What else may be given."""
    reasons: tuple[ReasonView, ...] = ()
    """The codes that `reason_code` may have."""


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
    reason_code: str | None = Field(default=None, max_length=50)
    validator_siret: str | None = Field(default=None, max_length=18)
    project_manager_siret: str | None = Field(default=None, max_length=18)
    project_owner_siret: str | None = Field(default=None, max_length=18)
    piece: str | None = Field(default=None, pattern=r"^[0-9a-f-]{36}$")
    """The id of the works piece that follows."""
    attachments: tuple[str, ...] | None = Field(default=None, max_length=20)
    """SHA-256 of files that were added to this invoice before."""


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
