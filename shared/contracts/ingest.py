"""What ingest promises."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, Literal

from pydantic import Field

from shared.contracts.doors import Door
from shared.contracts.finding import Doubt, Finding
from shared.contracts.invoice import Amount, Header
from shared.contracts.message import Depositor, Message, Shape
from shared.contracts.status import InvoiceStatus


class DepositReceived(Message):
    """A file is safe with us; nobody has read it yet."""

    TOPIC: ClassVar[str] = "ingest.deposit-received.v1"
    TOGETHER: ClassVar[int] = 8
    deposit_id: str
    realm: str
    depositor: Depositor
    sha256: str
    size: int
    filename: str
    received_at: datetime
    parent: str | None = None
    """The deposit of the archive that this file came in."""


class PageReceived(DepositReceived):
    """A PDF is safe with us; it takes longer to read than XML."""

    TOPIC: ClassVar[str] = "ingest.page-received.v1"


class ArchiveReceived(DepositReceived):
    """An archive is safe with us; nobody has opened it yet."""

    TOPIC: ClassVar[str] = "ingest.archive-received.v1"
    TOGETHER: ClassVar[int] = 1


class BulkReceived(DepositReceived):
    """One of many files of the same sender is safe with us; it waits apart from single ones."""

    TOPIC: ClassVar[str] = "ingest.bulk-received.v1"


class ScanFound(DepositReceived):
    """A file is a picture of its pages: they must be recognised, which takes long."""

    TOPIC: ClassVar[str] = "ingest.scan-found.v1"
    TOGETHER: ClassVar[int] = 1


class BulkScanFound(ScanFound):
    """One of many files of the same sender is a picture of its pages."""

    TOPIC: ClassVar[str] = "ingest.bulk-scan-found.v1"


class InvoiceRead(Message):
    """An invoice was read, checked and, if it came as a page, confirmed by its sender."""

    TOPIC: ClassVar[str] = "ingest.invoice-read.v1"
    deposit_id: str
    item: int
    realm: str
    depositor: Depositor
    format: str
    sha256: str
    received_at: datetime
    header: Header
    doubts: tuple[Doubt, ...] = ()


class RefusedItem(Shape):
    """One invoice, or one unreadable file, that was refused."""

    number: str | None = None
    seller: str | None = None
    buyer: str | None = None
    total_with_vat: Amount | None = None
    currency: str | None = None
    findings: tuple[Finding, ...] = ()


class DepositRefused(Message):
    """Some or all of a deposit was refused; the depositor must know why."""

    TOPIC: ClassVar[str] = "ingest.deposit-refused.v1"
    deposit_id: str
    realm: str
    depositor: Depositor
    filename: str
    received_at: datetime
    refused: tuple[RefusedItem, ...]


class DepositState(StrEnum):
    """Where a deposit stands."""

    RECEIVED = "RECEIVED"
    READING = "READING"
    AWAITING_CONFIRMATION = "AWAITING_CONFIRMATION"
    INTEGRATED = "INTEGRATED"
    PARTLY_INTEGRATED = "PARTLY_INTEGRATED"
    REJECTED = "REJECTED"

    @property
    def final(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self not in {DepositState.RECEIVED, DepositState.READING}


class DocumentKind(StrEnum):
    """What an invoice can be had as."""

    ORIGINAL = "original"
    READABLE = "readable"
    FACTURX = "facturx"
    UBL = "ubl"
    CII = "cii"
    PIVOT = "pivot"
    CERTIFICATE = "certificate"
    ATTACHMENTS = "attachments"


Fetcher = Literal["program", "person"]
"""Whether a finance system downloads, or somebody at a screen."""


class ReadField(Shape):
    """One field as it was read: value, how sure, where, why, what else it could be.

    `value` is a string (ISO date, decimal, identifier without spaces), or a list of
    `{rate, base, vat}` for `vat_breakdown`. `box` is in PDF points from the top left corner.
    """

    value: Any
    confidence: float = Field(default=1.0, ge=0, le=1)
    page: int | None = None
    box: tuple[float, float, float, float] | None = None
    evidence: str | None = None
    alternatives: tuple[Any, ...] = ()


class Certificate(Shape):
    """Proof that a file was handed in: what, when, by whom."""

    number: str
    """44 characters: base64 of the SHA-256 over the fields below."""
    deposit_id: str
    sha256: str
    size: int
    filename: str
    depositor: str
    received_at: datetime
    jws: str | None = None
    """The whole certificate, signed (JWS, Ed25519), for whoever checks it without us."""


class DepositAnswer(Shape):
    """The answer to a deposit."""

    id: str
    state: DepositState
    sha256: str
    certificate: Certificate
    links: dict[str, str]


class DepositItem(Shape):
    """One invoice of a deposit, or one status that it reports, and what became of it."""

    number: str | None = None
    seller: str | None = None
    """The identifiers of the parties, as the invoice gives them."""
    buyer: str | None = None
    issue_date: date | None = None
    total_with_vat: Amount | None = None
    amount_due: Amount | None = None
    state: DepositState
    invoice_id: str | None = None
    deposit_id: str | None = None
    """Of a file in an archive: its own deposit, where a page is confirmed."""
    filename: str | None = None
    status: InvoiceStatus | None = None
    """Of a file of statuses: the one that the body reports of this invoice."""
    format: str | None = None
    fields: dict[str, ReadField] = Field(default_factory=dict)
    doubts: tuple[Doubt, ...] = ()
    findings: tuple[Finding, ...] = ()


class DepositSettled(Message):
    """A file that came by SFTP or AMQP was dealt with, or waits for its sender to confirm it."""

    TOPIC: ClassVar[str] = "ingest.deposit-settled.v1"
    handing_id: str
    door: Door
    deposit_id: str
    realm: str
    structure: str
    filename: str
    state: DepositState
    certificate: Certificate
    items: tuple[DepositItem, ...]
    reference: str | None = None


class DepositView(Shape):
    """A deposit and its report."""

    id: str
    state: DepositState
    filename: str
    sha256: str
    size: int
    received_at: datetime
    changed_at: datetime | None = None
    """When it came to its state; an archive, when the last of its files did."""
    certificate: Certificate
    items: tuple[DepositItem, ...]
    links: dict[str, str]


class Validation(Shape):
    """What is wrong with a file, and which norms it follows; null where nothing can be judged."""

    file: str
    format: str | None = None
    accepted: bool
    conforms: dict[str, bool | None]
    """By `xsd`, `en16931` and `br-fr`."""
    findings: tuple[Finding, ...] = ()
    items: tuple["Validation", ...] = ()
    """Of an archive, or a file of several invoices: each file inside it."""


class Confirmation(Shape):
    """The fields of a page as its sender confirms them, by the names of `ReadField`s."""

    fields: dict[str, Any] = Field(default_factory=dict)


class ConfirmationView(Shape):
    """What would be confirmed now, and everything that would keep it from being sent."""

    fields: dict[str, Any]
    typed: tuple[str, ...] = ()
    """Which of them their sender corrected."""
    findings: tuple[Finding, ...] = ()
    ready: bool


class PageView(Shape):
    """A page of a PDF: its size and its words, in PDF points from the top left corner."""

    number: int
    """From 1."""
    count: int
    width: float
    height: float
    words: tuple[tuple[str, tuple[float, float, float, float]], ...] = ()


PROMISES = (
    DepositReceived,
    PageReceived,
    ArchiveReceived,
    BulkReceived,
    ScanFound,
    BulkScanFound,
    InvoiceRead,
    DepositRefused,
    DepositSettled,
)
