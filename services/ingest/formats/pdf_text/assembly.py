"""Fields become an invoice, as soon as number and date are known."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from services.ingest.domain.draft import Draft
from shared.contracts.ingest import ReadField
from shared.contracts.invoice import Invoice, Party, Totals, VatBreakdown

_TEXTS = [
    "number",
    "currency",
    "type_code",
    "process",
    "buyer_reference",
    "order_reference",
    "contract_reference",
    "preceding_invoice",
    "iban",
]


def invoice_of(fields: Mapping[str, ReadField]) -> Invoice | None:
    """The invoice that the fields make; nothing without number and date."""
    values: dict[str, Any] = {name: each.value for name, each in fields.items()}
    draft = Draft(
        issue_date=_day(values.get("issue_date")),
        due_date=_day(values.get("due_date")),
        seller=_party(values, "seller"),
        buyer=_party(values, "buyer"),
        totals=Totals(
            without_vat=_amount(values.get("total_without_vat")),
            vat=_amount(values.get("total_vat")),
            with_vat=_amount(values.get("total_with_vat")),
            prepaid=_amount(values.get("prepaid")),
            due=_amount(values.get("amount_due")),
        ),
        vat_breakdown=tuple(
            VatBreakdown(
                rate=_amount(row["rate"]), base=_amount(row["base"]), vat=_amount(row["vat"])
            )
            for row in values.get("vat_breakdown") or ()
        ),
    )
    for name in _TEXTS:
        setattr(draft, name, values.get(name))
    return draft.invoice()


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _amount(value: str | None) -> Decimal | None:
    return Decimal(value) if value is not None else None


def _party(values: Mapping[str, Any], role: str) -> Party:
    return Party(
        name=values.get(f"{role}_name"),
        siret=values.get(f"{role}_siret"),
        siren=values.get(f"{role}_siren"),
        vat_number=values.get(f"{role}_vat_number"),
    )
