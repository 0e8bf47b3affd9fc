"""What workflow tells the other services: the life of an invoice."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.contracts.finding import Finding
from shared.contracts.invoice import Header
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
    parties: dict[Role, tuple[str, ...]] = Field(default_factory=dict)
    """Who has a part in it, in which role, whoever plays for them included."""
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
    parties: dict[Role, tuple[str, ...]] = Field(default_factory=dict)
    """Who has a part in it now, in which role, whoever plays for them included."""
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
