"""Statuses that a public body's own system reports in a file, and what became of each."""

from datetime import date, datetime
from typing import ClassVar

from shared.contracts.finding import Finding
from shared.contracts.message import Depositor, Message, Shape
from shared.contracts.status import InvoiceStatus


class ReportedStatus(Shape):
    """What a file says of one invoice, by the number and the parties that it names."""

    number: str
    """BT-1."""
    status: InvoiceStatus | None = None
    """None: the file gives a code that stands for no status of ours."""
    code: str
    """As the file gives it."""
    seller: str | None = None
    """A SIRET, a SIREN or another identifier, without spaces."""
    buyer: str | None = None
    issue_date: date | None = None
    reason: str | None = None
    mandate_number: str | None = None


class StatusesReported(Message):
    """A file of statuses was read; whether its sender may give them is workflow's to say."""

    TOPIC: ClassVar[str] = "ingest.statuses-reported.v1"
    TOGETHER: ClassVar[int] = 1
    deposit_id: str
    realm: str
    depositor: Depositor
    received_at: datetime
    statuses: tuple[ReportedStatus, ...]


class TakenStatus(Shape):
    """What became of one reported status: recorded of this invoice, unless a finding blocks."""

    invoice_id: str | None = None
    findings: tuple[Finding, ...] = ()


class StatusesTaken(Message):
    """Each status of a file was recorded, or refused with its reason; in the order of the file."""

    TOPIC: ClassVar[str] = "workflow.statuses-taken.v1"
    TOGETHER: ClassVar[int] = 1
    deposit_id: str
    realm: str
    items: tuple[TakenStatus, ...]
