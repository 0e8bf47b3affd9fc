"""UBL 2.1 invoices and credit notes, Chorus Pro's minimal dialect included."""

from decimal import Decimal

from services.ingest.domain import Draft
from services.ingest.domain.works import cast
from services.ingest.formats import schemas
from services.ingest.formats.judged import judged
from services.ingest.formats.reading import Document, Reading
from services.ingest.formats.ubl_paths import PATHS, PROJECT, SPACES, UBL
from services.ingest.formats.values import (
    allowance,
    amount,
    attachment,
    compact,
    first_amount,
    iso_date,
    line,
    party,
)
from services.ingest.formats.walk import Element, Found, compiled, walk
from shared.contracts.invoice import Attachment, Party, Totals, VatBreakdown, Works

NAME = "ubl"

INVOICE = f"{{{UBL}Invoice-2}}Invoice"
CREDIT_NOTE = f"{{{UBL}CreditNote-2}}CreditNote"

TABLE = compiled(PATHS, SPACES)


def recognises(document: Document) -> bool:
    """Whether the root is a UBL invoice or credit note."""
    return document.is_xml and document.root.tag in {INVOICE, CREDIT_NOTE}


def read(document: Document) -> Reading:
    """The invoice, the schema's complaints and the rules' findings."""
    root = document.root
    found = walk(root, TABLE, Found())
    complaints = schemas.faults(root, "ubl-invoice" if root.tag == INVOICE else "ubl-credit-note")
    return judged(NAME, draft(found, root.tag == CREDIT_NOTE), found, complaints)


def draft(found: Found, credit: bool) -> Draft:
    """The facts of the walk in our own words."""
    currency = found.text("currency")
    taxes = tax_totals(found, currency)
    number = found.first.get("number")
    extension = chorus_extension(found)
    extension_text = "" if extension is None else (extension.text or "").strip()
    process = found.text("process") or (extension_text or None)
    at_buyer = next(iter(found.group("buyer")), Found())
    named = Works(
        project_manager=one_party(at_buyer, "manager"),
        project_owner=one_party(found, "owner"),
        billing_file=project(found),
    )
    validator, works = cast(process, one_party(at_buyer, "addressee"), named)
    return Draft(
        number=number.text if number is not None else None,
        issue_date=iso_date(found.text("issue_date")),
        due_date=iso_date(found.text("due_date") or found.text("payment_due_date")),
        type_code=found.text("type_code") or ("381" if credit else None),
        currency=currency,
        process=process,
        profile=found.text("profile"),
        note="\n".join(found.texts("notes")) or None,
        buyer_reference=found.text("buyer_reference"),
        order_reference=found.text("order_reference"),
        contract_reference=found.text("contract_reference"),
        preceding_invoice=found.text("preceding_invoice"),
        delivery_date=iso_date(found.text("delivery_date")),
        seller=one_party(found, "seller") or Party(),
        buyer=one_party(found, "buyer") or Party(),
        validator=validator,
        works=works,
        tax_representative=one_party(found, "representative"),
        payment_terms=found.text("payment_terms"),
        payment_means=found.text("payment_means"),
        iban=compact(found.text("iban")),
        totals=totals(found, amount(taxes, "vat") if taxes else None),
        vat_breakdown=[vat_row(row) for row in taxes.group("rows")] if taxes else [],
        lines=[line(part) for part in found.group("lines")],
        allowances=[
            allowance(part, is_charge=part.text("is_charge") in {"true", "1"})
            for part in found.group("allowances")
        ],
        attachments=attachments(found),
        chorus_dialect=found.text("profile") is None or extension is not None,
    )


def project(found: Found) -> str | None:
    """The number of the project that is invoiced."""
    named = (
        part.text("name") for part in found.group("attachments") if part.text("kind") == PROJECT
    )
    return found.text("project") or next(named, None)


def chorus_extension(found: Found) -> Element | None:
    """Where Chorus Pro's own dialect keeps the process code, when it is written in that dialect."""
    for extension in found.every.get("extensions", ()):
        for element in extension.iter("{*}CategoryCode"):
            return element
    return None


def one_party(found: Found, name: str) -> Party | None:
    """A party by its role, when something is said of one."""
    parts = found.group(name)
    if not parts:
        return None
    part = parts[0]
    taxes = [
        (tax.text("scheme") in {"VAT", "VA"}, tax.text("number")) for tax in part.group("taxes")
    ]
    made = party(
        part,
        name=part.text("name") or part.text("trade_name"),
        vat_number=next((number for vat, number in taxes if vat), None),
        tax_number=next((number for vat, number in taxes if number and not vat), None),
        country=part.text("country"),
    )
    return None if made == Party() else made


def tax_totals(found: Found, currency: str | None) -> Found | None:
    """The VAT total in the invoice's currency; another may follow in the accounting currency."""
    taxes = [tax for tax in found.group("taxes") if "vat" in tax.first]
    chosen: Element | None = first_amount([tax.first["vat"] for tax in taxes], currency)
    return next((tax for tax in taxes if tax.first["vat"] is chosen), None)


def totals(found: Found, vat: Decimal | None) -> Totals:
    """Document totals."""
    names = (
        "lines",
        "allowances",
        "charges",
        "without_vat",
        "with_vat",
        "prepaid",
        "rounding",
        "due",
    )
    return Totals(vat=vat, **{name: amount(found, name) for name in names})


def vat_row(row: Found) -> VatBreakdown:
    """One rate of the VAT breakdown."""
    rate = amount(row, "rate")
    return VatBreakdown(
        category=row.text("category"),
        rate=rate if rate is not None else amount(row, "rate_outside"),
        base=amount(row, "base"),
        vat=amount(row, "vat"),
        exemption_reason=row.text("reason"),
        exemption_code=row.text("reason_code"),
    )


def attachments(found: Found) -> list[Attachment]:
    """Every supporting document that travels inside."""
    return [
        attachment(part.first["content"], part.text("name"))
        for part in found.group("attachments")
        if "content" in part.first
    ]
