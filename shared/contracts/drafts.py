"""What ingest promises to those who type an invoice: drafts, kept until they are sent."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import Field

from shared.contracts.finding import Finding
from shared.contracts.message import Depositor, Message, Shape

PROVISIONAL = "Provisoire"
"""The number of every invoice that was not sent yet."""


class DraftExpiring(Message):
    """Nobody has changed a draft for long; unless somebody does, it is gone at `expires_at`."""

    TOPIC: ClassVar[str] = "ingest.draft-expiring.v1"
    draft_id: str
    realm: str
    author: Depositor
    number: str | None = None
    """What was typed as the number of the invoice."""
    buyer: str | None = None
    changed_at: datetime
    expires_at: datetime


PROMISES = (DraftExpiring,)


class DraftState(StrEnum):
    """Where something unfinished stands."""

    DRAFT = "DRAFT"
    SENT = "SENT"
    AWAITING_CONFIRMATION = "AWAITING_CONFIRMATION"
    """Of a deposit: a page was read, and its sender has to confirm the fields."""


class DraftRequest(Shape):
    """A new draft: empty, with fields, or a copy of a draft or an invoice that the caller sees."""

    structure: str | None = Field(default=None, max_length=100)
    """The key of the seller's structure; by default the first that the caller may issue for."""
    fields: dict[str, Any] = Field(default_factory=dict)
    """By their public names; they go before those that are copied."""
    from_draft: str | None = Field(default=None, max_length=64)
    from_invoice: str | None = Field(default=None, max_length=64)


class DraftSheet(Shape):
    """The fields of a draft as they were typed; nothing is judged before it is asked.

    Names are those of a deposit's fields, and for what only a form asks: `note`, `payment_means`,
    `payment_terms`, `delivery_date`, `preceding_invoice`, `total_lines`, `total_allowances`,
    `total_charges`, `rounding`, and for each of `seller`, `buyer`, `validator` and
    `tax_representative`: `_name`, `_siret`, `_siren`, `_vat_number`, `_tax_number`,
    `_electronic_address` (scheme:value), `_address`, `_postcode`, `_city`, `_country`. Dates are
    ISO 8601, amounts decimal strings. Lists of objects: `lines` of {id, name, quantity, unit,
    price, price_quantity, net, vat_category, vat_rate}, `vat_breakdown` of {category, rate, base,
    vat, exemption_reason, exemption_code}, `allowances` of {is_charge, amount, base, percent,
    reason, reason_code, vat_category, vat_rate}.
    """

    fields: dict[str, Any]


class DraftAttachment(Shape):
    """A supporting document of a draft."""

    name: str
    media_type: str
    size: int
    """Bytes."""
    sha256: str


class DraftView(Shape):
    """A draft, what was typed, and everything that would keep it from being sent now."""

    id: str
    state: DraftState
    number: str = PROVISIONAL
    """`Provisoire` until it is sent, then the number of the invoice."""
    structure: str | None = None
    fields: dict[str, Any]
    reckoned: dict[str, Any] = Field(default_factory=dict)
    """What follows where nothing was typed: `vat_breakdown`, totals, `amount_due`."""
    attachments: tuple[DraftAttachment, ...] = ()
    findings: tuple[Finding, ...] = ()
    """All at once, each with the pointer of its field; an error keeps the draft from being sent."""
    ready: bool
    """Whether none of them is an error."""
    author: str
    changed_by: str
    """Mail addresses, or the ids of technical clients."""
    created_at: datetime
    changed_at: datetime
    expires_at: datetime
    deposit_id: str | None = None
    """The deposit that it became, or became before it was refused."""
    invoice_id: str | None = None
    version: int
    links: dict[str, str]


class DraftItem(Shape):
    """Something to resume: a draft, or a page whose fields await their confirmation."""

    id: str
    state: DraftState
    number: str = PROVISIONAL
    structure: str | None = None
    invoice_number: str | None = None
    """What is typed or read as the number of the invoice."""
    buyer: str | None = None
    total_with_vat: str | None = None
    """As it was typed, even when it is no amount yet."""
    filename: str | None = None
    """Of a page."""
    changed_by: str
    changed_at: datetime
    expires_at: datetime | None = None
    """Of a draft; a deposit is kept."""
    links: dict[str, str]


class DraftPage(Shape):
    """What there is to resume, newest first."""

    items: tuple[DraftItem, ...]
    next_cursor: str | None = None
