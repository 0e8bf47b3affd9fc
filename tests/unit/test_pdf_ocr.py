"""Scans are recognised apart, straightened, and understood as text pages are."""

import pytest

from services.ingest import formats
from services.ingest.formats import pdf_ocr
from services.ingest.formats.pdf_ocr import pages
from services.ingest.formats.reading import Document, Reading
from tests.fixtures.make_pdf import draw_invoice
from tests.fixtures.pdf.layouts import LAYOUTS
from tests.fixtures.pdf.scan import CLEAN, Copier, scanned
from tests.papers import page

PDF, TRUTH = draw_invoice(2600, LAYOUTS[0])
KEYS = ("number", "issue_date", "total_with_vat")


def recognised(data: bytes) -> Reading:
    document = Document("scan.pdf", data)
    first = formats.read(document)
    assert pdf_ocr.due(first)
    return pages.read(document, first)


def values(reading: Reading) -> dict[str, str]:
    return {name: str(reading.fields[name].value) for name in KEYS if name in reading.fields}


@pytest.mark.parametrize(
    "copier",
    [CLEAN, Copier(angle=1.5, noise=0.08, quality=45), Copier(turn=90), Copier(turn=180)],
    ids=["clean", "crooked and noisy", "sideways", "upside down"],
)
def test_a_scan_gives_what_its_page_shows(copier: Copier) -> None:
    reading = recognised(scanned(PDF, copier))
    assert reading.format == pdf_ocr.NAME
    assert reading.accepted
    assert values(reading) == {name: str(TRUTH[name]) for name in KEYS}


def test_each_field_of_a_scan_has_its_place_and_is_less_sure_than_text() -> None:
    number = recognised(scanned(PDF)).fields["number"]
    assert number.page == 1 and number.box is not None
    assert number.confidence <= formats.read(Document("a", PDF)).fields["number"].confidence


def test_a_page_of_text_is_never_recognised() -> None:
    assert not pdf_ocr.due(formats.read(Document("text.pdf", PDF)))


def test_of_a_picture_of_nothing_nothing_is_invented() -> None:
    reading = recognised(scanned(page(" ")))
    assert values(reading) == {}
    assert reading.invoice is None and reading.doubts
