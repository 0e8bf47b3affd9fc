"""What somebody who types an invoice need not reckon: nets, VAT by rate and totals left empty.

Only what was not said is reckoned; what was said is never changed, and the rules compare it. Pure.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from services.ingest.domain.sums import HUGE, ZERO, cents
from shared.contracts.invoice import Allowance, Line, VatBreakdown

RECKONED = (
    *("lines", "vat_breakdown", "total_lines", "total_allowances", "total_charges"),
    *("total_without_vat", "total_vat", "total_with_vat", "amount_due"),
)
"""The fields that may be reckoned, in their order."""


def reckoned(read: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with what follows from the others."""
    found = dict(read)
    if "lines" in found:
        found["lines"] = tuple(map(with_net, found["lines"]))
    for name, reckon in TOTALS.items():
        value = None if name in found else reckon(found)
        if value not in (None, ()):
            found[name] = value
    if "vat_breakdown" in found:
        found["vat_breakdown"] = tuple(map(with_vat, found["vat_breakdown"]))
    return found


def worth(amount: Decimal) -> Decimal | None:
    """An amount as it is paid; nothing when no invoice has it."""
    return cents(amount) if abs(amount) < HUGE else None


def whole(parts: Sequence[Decimal | None]) -> Decimal | None:
    """The sum of the parts; nothing when there is none or one is not known."""
    known = [part for part in parts if part is not None]
    return worth(sum(known, ZERO)) if known and len(known) == len(parts) else None


def with_net(line: Line) -> Line:
    """A line with its net amount."""
    if line.net is not None or line.price is None or line.quantity is None:
        return line
    net = worth(line.price * line.quantity / (line.price_quantity or 1))
    return line.model_copy(update={"net": net})


def with_vat(row: VatBreakdown) -> VatBreakdown:
    """A row with its VAT."""
    if row.vat is not None or row.base is None:
        return row
    return row.model_copy(update={"vat": worth(row.base * (row.rate or ZERO) / 100)})


def breakdown(found: Mapping[str, Any]) -> tuple[VatBreakdown, ...]:
    """VAT by category and rate, as lines, allowances and charges give it."""
    bases: dict[tuple[str | None, Decimal | None], Decimal] = defaultdict(Decimal)
    for line in found.get("lines", ()):
        bases[line.vat_category, line.vat_rate] += line.net or ZERO
    if not bases:
        return ()
    for one in found.get("allowances", ()):
        bases[one.vat_category, one.vat_rate] += signed(one)
    return tuple(
        with_vat(VatBreakdown(category=category, rate=rate, base=base))
        for (category, rate), base in bases.items()
        if abs(base) < HUGE
    )


def signed(one: Allowance) -> Decimal:
    """What an allowance takes away, or a charge adds."""
    amount = one.amount or ZERO
    return amount if one.is_charge else -amount


def lines_total(found: Mapping[str, Any]) -> Decimal | None:
    """The sum of the lines."""
    return whole([line.net for line in found.get("lines", ())])


def on_whole(found: Mapping[str, Any], *, charges: bool) -> Decimal | None:
    """The sum of the allowances, or of the charges, when there are any."""
    these: Sequence[Decimal] = [
        one.amount or ZERO for one in found.get("allowances", ()) if one.is_charge is charges
    ]
    return worth(sum(these, ZERO)) if these else None


def without_vat(found: Mapping[str, Any]) -> Decimal | None:
    """The lines less allowances plus charges, or else the bases of the breakdown."""
    if (lines := found.get("total_lines")) is not None:
        less, more = found.get("total_allowances", ZERO), found.get("total_charges", ZERO)
        return worth(lines - less + more)
    return whole([row.base for row in found.get("vat_breakdown", ())])


def vat(found: Mapping[str, Any]) -> Decimal | None:
    """The VAT of the breakdown."""
    return whole([with_vat(row).vat for row in found.get("vat_breakdown", ())])


def with_vat_total(found: Mapping[str, Any]) -> Decimal | None:
    """Total without VAT plus VAT."""
    if "total_without_vat" not in found or "total_vat" not in found:
        return None
    return worth(found["total_without_vat"] + found["total_vat"])


def due(found: Mapping[str, Any]) -> Decimal | None:
    """Total with VAT less what was paid, plus rounding."""
    if "total_with_vat" not in found:
        return None
    total: Decimal = found["total_with_vat"]
    return worth(total - found.get("prepaid", ZERO) + found.get("rounding", ZERO))


TOTALS = {
    "vat_breakdown": breakdown,
    "total_lines": lines_total,
    "total_allowances": lambda found: on_whole(found, charges=False),
    "total_charges": lambda found: on_whole(found, charges=True),
    "total_without_vat": without_vat,
    "total_vat": vat,
    "total_with_vat": with_vat_total,
    "amount_due": due,
}
"""How each field that was left empty follows from those before it."""
