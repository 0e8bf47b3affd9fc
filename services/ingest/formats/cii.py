"""UN/CEFACT CII invoices (D16B, D22B), Chorus Pro's dialect and legacy ZUGFeRD 1.0."""

from decimal import Decimal

from services.ingest.domain import Draft
from services.ingest.domain.works import cast
from services.ingest.formats import schemas
from services.ingest.formats.cii_paths import LEGACY, LEGACY_SPACES, MODERN, SPACES
from services.ingest.formats.judged import judged
from services.ingest.formats.reading import Document, Reading
from services.ingest.formats.values import (
    allowance,
    amount,
    attachment,
    cii_date,
    compact,
    first_amount,
    line,
    party,
)
from services.ingest.formats.walk import Element, Found, compiled, walk
from shared.contracts.invoice import (
    Allowance,
    Attachment,
    Party,
    Totals,
    VatBreakdown,
    Works,
)

NAME = "cii"

ROOT = "{urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100}CrossIndustryInvoice"
ROOT_LEGACY = "{urn:ferd:CrossIndustryDocument:invoice:1p0}CrossIndustryDocument"
TABLES = {
    ROOT: ("cii", compiled(MODERN, SPACES)),
    ROOT_LEGACY: (
        "zugferd-1",
        compiled(LEGACY, LEGACY_SPACES),
    ),
}
"""Root to its schema and its table."""


def recognises(document: Document) -> bool:
    """Whether the root is a CII invoice."""
    return document.is_xml and document.root.tag in TABLES


def read(document: Document) -> Reading:
    """The invoice, the schema's complaints and the rules' findings."""
    return read_root(document.root, NAME)


def read_root(root: Element, format_name: str, *, pages: int | None = None) -> Reading:
    """The same for a tree that may have come inside a PDF."""
    schema, table = TABLES[str(root.tag)]
    found = walk(root, table, Found())
    facts = draft(found)
    facts.in_pages = pages is not None
    return judged(format_name, facts, found, schemas.faults(root, schema), pages=pages)


def draft(found: Found) -> Draft:
    """The facts of the walk in our own words."""
    currency = found.text("currency")
    number = found.first.get("number")
    vat = first_amount(found.every.get("vat", ()), currency)
    issued = found.first.get("issue_date")
    process = found.text("process")
    named = Works(
        project_manager=one_party(found, "manager"),
        project_owner=one_party(found, "owner"),
        billing_file=found.text("project"),
    )
    validator, works = cast(process, one_party(found, "addressee"), named)
    made = Draft(
        number=number.text if number is not None else None,
        type_code=found.text("type_code"),
        currency=currency or price_currency(found),
        process=process,
        profile=found.text("profile"),
        note=note(found),
        buyer_reference=found.text("buyer_reference"),
        order_reference=found.text("order_reference"),
        contract_reference=contract(found),
        preceding_invoice=found.text("preceding_invoice"),
        seller=one_party(found, "seller") or Party(),
        buyer=one_party(found, "buyer") or Party(),
        validator=validator,
        works=works,
        tax_representative=one_party(found, "representative"),
        payment_terms=found.text("payment_terms"),
        payment_means=found.text("payment_means"),
        iban=compact(found.text("iban")),
        totals=totals(found, vat),
        vat_breakdown=[vat_row(row) for row in found.group("rows")],
        lines=[line(part) for part in found.group("lines")],
        allowances=allowances(found),
        attachments=attachments(found),
        chorus_dialect=issued is not None and issued.get("format") is None,
    )
    made.issue_date = cii_date(issued, "Date d'émission", made)
    made.due_date = cii_date(found.first.get("due_date"), "Date d'échéance", made)
    made.delivery_date = cii_date(found.first.get("delivery_date"), "", Draft())  # refuses nothing
    return made


def note(found: Found) -> str | None:
    """Every note; its subject (BT-21) stands before it as French UBL writes it: `#PMT#`."""
    notes = [(part.text("subject"), part.text("text")) for part in found.group("notes")]
    texts = (f"#{subject}#{text}" if subject else text for subject, text in notes if text)
    return "\n".join(texts) or None


def price_currency(found: Found) -> str | None:
    """The currency of the amounts, where the header leaves it out as Chorus Pro's samples do."""
    named = (
        *found.every.get("vat", ()),
        *(found.first[n] for n in ("with_vat", "due") if n in found.first),
    )
    return next((currency for element in named if (currency := element.get("currencyID"))), None)


def contract(found: Found) -> str | None:
    """The contract; a public contract (BC) before a private one (CT)."""
    parts = [(part.text("kind"), part.text("number")) for part in found.group("contracts")]
    ranked = sorted((kind != "BC", number) for kind, number in parts if number)
    return next((number for other, number in ranked if not other), None) or next(
        (number for _, number in parts if number), None
    )


def one_party(found: Found, name: str) -> Party | None:
    """A party by its role, when something is said of one."""
    parts = found.group(name)
    if not parts:
        return None
    part = parts[0]
    taxes = [element for element in part.every.get("taxes", ()) if element.text]
    made = party(
        part,
        name=part.text("name"),
        vat_number=next((tax.text for tax in taxes if tax.get("schemeID") == "VA"), None),
        tax_number=next(
            (tax.text.strip() for tax in taxes if tax.text and tax.get("schemeID") != "VA"), None
        ),
        country=part.text("country"),
    )
    return None if made == Party() else made


def totals(found: Found, vat: Element | None) -> Totals:
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
    values: dict[str, Decimal | None] = {name: amount(found, name) for name in names}
    vat_found = Found(first={"vat": vat}) if vat is not None else Found()
    return Totals(**values, vat=amount(vat_found, "vat"))


def vat_row(row: Found) -> VatBreakdown:
    """One rate of the VAT breakdown."""
    return VatBreakdown(
        category=row.text("category"),
        rate=amount(row, "rate"),
        base=amount(row, "base"),
        vat=amount(row, "vat"),
        exemption_reason=row.text("reason"),
        exemption_code=row.text("reason_code"),
    )


def allowances(found: Found) -> list[Allowance]:
    """Every allowance and charge on the whole invoice."""
    return [
        *(
            allowance(part, is_charge=part.text("is_charge") in {"true", "1"})
            for part in found.group("allowances")
        ),
        *(allowance(part, is_charge=True) for part in found.group("services")),
    ]


def attachments(found: Found) -> list[Attachment]:
    """Every supporting document that travels inside."""
    return [
        attachment(part.first["content"], part.text("name"))
        for part in found.group("attachments")
        if "content" in part.first
    ]
