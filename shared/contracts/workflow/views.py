"""An invoice over HTTP: what it is, whose turn it is, and its history."""

from datetime import date, datetime
from typing import Literal

from shared.contracts.finding import Finding
from shared.contracts.ingest import DocumentKind, Fetcher
from shared.contracts.invoice import Header
from shared.contracts.message import Shape
from shared.contracts.status import InvoiceStatus
from shared.contracts.workflow.facts import Role, Step


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


class Fetch(Shape):
    """The first download of an invoice for its buyer, by a finance system or at a screen."""

    by: Fetcher
    at: datetime
    actor: str
    document: DocumentKind


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
    fetched: tuple[Fetch, ...] = ()
    """When its buyer downloaded it first: at most once by a program and once by a person."""
    replaces: str | None = None
    """The id of the refused invoice in whose place it was issued."""
    replaced_by: str | None = None
    """The id of the invoice that was issued in its place."""
    version: int
    links: dict[str, str]


class StepView(Step):
    """A step with its words."""

    label: str
    chorus_status: str


class HistoryView(Shape):
    """Every step of an invoice, oldest first, and what people recorded beside."""

    items: tuple[StepView, ...]
    actions: tuple[Done, ...] = ()
