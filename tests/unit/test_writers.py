"""What was written says what was meant: reading it back gives the same invoice."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import facturx as published
import pymupdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.ingest import formats
from services.ingest.formats import Document
from services.ingest.formats.writers import attachments, cii, facturx, ubl, write
from services.ingest.formats.writers.completed import SUMMARY, completed
from services.ingest.formats.writers.content import Content
from shared.contracts.finding import Finding
from shared.contracts.ingest import DocumentKind
from shared.contracts.invoice import Invoice, Party, Totals, VatBreakdown
from tests.builders import a_party, an_invoice
from tests.invoices import invoices

Drawn = tuple[Invoice, tuple[bytes, ...]]
FIXTURES = Path(__file__).parents[1] / "fixtures"
PATIENT = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
EN16931 = "urn:cen.eu:en16931:2017"


def as_facturx(content: Content) -> bytes:
    return facturx.write(content.invoice, cii.write(content))


WRITERS: dict[str, tuple[Callable[[Content], bytes], Callable[[Invoice], Invoice]]] = {
    "ubl": (ubl.write, completed),
    "cii": (cii.write, lambda invoice: invoice),
    "facturx": (as_facturx, lambda invoice: invoice),
}
"""How it is written, and what its format makes of values that it demands."""


def made(kind: DocumentKind, document: Document, **more: Any) -> bytes:
    data = write(kind, document, **more)
    assert isinstance(data, bytes), data
    return data


def a_page(words: str) -> bytes:
    pdf = pymupdf.open()
    pdf.new_page().insert_text((72, 72), words)
    return bytes(pdf.tobytes())


def fixture(name: str) -> Document:
    return Document(name, (FIXTURES / name).read_bytes())


@pytest.mark.parametrize("name", WRITERS)
@PATIENT
@given(drawn=invoices())
def test_reading_what_was_written_gives_the_same_invoice(name: str, drawn: Drawn) -> None:
    invoice, contents = drawn
    writer, expected = WRITERS[name]
    document = Document("a", writer(Content(invoice, contents)))
    reading = formats.read(document)
    assert [finding for finding in reading.findings if finding.blocks] == []
    assert reading.invoice == expected(invoice)
    assert [member.data for member in attachments.carried(document)] == list(contents)


@pytest.mark.parametrize("name", WRITERS)
@PATIENT
@given(name_of_seller=st.text(min_size=1, max_size=20), note=st.text(max_size=50))
def test_no_text_breaks_a_document(name: str, name_of_seller: str, note: str) -> None:
    invoice = an_invoice(profile=EN16931, note=note, seller=a_party(name=name_of_seller + "."))
    assert formats.read(Document("a", WRITERS[name][0](Content(invoice)))).accepted


@pytest.mark.parametrize("name", ["ubl", "cii"])
def test_a_party_known_by_its_siret_alone_is_written_with_it(name: str) -> None:
    reading = formats.read(Document("a", WRITERS[name][0](Content(an_invoice(profile=EN16931)))))
    assert reading.invoice is not None
    schemes = [(one.scheme, one.legal) for one in reading.invoice.seller.identifiers]
    assert schemes == [("0009", False), ("0002", True)]
    assert reading.invoice.seller.siret == a_party().siret


@pytest.mark.parametrize("name", WRITERS)
def test_what_only_the_chorus_dialect_lets_pass_is_written_in_it(name: str) -> None:
    invoice = an_invoice(profile=EN16931, seller=a_party(vat_number=None))
    reading = formats.read(Document("a", WRITERS[name][0](Content(invoice))))
    assert reading.accepted
    assert reading.invoice is not None
    assert reading.invoice.profile == EN16931


def test_ubl_gives_an_invoice_without_lines_one_a_rate() -> None:
    rows = tuple(
        VatBreakdown(category="S", rate=Decimal(rate), base=Decimal(base))
        for rate, base in (("20", "100"), ("5.5", "10"))
    )
    totals = Totals(
        without_vat=Decimal(110),
        vat=Decimal("20.55"),
        with_vat=Decimal("130.55"),
        due=Decimal("130.55"),
    )
    invoice = an_invoice(profile=EN16931, lines=(), vat_breakdown=rows, totals=totals)
    reading = formats.read(Document("a", ubl.write(Content(invoice))))
    assert reading.accepted
    assert reading.invoice is not None
    assert [(line.name, line.net) for line in reading.invoice.lines] == [
        (f"{SUMMARY}, TVA à 20 %", Decimal(100)),
        (f"{SUMMARY}, TVA à 5.5 %", Decimal(10)),
    ]
    assert reading.invoice.vat_breakdown[1].vat == Decimal("0.55")


@pytest.mark.parametrize("kind", ["ubl", "cii", "facturx", "readable"])
def test_the_same_invoice_is_written_the_same_each_time(kind: str) -> None:
    document = fixture("cii/invoice.xml") if kind != "cii" else fixture("ubl/invoice.xml")
    assert made(DocumentKind(kind), document) == made(DocumentKind(kind), document)


def test_what_the_sender_wrote_is_handed_on_as_it_is() -> None:
    one, other = fixture("ubl/invoice.xml"), fixture("cii/invoice.xml")
    assert made(DocumentKind.UBL, one) == one.data
    assert made(DocumentKind.CII, other) == other.data
    hybrid = Document("a.pdf", made(DocumentKind.FACTURX, other))
    assert made(DocumentKind.FACTURX, hybrid) == hybrid.data
    assert made(DocumentKind.READABLE, hybrid) == hybrid.data
    assert made(DocumentKind.CII, hybrid) == other.data


def test_a_corrected_address_is_in_what_is_written() -> None:
    document = fixture("ubl/invoice.xml")
    read = formats.read(document).invoice
    assert read is not None
    header = read.header().model_copy(
        update={"buyer": Party(siret="11000201100044"), "buyer_reference": "NEUF"}
    )
    for kind in (DocumentKind.UBL, DocumentKind.CII, DocumentKind.FACTURX):
        again = formats.read(Document("a", made(kind, document, header=header)))
        assert again.accepted
        assert again.invoice is not None
        assert again.invoice.buyer.siret == "11000201100044"
        assert again.invoice.buyer_reference == "NEUF"
        assert again.invoice.lines == read.lines


def test_a_page_that_was_confirmed_travels_in_the_facturx_that_is_made_of_it() -> None:
    page = Document("Facture août.pdf", a_page("Facture F-1"))
    header = an_invoice().header()
    data = made(DocumentKind.FACTURX, page, header=header)
    reading = formats.read(Document("a", data))
    assert reading.format == "facturx"
    assert reading.accepted
    inside = dict(Document("a", data).embedded)
    assert inside.keys() == {"factur-x.xml", "Facture_ao_t.pdf"}
    assert inside["Facture_ao_t.pdf"] == page.data
    assert made(DocumentKind.READABLE, page, header=header) == page.data
    assert formats.read(Document("a", made(DocumentKind.UBL, page, header=header))).accepted


def test_the_published_library_finds_the_invoice_in_a_facturx_of_ours() -> None:
    document = fixture("ubl/invoice.xml")
    data = made(DocumentKind.FACTURX, document)
    name, xml = published.get_xml_from_pdf(data, check_xsd=False, check_schematron=False)
    assert name == "factur-x.xml"
    assert xml == made(DocumentKind.CII, document)


def test_a_document_that_cannot_be_read_is_no_other_document() -> None:
    for data in (b"<a", b"%PDF-1.4 rubbish", b"", b"<a/>"):
        refused = write(DocumentKind.UBL, Document("a", data))
        assert isinstance(refused, Finding), data
