"""What the lines of an invoice add up to; pure."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

CENT = Decimal("0.01")


def number(value: Any) -> Decimal | None:
    """A number that somebody typed, when it is one."""
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < Decimal(10) ** 15 else None


def cents(value: Decimal) -> Decimal:
    """An amount to the cent."""
    return value.quantize(CENT, ROUND_HALF_UP)


def totals(lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The fields that follow from typed lines: net of each, VAT by rate, totals."""
    done, rates = [], dict[Decimal, Decimal]()
    for line in lines:
        quantity, price = number(line.get("quantity", "1")), number(line.get("price"))
        rate = number(line.get("vat_rate", "0")) or Decimal(0)
        if quantity is None or price is None:
            done.append(dict(line))
            continue
        net = cents(quantity * price)
        done.append({**line, "net": str(net)})
        rates[rate] = rates.get(rate, Decimal(0)) + net
    vat = {rate: cents(base * rate / 100) for rate, base in rates.items()}
    without, added = sum(rates.values(), Decimal(0)), sum(vat.values(), Decimal(0))
    return {
        "lines": done,
        "vat_breakdown": [
            {"rate": f"{rate:f}", "base": str(base), "vat": str(vat[rate])}
            for rate, base in rates.items()
        ],
        "total_without_vat": str(cents(without)),
        "total_vat": str(cents(added)),
        "total_with_vat": str(cents(without + added)),
    }


def difference(fields: Mapping[str, Any]) -> Decimal | None:
    """By how much HT + TVA differs from TTC, when all three are numbers."""
    names = ("total_without_vat", "total_vat", "total_with_vat")
    without, vat, whole = (number(fields.get(name)) for name in names)
    if without is None or vat is None or whole is None:
        return None
    return without + vat - whole
