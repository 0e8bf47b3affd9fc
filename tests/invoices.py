"""Invoices of every kind that EN 16931 allows, drawn by hypothesis: what readers accept."""

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from shared.contracts.invoice import (
    Allowance,
    Attachment,
    Identifier,
    Invoice,
    Line,
    Party,
    Totals,
    VatBreakdown,
    Works,
)

Draw = st.DrawFn
CENT = Decimal("0.01")
SIRET, SIREN = "40483304800022", "404833048"
PEPPOL = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"


def texts(most: int = 40) -> st.SearchStrategy[str]:
    """What people write, odd characters included; readers trim it."""
    letters = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
    written = st.text(letters, min_size=1, max_size=most).map(str.strip)
    return written.filter(bool) | st.sampled_from(
        ["Été & <fils>", "«\u202fPorte\u00a0»", "x]]>y", "a\nb", "日本", "🙂", "\"'", "ﬁn"]
    )


def amounts(low: int = -100_000, high: int = 100_000) -> st.SearchStrategy[Decimal]:
    """Amounts with two decimals."""
    return st.decimals(low, high, places=2)


def prices() -> st.SearchStrategy[Decimal]:
    """Prices and quantities, up to four decimals."""
    return st.decimals(-1000, 1000, places=4) | st.integers(0, 99).map(Decimal)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """That, or nothing."""
    return st.none() | strategy


def codes(*values: str) -> st.SearchStrategy[str]:
    """One of these."""
    return st.sampled_from(values)


@st.composite
def parties(draw: Draw, *, seller: bool = False) -> Party:
    """A seller, a buyer or another, with identifiers as French and other files write them."""
    ids: list[Identifier] = []
    registered = draw(codes("siret", "siren", "both", "foreign", "chorus", "none"))
    if registered in {"siret", "both"}:
        ids.append(Identifier(scheme="0009", value=SIRET))
    if draw(st.booleans()):
        ids.append(Identifier(scheme=draw(maybe(codes("0088", "0060"))), value="3012345678906"))
    if registered in {"siren", "both"}:
        ids.append(Identifier(scheme="0002", value=SIREN, legal=True))
    if registered == "foreign":
        ids.append(Identifier(scheme="0204", value=draw(codes("DE-77", "HRB 12")), legal=True))
    if registered == "chorus":
        ids.append(Identifier(scheme="1", value=SIRET, legal=True))
    french = registered in {"siret", "both", "chorus"}
    return Party(
        name=draw(texts() if seller else maybe(texts())),
        siret=SIRET if french else None,
        siren=SIREN if french or registered == "siren" else None,
        vat_number="FR83404833048" if seller else draw(maybe(codes("FR83404833048", "DE123"))),
        tax_number=draw(maybe(codes("123/456", "LOC 9"))),
        electronic_address=draw(maybe(st.just(Identifier(scheme="0225", value="404833048_42")))),
        identifiers=tuple(ids),
        country=draw(maybe(codes("FR", "DE"))),
        postcode=draw(maybe(codes("31000", "D-10117"))),
        city=draw(maybe(texts())),
        address=draw(maybe(texts())),
    )


@st.composite
def rows(draw: Draw) -> tuple[VatBreakdown, ...]:
    """A breakdown that adds up, each rate once."""
    found = []
    for rate in draw(st.lists(codes("20", "10.00", "5.5", "2.1"), unique=True, max_size=4)):
        base = draw(amounts())
        vat = (base * Decimal(rate) / 100).quantize(CENT)
        found.append(VatBreakdown(category="S", rate=Decimal(rate), base=base, vat=vat))
    if not found or draw(st.booleans()):
        found.append(
            VatBreakdown(
                category=draw(codes("E", "AE", "K", "O")),
                rate=draw(maybe(st.just(Decimal(0)))),
                base=draw(amounts()),
                vat=Decimal(0),
                exemption_reason=draw(maybe(texts())),
                exemption_code=draw(maybe(st.just("VATEX-EU-AE"))),
            )
        )
    return tuple(found)


@st.composite
def lines(draw: Draw) -> Line:
    """A line, of which much may be missing."""
    quantity = draw(maybe(prices()))
    price = draw(maybe(prices()))
    return Line(
        id=draw(maybe(codes("1", "1.2", "A"))),
        name=draw(maybe(texts())),
        quantity=quantity,
        unit=None if quantity is None else draw(maybe(codes("C62", "HUR"))),
        price=price,
        price_quantity=None if price is None else draw(maybe(codes("1", "100").map(Decimal))),
        net=draw(amounts()),
        vat_category=draw(maybe(codes("S", "E"))),
        vat_rate=draw(maybe(codes("20", "5.50", "0").map(Decimal))),
    )


@st.composite
def allowances(draw: Draw) -> Allowance:
    """An allowance or a charge."""
    return Allowance(
        is_charge=draw(st.booleans()),
        amount=draw(amounts(0, 1000)),
        base=draw(maybe(amounts(0, 1000))),
        percent=draw(maybe(codes("10", "2.5").map(Decimal))),
        reason=draw(maybe(texts())),
        reason_code=draw(maybe(codes("95", "FC"))),
        vat_category=draw(maybe(codes("S"))),
        vat_rate=draw(maybe(codes("20").map(Decimal))),
    )


@st.composite
def invoices(draw: Draw) -> tuple[Invoice, tuple[bytes, ...]]:
    """An invoice that the rules accept, and the contents of its attachments."""
    harmless = st.binary(max_size=60).map(lambda data: b"." + data)
    contents = tuple(draw(st.lists(harmless, max_size=2)))
    breakdown, reductions = draw(rows()), tuple(draw(st.lists(allowances(), max_size=2)))
    without_vat = sum((row.base or Decimal(0) for row in breakdown), Decimal(0))
    vat = sum((row.vat or Decimal(0) for row in breakdown), Decimal(0))
    charges = sum((a.amount or Decimal(0) for a in reductions if a.is_charge), Decimal(0))
    less = sum((a.amount or Decimal(0) for a in reductions if not a.is_charge), Decimal(0))
    prepaid, rounding = draw(maybe(amounts())), draw(maybe(codes("0.01", "-0.02").map(Decimal)))
    due = without_vat + vat - (prepaid or 0) + (rounding or 0)
    issued = draw(st.dates(date(1999, 1, 1), date(2099, 12, 31)))
    process = draw(maybe(codes("A1", "A4", "A9", "A10", "S1", PEPPOL)))
    others = parties().filter(lambda party: party != Party())
    works = st.builds(
        Works, project_manager=maybe(others), project_owner=maybe(others), billing_file=codes("D 7")
    )
    invoice = Invoice(
        number=draw(st.from_regex(r"[A-Z][A-Z0-9_/-]{0,18}", fullmatch=True)),
        issue_date=issued,
        due_date=draw(maybe(st.dates(issued, date(2100, 12, 31)))),
        type_code=draw(codes("380", "381", "389", "386", "261")),
        currency=draw(codes("EUR", "XPF")),
        process=process,
        profile=draw(maybe(codes("urn:cen.eu:en16931:2017", "urn:factur-x.eu:1p0:extended"))),
        note=draw(maybe(texts(200) | st.just("Merci\n#PMT#40 €\n#AAB#Néant") | st.just("#PMD#"))),
        buyer_reference=draw(maybe(texts())),
        order_reference=draw(maybe(texts())),
        contract_reference=draw(maybe(texts())),
        preceding_invoice=draw(maybe(texts())),
        delivery_date=draw(maybe(st.dates(date(1999, 1, 1), date(2099, 12, 31)))),
        seller=draw(parties(seller=True)),
        buyer=draw(parties()),
        validator=None if process == "A4" else draw(maybe(others)),
        works=draw(maybe(works)) if process in {"A4", "A10"} else None,
        tax_representative=draw(maybe(parties(seller=True))),
        payment_terms=draw(maybe(texts(80))),
        payment_means=draw(maybe(codes("30", "58", "97"))),
        iban=draw(maybe(codes("FR7630006000011234567890189"))),
        totals=Totals(
            lines=without_vat + less - charges,
            allowances=less or draw(maybe(st.just(less))),
            charges=charges or draw(maybe(st.just(charges))),
            without_vat=without_vat,
            vat=vat,
            with_vat=without_vat + vat,
            prepaid=prepaid,
            rounding=rounding,
            due=due,
        ),
        vat_breakdown=breakdown,
        lines=tuple(draw(st.lists(lines(), max_size=3))),
        allowances=reductions,
        attachments=tuple(
            Attachment(
                name=draw(texts().map(lambda text: text.replace("\n", " ") + ".pdf")),
                media_type="application/pdf",
                size=len(content),
            )
            for content in contents
        ),
    )
    return invoice, contents
