"""Scans are recognised apart, straightened, and understood as text pages are."""

from dataclasses import replace

import pymupdf
import pytest

from services.ingest import formats
from services.ingest.formats import pdf_ocr
from services.ingest.formats.pdf_ocr import engine, pages
from services.ingest.formats.pdf_ocr.evidence import witnessed
from services.ingest.formats.pdf_ocr.straight import slope
from services.ingest.formats.pdf_text.understanding import Understanding
from services.ingest.formats.reading import Document, Reading
from shared.contracts.ingest import ReadField
from tests.fixtures.make_pdf import draw_invoice
from tests.fixtures.pdf.layouts import LAYOUTS
from tests.fixtures.pdf.scan import CLEAN, Copier, scanned
from tests.papers import page, sheet

PDF, TRUTH = draw_invoice(2600, LAYOUTS[0])
KEYS = ("number", "issue_date", "total_without_vat", "total_vat", "total_with_vat", "seller_siret")
WORN = Copier(angle=1.5, noise=0.08, quality=45)
LETTER = (
    (60, 80, "Atelier du flux SARL, 12 rue des Tanneurs, 31000 Toulouse"),
    (60, 110, "Bonjour, veuillez trouver ci-joint notre dernière facture, que nous"),
    (60, 124, "vous prions de régler comme convenu. Avec nos remerciements sincères."),
)


def recognised(data: bytes) -> Reading:
    return formats.read(Document("scan.pdf", data), recognise=pages.read)


def values(reading: Reading) -> dict[str, str]:
    return {name: str(reading.fields[name].value) for name in KEYS if name in reading.fields}


def codes(reading: Reading) -> list[str]:
    return [finding.code for finding in reading.findings]


def joined(*files: bytes) -> bytes:
    """The pages of several PDFs as one."""
    with pymupdf.open() as whole:
        for data in files:
            with pymupdf.open(stream=data) as part:
                whole.insert_pdf(part)
        return bytes(whole.tobytes())


SHOWN = {name: str(TRUTH[name]) for name in KEYS}


@pytest.mark.parametrize(
    "copier",
    [CLEAN, WORN, Copier(turn=90), Copier(turn=180), Copier(turn=270)],
    ids=["clean", "crooked and noisy", "sideways", "upside down", "on the other side"],
)
def test_a_scan_gives_what_its_page_shows(copier: Copier) -> None:
    reading = recognised(scanned(PDF, copier))
    assert reading.format == pdf_ocr.NAME
    assert reading.accepted and reading.invoice is not None
    assert values(reading) == SHOWN


def test_a_scan_is_only_found_until_somebody_recognises_it() -> None:
    first = formats.read(Document("scan.pdf", scanned(PDF)))
    assert pdf_ocr.due(first)
    assert (first.fields, first.findings, first.invoice) == ({}, (), None)


def test_a_page_of_text_is_never_recognised() -> None:
    assert not pdf_ocr.due(formats.read(Document("text.pdf", PDF)))


def test_a_scanned_page_behind_an_invoice_of_text_delays_nobody() -> None:
    annex = scanned(sheet(*LETTER))
    reading = formats.read(Document("mixed.pdf", joined(PDF, annex)))
    assert reading.format == "pdf_text" and values(reading) == SHOWN


def test_a_scanned_invoice_behind_a_letter_of_text_is_read() -> None:
    reading = recognised(joined(sheet(*LETTER), scanned(PDF)))
    assert values(reading) == SHOWN
    assert reading.fields["number"].page == 2


def test_text_in_a_font_without_meaning_is_recognised() -> None:
    with pymupdf.open(stream=PDF) as pdf:
        for number in range(1, pdf.xref_length()):
            if pdf.xref_get_key(number, "ToUnicode")[0] == "xref":
                pdf.xref_set_key(number, "ToUnicode", "null")
                pdf.xref_set_key(number, "Encoding", "/Identity-H")
        garbled = bytes(pdf.tobytes())
    assert "Facture" not in pymupdf.open(stream=garbled)[0].get_text()
    assert values(recognised(garbled)) == SHOWN


@pytest.mark.parametrize("copier", [CLEAN, WORN], ids=["flat", "crooked"])
def test_each_field_stands_where_the_page_shows_it(copier: Copier) -> None:
    data = scanned(PDF, copier)
    field = recognised(data).fields["number"]
    assert field.page == 1 and field.box is not None
    with pymupdf.open(stream=data) as pdf, pymupdf.open() as strip:
        shown = strip.new_page(width=600, height=800)
        shown.show_pdf_page(shown.rect, pdf, 0, clip=pymupdf.Rect(field.box) + (-2, -2, 2, 2))
        words = " ".join(word.text for word in engine.look(shown).words)
    assert str(field.value) in words


def test_on_a_page_that_lies_on_its_side_each_field_has_its_place_too() -> None:
    flat, turned = (
        recognised(scanned(PDF, copier)).fields["number"].box for copier in (CLEAN, Copier(turn=90))
    )
    assert flat and turned
    x, y = (flat[0] + flat[2]) / 2, (flat[1] + flat[3]) / 2
    assert ((turned[0] + turned[2]) / 2, (turned[1] + turned[3]) / 2) == pytest.approx(
        (842 - y, x), abs=4
    )


def test_a_field_of_a_scan_says_how_surely_it_was_recognised() -> None:
    number = recognised(scanned(PDF, WORN)).fields["number"]
    text = formats.read(Document("a", PDF)).fields["number"]
    assert "reconnu sur l'image, sûr à" in (number.evidence or "")
    assert number.confidence <= text.confidence


def test_what_hardly_can_be_recognised_is_less_sure() -> None:
    with pymupdf.open(stream=scanned(PDF)) as pdf:
        seen = engine.look(pdf[0])
    field = ReadField(value="F-1", confidence=0.8, page=1, box=(0, 0, 600, 850), evidence="vu")
    read = Understanding({"number": field}, (), True)
    for sure in (90, 45, 0):
        sheet = replace(seen, words=[replace(word, sure=sure) for word in seen.words])
        said = witnessed(read, {1: sheet}, []).fields["number"]
        assert said.confidence == pytest.approx(0.8 * (0.6 + 0.4 * sure / 90), abs=0.01)
        assert f"sûr à {sure} %" in (said.evidence or "")


def test_a_crooked_page_is_drawn_straight() -> None:
    with pymupdf.open(stream=scanned(PDF, Copier(angle=2.0))) as pdf:
        assert engine.look(pdf[0]).view.angle == pytest.approx(-2.0, abs=0.15)


@pytest.mark.parametrize("angle", [-2.4, -1.1, -0.3, 0.0, 0.4, 1.7])
def test_it_is_seen_how_crooked_a_page_lies(angle: float) -> None:
    with pymupdf.open(stream=scanned(PDF, Copier(angle=angle, noise=0.1))) as pdf:
        assert slope(pdf[0]) == pytest.approx(angle, abs=0.15)


def test_a_picture_on_which_nothing_can_be_read_is_refused_in_words() -> None:
    for data in (scanned(page(" ")), scanned(PDF, Copier(dpi=25))):
        reading = recognised(data)
        assert codes(reading) == ["FAC-READ-018"] and reading.invoice is None
        assert "aucun texte ne se lit" in reading.findings[0].message


def test_a_scan_of_something_else_is_no_invoice() -> None:
    assert codes(recognised(scanned(sheet(*LETTER)))) == ["FAC-READ-005"]


def test_of_a_long_scan_the_first_pages_are_read_and_the_rest_is_a_doubt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pages, "MOST_PAGES", 1)
    reading = recognised(joined(scanned(PDF), scanned(sheet(*LETTER))))
    assert values(reading) == SHOWN
    (doubt,) = [doubt for doubt in reading.doubts if doubt.field == "pages"]
    assert "2 pages numérisées" in doubt.message


def test_a_page_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MILLISECONDS", 1)
    assert codes(recognised(scanned(PDF))) == ["FAC-SAFE-007"]


def test_a_page_that_was_not_read_to_its_end_is_a_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    def hasty(shown: pymupdf.Page) -> engine.Sheet:
        return replace(look(shown), whole=False)

    look = engine.look
    monkeypatch.setattr(pages, "look", hasty)
    reading = recognised(scanned(PDF))
    assert values(reading) == SHOWN
    assert any("trop chargée" in doubt.message for doubt in reading.doubts)


def test_a_large_page_is_drawn_smaller() -> None:
    for width, height in ((595, 842), (842, 1191), (2384, 3370)):
        zoom = engine.zoom_for(pymupdf.Rect(0, 0, width, height), engine.FINE_DPI)
        assert width * height * zoom**2 <= engine.MOST_PIXELS * 1.01
    assert engine.zoom_for(pymupdf.Rect(0, 0, 595, 842), engine.DPI) == pytest.approx(200 / 72)


def test_without_french_a_scan_is_refused_as_our_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "HOMES", ())
    monkeypatch.setattr("tesserocr.get_languages", lambda: ("./", []))
    engine.home.cache_clear()
    engine.engine.cache_clear()
    assert codes(recognised(scanned(PDF))) == ["FAC-READ-019"]
    engine.home.cache_clear()
