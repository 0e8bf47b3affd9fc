"""What an invoice is worth, when it should be paid, and its place in counts and sums."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from services.workflow.domain.payment import DELAY_DAYS, PARIS, payment
from services.workflow.domain.record import Record
from services.workflow.domain.scopes import COUNTED, scopes
from shared.contracts.workflow import PaymentClock

LARGEST = Decimal(10**13)
"""What is over it is no sum of money."""
Tally = Counter[tuple[str, str]]
"""Counts and sums by document and field."""


def clock(record: Record, at: datetime) -> PaymentClock:
    """Where the payment clock of an invoice stands at a time."""
    since = record.piece.since if record.piece else None
    days = record.payment_days or DELAY_DAYS
    return payment(record.steps, at, delay_days=days, works_since=since)


def expected(record: Record) -> date | None:
    """The latest date of payment, while the clock runs."""
    return clock(record, record.steps[-1].at).expected_by


def hundredths(amount: Decimal | None) -> int:
    """An amount in hundredths of its currency, for sorting and sums."""
    if amount is None or not amount.is_finite():
        return 0
    bounded = max(min(amount, LARGEST), -LARGEST)
    return int((bounded * 100).to_integral_value(ROUND_HALF_UP))


def tally(record: Record) -> Tally:
    """Where an invoice counts: by scope, day of arrival and status; by scope and day of payment."""
    header = record.header
    code = header.currency
    currency = code if len(code) == 3 and code.isascii() and code.isalpha() else "XXX"
    total, left = hundredths(header.totals.with_vat), hundredths(header.totals.due)
    left = total if header.totals.due is None else left
    if header.is_credit_note:
        total, left = -abs(total), -abs(left)
    counted: Tally = Counter()
    for scope in scopes(record):
        if scope.partition(" ")[0] in COUNTED:
            for where, amount in _places(record, total, left):
                counted[f"{scope} {where[0]}", f"{where[1]}.n"] += 1
                counted[f"{scope} {where[0]}", f"{where[1]}.{currency}"] += amount
    return counted


def _places(record: Record, total: int, left: int) -> Iterator[tuple[tuple[str, str], int]]:
    received = record.received_at.astimezone(PARIS).date()
    yield (f"{received:%Y-%m}", f"{received:%d}.{record.status.value}"), total
    if by := expected(record):
        yield (f"{by:%Y-%m}", f"{by:%d}.expected"), left
