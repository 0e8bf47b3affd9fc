"""Predicates of the rules on VAT; each is true of an invoice that breaks its rule."""

from collections import Counter
from decimal import Decimal

from services.ingest.domain.codes import FRENCH_RATES
from services.ingest.domain.draft import Draft
from services.ingest.domain.predicate import Broken


def seller_without_vat_number(draft: Draft) -> Broken:
    """VAT at the standard scheme from a seller that shows no tax number at all."""
    if draft.chorus_dialect or draft.tax_numbers:
        return None
    return {} if any(row.category == "S" and row.vat for row in draft.vat_breakdown) else None


def vat_category_missing(draft: Draft) -> Broken:
    """A row of the breakdown without its category."""
    return {} if any(not row.category for row in draft.vat_breakdown) else None


def vat_rate_french(draft: Draft) -> Broken:
    """A rate that French law does not know, on an invoice of a French seller."""
    return None if draft.already_taken else vat_rate_unknown(draft)


def vat_rate_already_taken(draft: Draft) -> Broken:
    """The same on an invoice that Chorus Pro let pass."""
    return vat_rate_unknown(draft) if draft.already_taken else None


def vat_rate_unknown(draft: Draft) -> Broken:
    """The first rate of a French seller's breakdown that is not in force."""
    if draft.seller.country != "FR":
        return None
    for row in draft.vat_breakdown:
        if row.rate is None or row.category != "S":
            continue
        if row.rate not in FRENCH_RATES or decimals(row.rate) > 2:
            return {"rate": f"{row.rate:f} %"}
    return None


def vat_rate_twice(draft: Draft) -> Broken:
    """The same rate and category on two rows of the breakdown."""
    counted = Counter(
        (row.category, row.rate) for row in draft.vat_breakdown if row.rate is not None
    )
    for (category, rate), times in counted.items():
        if times > 1 and category == "S" and rate is not None:
            return {"rate": f"{rate:f} %", "category": category}
    return None


def decimals(amount: Decimal) -> int:
    """How many decimals are written."""
    exponent = amount.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
