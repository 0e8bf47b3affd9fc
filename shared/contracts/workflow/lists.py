"""Lists of invoices over HTTP: a page, what is to do, and where the money stands."""

from datetime import date, datetime
from typing import Literal

from shared.contracts.invoice import Amount
from shared.contracts.message import Shape
from shared.contracts.status import InvoiceStatus
from shared.contracts.workflow.facts import Role
from shared.contracts.workflow.views import InvoiceView

Side = Literal["seller", "buyer", "validator", "project_manager", "project_owner", "depositor"]
"""What somebody is to the invoices that a list shows; `depositor`: handed in for others."""


class InvoicePage(Shape):
    """One page of invoices, in the order that was asked for."""

    items: tuple[InvoiceView, ...]
    next_cursor: str | None = None


class TodoGroup(Shape):
    """Invoices that wait for the same action of the caller's, the longest waiting first."""

    role: Role
    action: str
    label: str
    count: int
    more: bool = False
    """Whether there are more than `count`, which is counted no further."""
    items: tuple[InvoiceView, ...]
    """The first few."""
    link: str
    """Where all of them are listed."""


class TodoView(Shape):
    """What waits for the caller, by required action."""

    items: tuple[TodoGroup, ...]


class Money(Shape):
    """A sum in one currency; credit notes are taken off."""

    currency: str
    amount: Amount


class AgeSummary(Shape):
    """Invoices by the days since they were received."""

    from_days: int
    to_days: int | None = None
    count: int
    amounts: tuple[Money, ...] = ()


class StatusSummary(Shape):
    """Invoices in one status; the sums are with VAT."""

    status: InvoiceStatus
    label: str
    count: int
    amounts: tuple[Money, ...] = ()
    ages: tuple[AgeSummary, ...] = ()


class ExpectedSummary(Shape):
    """Money whose payment clock runs out within a while; what is late has no `from_date`."""

    from_date: date | None = None
    to_date: date | None = None
    late: bool = False
    count: int
    amounts: tuple[Money, ...] = ()
    """What is left to pay."""


class SideSummary(Shape):
    """The invoices in which the caller's structures have one part."""

    side: Side
    count: int
    statuses: tuple[StatusSummary, ...]
    expected: tuple[ExpectedSummary, ...]
    """Money to come for a seller, to pay for a buyer, and by when. Indicative."""


class SummaryView(Shape):
    """Counts, sums, ages and expected payments of the caller's invoices."""

    at: datetime
    """What was committed a second before is in it."""
    items: tuple[SideSummary, ...]
