"""Moves over HTTP: what may be done to an invoice, and doing it."""

from pydantic import Field

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
