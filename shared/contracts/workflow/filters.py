"""Which invoices: the filters of lists, exports and saved searches."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from shared.contracts.invoice import Amount
from shared.contracts.message import Shape
from shared.contracts.status import InvoiceStatus
from shared.contracts.workflow.lists import Side

Text = Annotated[str, Field(min_length=1, max_length=100)]
Statuses = Annotated[
    tuple[InvoiceStatus, ...],
    BeforeValidator(lambda given: given.split(",") if isinstance(given, str) else given),
    Field(max_length=len(InvoiceStatus)),
]
Sort = Literal[
    "received",
    "-received",
    "issued",
    "-issued",
    "number",
    "-number",
    "amount",
    "-amount",
    "changed",
    "-changed",
    "expected",
    "-expected",
]


class InvoiceFilter(Shape):
    """What must hold for an invoice to be shown, and the order; what is not given does not matter.

    Days are days in Paris, and ranges have both their ends.
    """

    side: Side | None = Field(None, alias="as", description="What the caller is to it")
    structure: Text | None = Field(None, description="The caller's structure: key or SIRET")
    status: Statuses = Field((), description="One or several, with commas between")
    action: str | None = Field(None, max_length=40, description="What it asks of the caller now")
    number: Text | None = Field(None, description="Exactly this number")
    number_starts: Text | None = Field(None, description="The beginning of its number")
    seller: Text | None = Field(None, description="Identifier, or beginnings of words of its name")
    buyer: Text | None = Field(None, description="Identifier, or beginnings of words of its name")
    buyer_reference: Text | None = Field(None, description="Department code (code service)")
    order_reference: Text | None = Field(None, description="Numéro d'engagement")
    contract_reference: Text | None = Field(None, description="Numéro de marché")
    type_code: str | None = Field(None, pattern=r"^[0-9]{2,3}$", description="380, 381, …")
    process: str | None = Field(None, pattern=r"^A[0-9]{1,2}$", description="A1, A9, …")
    issued_from: date | None = None
    issued_to: date | None = None
    received_from: date | None = None
    received_to: date | None = None
    available_from: date | None = Field(None, description="Made available to its buyer")
    available_to: date | None = None
    changed_since: datetime | None = Field(None, description="Of its last change of status")
    changed_until: datetime | None = None
    amount_from: Amount | None = Field(None, description="With VAT")
    amount_to: Amount | None = None
    deposit_id: str | None = Field(None, max_length=36)
    late: bool | None = Field(None, description="`true`: its payment is late, as far as is known")
    sort: Sort | None = Field(
        None,
        description="`-`: greatest or newest first. If not given `-received`; late: `expected`",
    )
    q: Text | None = Field(None, description="Beginnings of words: number, names, references, note")


class InvoiceQuery(InvoiceFilter):
    """Which invoices, and how many at once."""

    limit: int = Field(25, ge=1, le=100)
    cursor: str | None = Field(None, max_length=400)
