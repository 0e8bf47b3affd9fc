"""A dashboard from what was counted by month: statuses, ages, and money expected, side by side."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from services.workflow.domain.scopes import COUNTED
from shared.contracts.status import InvoiceStatus
from shared.contracts.workflow import (
    AgeSummary,
    ExpectedSummary,
    Money,
    Side,
    SideSummary,
    StatusSummary,
)

AGES = ((0, 10), (11, 30), (31, None))
"""Days since an invoice was received."""
WITHIN = ((0, 7), (8, 30), (31, None))
"""Days until money is expected; what should have come is late."""
NUMBER = "n"
EXPECTED = "expected"


@dataclass
class _Sum:
    """Invoices and their amounts, in hundredths by currency."""

    count: int = 0
    amounts: Counter[str] = field(default_factory=Counter)

    def add(self, counted: Mapping[str, int]) -> None:
        """Take in what was counted of one day."""
        self.count += counted.get(NUMBER, 0)
        for currency, amount in counted.items():
            if currency != NUMBER:
                self.amounts[currency] += amount

    def money(self) -> tuple[Money, ...]:
        """The amounts, currency by currency."""
        return tuple(
            Money(currency=currency, amount=Decimal(amount).scaleb(-2))
            for currency, amount in sorted(self.amounts.items())
            if amount
        )


@dataclass
class _Side:
    statuses: dict[str, dict[int, _Sum]] = field(default_factory=lambda: defaultdict(dict))
    expected: dict[int, _Sum] = field(default_factory=dict)


def summary(months: Iterable[Mapping[str, Any]], today: date) -> tuple[SideSummary, ...]:
    """Every side of which anything was counted."""
    sides: dict[str, _Side] = defaultdict(_Side)
    for month in months:
        side = sides[month["scope"].partition(" ")[0]]
        for name, counted in month.items():
            if name.isdecimal():
                _take(side, date.fromisoformat(f"{month['month']}-{name}"), counted, today)
    return tuple(_told(name, sides[name], today) for name in COUNTED if name in sides)


def _take(side: _Side, day: date, counted: Mapping[str, Mapping[str, int]], today: date) -> None:
    for name, sums in counted.items():
        if name == EXPECTED:
            left = (day - today).days
            place = side.expected.setdefault(-1 if left < 0 else _row(WITHIN, left), _Sum())
        else:
            age = max((today - day).days, 0)
            place = side.statuses[name].setdefault(_row(AGES, age), _Sum())
        place.add(sums)


def _row(rows: Iterable[tuple[int, int | None]], days: int) -> int:
    """Which row a number of days falls into."""
    return next(n for n, (_, most) in enumerate(rows) if most is None or days <= most)


def _told(name: Side, side: _Side, today: date) -> SideSummary:
    statuses = tuple(
        _status(status, side.statuses[status.value])
        for status in InvoiceStatus
        if any(row.count for row in side.statuses.get(status.value, {}).values())
    )
    return SideSummary(
        side=name,
        count=sum(row.count for row in statuses),
        statuses=statuses,
        expected=tuple(
            _expected(row, side.expected[row], today)
            for row in sorted(side.expected)
            if side.expected[row].count
        ),
    )


def _status(status: InvoiceStatus, ages: Mapping[int, _Sum]) -> StatusSummary:
    total = _Sum()
    for row in ages.values():
        total.add({NUMBER: row.count, **row.amounts})
    return StatusSummary(
        status=status,
        label=status.label,
        count=total.count,
        amounts=total.money(),
        ages=tuple(
            AgeSummary(from_days=least, to_days=most, count=ages[n].count, amounts=ages[n].money())
            for n, (least, most) in enumerate(AGES)
            if n in ages and ages[n].count
        ),
    )


def _expected(row: int, money: _Sum, today: date) -> ExpectedSummary:
    if row < 0:
        yesterday = today - timedelta(days=1)
        return ExpectedSummary(
            late=True, to_date=yesterday, count=money.count, amounts=money.money()
        )
    least, most = WITHIN[row]
    return ExpectedSummary(
        from_date=today + timedelta(days=least),
        to_date=None if most is None else today + timedelta(days=most),
        count=money.count,
        amounts=money.money(),
    )
