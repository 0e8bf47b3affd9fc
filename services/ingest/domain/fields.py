"""The fields that people see and correct, by their public names."""

from decimal import Decimal
from typing import Any

from services.ingest.domain.draft import Draft
from shared.contracts.ingest import ReadField

TEXTS = (
    "number",
    "currency",
    "type_code",
    "process",
    "buyer_reference",
    "order_reference",
    "contract_reference",
    "iban",
)
PARTY = ("siret", "siren", "vat_number", "name")
DATES = ("issue_date", "due_date")
AMOUNTS = {
    "total_without_vat": "without_vat",
    "total_vat": "vat",
    "total_with_vat": "with_vat",
    "prepaid": "prepaid",
    "amount_due": "due",
}
"""Field name to the name inside `Totals`."""


def amount_text(amount: Decimal) -> str:
    """A decimal as people and scripts read it: no exponent."""
    return f"{amount:f}"


def values_of(draft: Draft) -> dict[str, Any]:
    """Every field that the draft knows, as plain text."""
    found: dict[str, Any] = {name: getattr(draft, name) for name in TEXTS}
    found |= {name: day.isoformat() for name in DATES if (day := getattr(draft, name))}
    found |= {
        name: amount_text(amount)
        for name, term in AMOUNTS.items()
        if (amount := getattr(draft.totals, term)) is not None
    }
    for role, party in (("seller", draft.seller), ("buyer", draft.buyer)):
        found |= {f"{role}_{name}": getattr(party, name) for name in PARTY}
    found["vat_breakdown"] = [
        {
            "rate": None if row.rate is None else amount_text(row.rate),
            "base": None if row.base is None else amount_text(row.base),
            "vat": None if row.vat is None else amount_text(row.vat),
        }
        for row in draft.vat_breakdown
    ]
    return {name: value for name, value in found.items() if value}


def fields_of(draft: Draft) -> dict[str, ReadField]:
    """The fields of structured data: certain, and nowhere on a page."""
    return {name: ReadField(value=value) for name, value in values_of(draft).items()}
