"""What was written says what was meant: reading it back gives the same invoice."""

import io
import re
import zipfile
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
from services.ingest.domain.naming import apart, disposition
from services.ingest.formats import Document
from services.ingest.formats.writers import attachments, cii, facturx, ubl, write
from services.ingest.formats.writers.completed import SUMMARY, completed
from services.ingest.formats.writers.content import Content
from shared.contracts.finding import Finding
from shared.contracts.ingest import DocumentKind
from shared.contracts.invoice import Attachment, Invoice, Party, Totals, VatBreakdown
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


def test_a_page_of_ours_can_be_listened_to_and_kept() -> None:
    pdf = pymupdf.open(stream=made(DocumentKind.READABLE, fixture("ubl/invoice.xml")))
    catalogue = {key: pdf.xref_get_key(pdf.pdf_catalog(), key)[1] for key in ("Lang", "MarkInfo")}
    assert catalogue == {"Lang": "fr-FR", "MarkInfo": "<</Marked true>>"}
    assert pdf.metadata is not None
    assert pdf.metadata["title"].startswith("Facture ")
    assert "<pdfaid:part>3</pdfaid:part>" in pdf.get_xml_metadata()
    kinds = {pdf.xref_get_key(number, "S")[1] for number in range(1, pdf.xref_length())}
    assert kinds >= {"/Document", "/H1", "/H2", "/P", "/Table", "/TR", "/TH", "/TD"}
    fonts = {font[3] for page in pdf.pages() for font in page.get_fonts()}
    assert fonts
    assert all("+" in name for name in fonts), "every font is inside, as far as it is used"
    for page in pdf.pages():
        drawn = page.read_contents()
        assert len(re.findall(rb" BDC | BMC ", drawn)) == len(re.findall(rb"EMC", drawn))


def test_the_page_shows_every_value() -> None:
    invoice = an_invoice(note="Ωmega « Ж » 日本", payment_terms="30 jours", due_date=None)
    text = text_of(facturx.readable(invoice))
    shown = (
        *(invoice.number, "10/03/2026", "Atelier du Canal", "22310001700423", "DGS"),
        *("CP2026/X123456/1", "Entretien des berges", "120,00 €", "20 %", "30 jours"),
        *("FR76 3000 6000 0112 3456 7890 189", "Ωmega « Ж » 日本", "Virement (30)"),
    )
    assert [value for value in shown if value not in text] == []


def test_what_no_font_can_draw_is_said_all_the_same() -> None:
    drawn = facturx.readable(an_invoice(note="Merci 🙂"))
    content = b"".join(page.read_contents() for page in pymupdf.open(stream=drawn).pages())
    assert f"/ActualText <feff{'Merci 🙂'.encode('utf-16-be').hex()}>".encode() in content


def test_a_long_invoice_goes_over_pages_that_repeat_the_titles() -> None:
    line = an_invoice().lines[0]
    lines = tuple(
        line.model_copy(update={"id": str(number), "name": f"Article {number} " + "x" * 90})
        for number in range(1, 120)
    )
    pdf = pymupdf.open(stream=facturx.readable(an_invoice(lines=lines)))
    assert pdf.page_count > 3
    assert all("Désignation" in page.get_text() for page in list(pdf.pages())[:-1])
    assert all(f"Article {number} " in text_of(pdf.tobytes()) for number in (1, 60, 119))


def text_of(data: bytes) -> str:
    pdf = pymupdf.open(stream=data)
    return " ".join(
        " ".join(page.get_text() for page in pdf.pages()).replace("\u00a0", " ").split()
    )


def test_attachments_come_in_a_zip_under_harmless_names() -> None:
    invoice = an_invoice(profile=EN16931)
    names = ("../../etc/passwd", "Bon n° 1.pdf", "bon N° 1.PDF", "aux.txt", "chorus.pdf")
    contents = (b"1", b"2", b"3", b"4", b"PK\x03\x04zip")
    invoice = invoice.model_copy(
        update={
            "attachments": tuple(
                attachment(name, content) for name, content in zip(names, contents, strict=True)
            )
        }
    )
    document = Document("a.xml", ubl.write(Content(invoice, contents)))
    with zipfile.ZipFile(io.BytesIO(made(DocumentKind.ATTACHMENTS, document))) as packed:
        found = {name: packed.read(name) for name in packed.namelist()}
    assert found == {
        "_.._etc_passwd": b"1",
        "Bon n° 1.pdf": b"2",
        "bon N° 1 (2).PDF": b"3",
        "_aux.txt": b"4",
        "chorus.pdf.zip": b"PK\x03\x04zip",
    }


def attachment(name: str, content: bytes) -> Attachment:
    return Attachment(name=name, media_type="text/plain", size=len(content))


def test_files_beside_the_invoice_in_a_pdf_are_attachments_too() -> None:
    pdf = pymupdf.open(stream=made(DocumentKind.FACTURX, fixture("ubl/invoice.xml")))
    pdf.embfile_add("plan.txt", b"ici")
    zipped = made(DocumentKind.ATTACHMENTS, Document("a.pdf", pdf.tobytes()))
    assert zipfile.ZipFile(io.BytesIO(zipped)).namelist() == ["metre.csv", "plan.txt"]


def test_an_invoice_without_attachments_gives_nothing() -> None:
    assert made(DocumentKind.ATTACHMENTS, fixture("cii/invoice.xml")) == b""


def test_attachments_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MOST_BYTES", 3)
    invoice = an_invoice(profile=EN16931, attachments=(attachment("a.txt", b"1234"),))
    refused = write(DocumentKind.ATTACHMENTS, Document("a", ubl.write(Content(invoice, [b"1234"]))))
    assert isinstance(refused, Finding)
    assert refused.code == "FAC-SAFE-006"


def test_a_document_that_cannot_be_read_is_no_other_document() -> None:
    for data in (b"<a", b"%PDF-1.4 rubbish", b"", b"<a/>"):
        refused = write(DocumentKind.UBL, Document("a", data))
        assert isinstance(refused, Finding), data


@given(st.lists(st.text(max_size=300), max_size=6))
def test_names_in_a_zip_are_apart_and_no_paths(names: list[str]) -> None:
    found = list(apart(names))
    assert len({name.casefold() for name in found}) == len(names)
    assert all(not re.search(r'[\x00-\x1f/\\<>:"|?*]', name) and name for name in found)


def test_a_download_keeps_the_name_it_was_handed_in_under() -> None:
    assert disposition("a b-1.pdf") == 'attachment; filename="a b-1.pdf"'
    assert disposition('é"\r\n.pdf') == (
        "attachment; filename=\"____.pdf\"; filename*=UTF-8''%C3%A9%22%0D%0A.pdf"
    )
