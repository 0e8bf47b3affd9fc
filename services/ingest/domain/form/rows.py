"""The lists of the form: VAT by rate, lines, allowances and charges."""

from collections.abc import Mapping
from typing import Any

from services.ingest.domain.form import reading as read
from services.ingest.domain.form.reading import Reader, listed
from shared.contracts.invoice import Allowance, Line, VatBreakdown

MOST_RATES, MOST_LINES, MOST_ALLOWANCES = 50, 1000, 100
RATE: Mapping[str, Reader] = {
    "category": read.text,
    "rate": read.amount,
    "base": read.amount,
    "vat": read.amount,
    "exemption_reason": read.text,
    "exemption_code": read.text,
}
LINE: Mapping[str, Reader] = {
    "id": read.text,
    "name": read.text,
    "quantity": read.amount,
    "unit": read.text,
    "price": read.amount,
    "price_quantity": read.amount,
    "net": read.amount,
    "vat_category": read.text,
    "vat_rate": read.amount,
}
ALLOWANCE: Mapping[str, Reader] = {
    "is_charge": read.flag,
    "amount": read.amount,
    "base": read.amount,
    "percent": read.amount,
    "reason": read.text,
    "reason_code": read.text,
    "vat_category": read.text,
    "vat_rate": read.amount,
}


def category(rate: Any) -> str:
    """The category where none is said: a rate is the standard scheme, none an exemption."""
    return "S" if rate else "E"


def breakdown(value: Any) -> tuple[VatBreakdown, ...]:
    """VAT by rate (BG-23)."""
    return tuple(
        VatBreakdown(**{"category": category(row.get("rate")), **row})
        for row in listed(value, RATE, MOST_RATES)
    )


def lines(value: Any) -> tuple[Line, ...]:
    """Lines (BG-25), numbered where they have no number."""
    return tuple(
        Line(**{"id": str(number), "vat_category": category(row.get("vat_rate")), **row})
        for number, row in enumerate(listed(value, LINE, MOST_LINES), 1)
    )


def allowances(value: Any) -> tuple[Allowance, ...]:
    """Allowances (BG-20) and charges (BG-21) on the whole invoice."""
    return tuple(
        Allowance(**{"vat_category": category(row.get("vat_rate")), **row})
        for row in listed(value, ALLOWANCE, MOST_ALLOWANCES)
    )
