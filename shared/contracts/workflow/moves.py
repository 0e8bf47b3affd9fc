"""Moves over HTTP: what may be done to an invoice, and doing it."""

from typing import Literal

from pydantic import Field

from shared.contracts.finding import Finding
from shared.contracts.message import Shape
from shared.contracts.status import InvoiceStatus


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


class BulkMove(MoveRequest):
    """One move among many."""

    invoice_id: str = Field(pattern=r"^[0-9a-f-]{36}$")


class BulkRequest(Shape):
    """Moves of many invoices; those of one invoice are made in their order."""

    items: tuple[BulkMove, ...] = Field(min_length=1, max_length=500)


class BulkResult(Shape):
    """What became of one move: done, refused for good, or to be sent again."""

    invoice_id: str
    action: str
    outcome: Literal["done", "refused", "again"]
    status: InvoiceStatus | None = None
    """Of the invoice afterwards, when it was done."""
    code: str | None = None
    detail: str | None = None
    errors: tuple[Finding, ...] = ()


class BulkAnswer(Shape):
    """What became of each move, in the order of the request."""

    items: tuple[BulkResult, ...]
    done: int
    refused: int
    again: int
