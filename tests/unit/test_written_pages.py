"""The page that we draw of an invoice: whole, tagged, fit for archives."""

import re
from pathlib import Path
from typing import Any

import pymupdf
from lxml import etree

from services.ingest.formats import Document
from services.ingest.formats.writers import facturx, write
from services.ingest.formats.writers.metadata import FACTURX
from shared.contracts.ingest import DocumentKind
from tests.builders import an_invoice

FIXTURES = Path(__file__).parents[1] / "fixtures"


def made(kind: DocumentKind, document: Document, **more: Any) -> bytes:
    data = write(kind, document, **more)
    assert isinstance(data, bytes), data
    return data


def fixture(name: str) -> Document:
    return Document(name, (FIXTURES / name).read_bytes())


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


def test_a_facturx_says_of_its_invoice_what_pdf_a_3_asks() -> None:
    pdf = pymupdf.open(stream=made(DocumentKind.FACTURX, fixture("ubl/invoice.xml")))
    (place,) = re.findall(r"(\d+) 0 R", pdf.xref_get_key(pdf.pdf_catalog(), "AF")[1])
    said = {key: pdf.xref_get_key(int(place), key)[1] for key in pdf.xref_get_keys(int(place))}
    assert said["AFRelationship"] == "/Alternative"
    assert said["F"] == said["UF"] == "factur-x.xml"
    assert said["Desc"]
    stream = int(re.findall(r"(\d+) 0 R", said["EF"])[0])
    assert pdf.xref_get_key(stream, "Subtype")[1] == "/text/xml", "written /text#2Fxml"
    assert pdf.xref_get_key(stream, "Params/ModDate")[1].startswith("D:2026")
    metadata = etree.fromstring(pdf.get_xml_metadata().encode())
    described = {name.text for name in metadata.iter("{http://www.aiim.org/pdfa/ns/property#}name")}
    used = {etree.QName(one).localname for one in metadata.iter(f"{{{FACTURX}}}*")}
    assert used == described == {"DocumentType", "DocumentFileName", "Version", "ConformanceLevel"}


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
