"""Predicates of the arithmetic rules; each is true of an invoice whose figures do not add up."""

from decimal import ROUND_HALF_UP, Decimal

from services.ingest.domain.draft import Draft
from services.ingest.domain.predicate import Broken

CENT = Decimal("0.01")
ZERO = Decimal(0)
MINIMUM = ":minimum"
HUGE = Decimal(10) ** 15


def cents(amount: Decimal) -> Decimal:
    """An amount as it is paid."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def shown(amount: Decimal | None) -> str:
    """An amount as a sentence quotes it."""
    return "0" if amount is None else f"{amount:f}"


def out_of_bounds(draft: Draft) -> Broken:
    """An amount that no invoice has."""
    totals = draft.totals
    for amount in (
        totals.without_vat,
        totals.vat,
        totals.with_vat,
        totals.due,
        totals.prepaid,
        totals.lines,
    ):
        if amount is not None and abs(amount) >= HUGE:
            return {"amount": shown(amount)}
    return None


def without_vat_missing(draft: Draft) -> Broken:
    """No total without VAT."""
    return {} if draft.totals.without_vat is None else None


def with_vat_missing(draft: Draft) -> Broken:
    """No total with VAT."""
    return {} if draft.totals.with_vat is None else None


def due_missing(draft: Draft) -> Broken:
    """No amount due."""
    return {} if draft.totals.due is None else None


def with_vat_wrong(draft: Draft) -> Broken:
    """Total with VAT is not total without VAT plus VAT, which the breakdown may give."""
    totals = draft.totals
    if totals.with_vat is None or totals.without_vat is None or too_big(draft):
        return None
    vat = totals.vat
    if vat is None:
        if draft.chorus_dialect:
            return None
        vat = sum((row.vat for row in draft.vat_breakdown if row.vat is not None), ZERO)
    expected = totals.without_vat + vat
    if cents(expected) == cents(totals.with_vat):
        return None
    return {
        "with_vat": shown(totals.with_vat),
        "without_vat": shown(totals.without_vat),
        "vat": shown(vat),
        "expected": shown(expected),
    }


def due_wrong(draft: Draft) -> Broken:
    """Amount due is not total with VAT less what was paid, plus rounding."""
    totals = draft.totals
    if totals.due is None or totals.with_vat is None or too_big(draft):
        return None
    if (draft.profile or "").lower().endswith(MINIMUM) and totals.prepaid is None:
        return None  # this profile has no place for what was paid
    expected = totals.with_vat - (totals.prepaid or ZERO) + (totals.rounding or ZERO)
    if cents(expected) == cents(totals.due):
        return None
    return {
        "due": shown(totals.due),
        "with_vat": shown(totals.with_vat),
        "prepaid": shown(totals.prepaid),
        "expected": shown(expected),
    }


def without_vat_wrong(draft: Draft) -> Broken:
    """Total without VAT is not the lines less allowances plus charges."""
    totals = draft.totals
    if totals.lines is None or totals.without_vat is None or too_big(draft):
        return None
    expected = totals.lines - (totals.allowances or ZERO) + (totals.charges or ZERO)
    if cents(expected) == cents(totals.without_vat):
        return None
    return {
        "without_vat": shown(totals.without_vat),
        "lines": shown(totals.lines),
        "expected": shown(expected),
    }


def lines_wrong(draft: Draft) -> Broken:
    """Total of the lines is not their sum."""
    nets = [line.net for line in draft.lines if line.net is not None]
    if not nets or draft.totals.lines is None or too_big(draft):
        return None
    expected = sum(nets, ZERO)
    if abs(expected - draft.totals.lines) < CENT:
        return None
    return {"lines": shown(draft.totals.lines), "expected": shown(expected)}


def vat_wrong(draft: Draft) -> Broken:
    """Total VAT is not the sum of the breakdown."""
    rows = [row.vat for row in draft.vat_breakdown if row.vat is not None]
    if not rows or draft.totals.vat is None or too_big(draft):
        return None
    expected = sum(rows, ZERO)
    if abs(expected - draft.totals.vat) < CENT:
        return None
    return {"vat": shown(draft.totals.vat), "expected": shown(expected)}


def row_wrong(draft: Draft) -> Broken:
    """The VAT of a rate is off its base times the rate."""
    return None if draft.chorus_dialect else row_off(draft)


def row_wrong_in_chorus_dialect(draft: Draft) -> Broken:
    """The same in the dialect whose own samples are not exact."""
    return row_off(draft) if draft.chorus_dialect else None


def row_off(draft: Draft) -> Broken:
    """The first rate whose VAT is off its base times the rate by a unit of money or more."""
    for row in draft.vat_breakdown:
        if row.base is None or row.rate is None or row.vat is None:
            continue
        product = row.base * row.rate / 100
        expected = cents(product) if abs(product) < HUGE else product  # too long to be rounded
        if abs(expected - row.vat) >= 1:
            return {
                "rate": shown(row.rate),
                "base": shown(row.base),
                "vat": shown(row.vat),
                "expected": shown(expected),
            }
    return None


def too_big(draft: Draft) -> bool:
    """Whether an amount is out of bounds, which another rule reports."""
    return out_of_bounds(draft) is not None
