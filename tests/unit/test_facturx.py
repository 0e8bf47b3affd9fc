"""A PDF that carries its invoice: the XML is read, a wrong wrapping is named."""

import pytest

from services.ingest import formats
from services.ingest.formats import Document, Reading
from tests.papers import facturx, fixture, page

CII = "cii/invoice.xml"


def read(data: bytes) -> Reading:
    return formats.read(Document("whatever.bin", data))


def codes(reading: Reading) -> list[str]:
    return [finding.code for finding in reading.findings]


def test_a_facturx_is_read_from_its_xml() -> None:
    reading = read(facturx(fixture(CII)))
    assert (reading.format, reading.pages) == ("facturx", 1)
    assert reading.accepted
    assert reading.fields["number"].value == "PAP 2026_88"
    assert codes(reading) == ["FAC-CONF-007"]


@pytest.mark.parametrize(
    ("pdf", "code", "blocks"),
    [
        (facturx(None), "FAC-READ-009", True),
        (facturx(fixture(CII), name="invoice.xml"), "FAC-READ-010", True),
        (facturx(fixture(CII), associated=False), "FAC-READ-011", True),
        (facturx(fixture(CII), relation="Source"), "FAC-READ-012", False),
        (facturx(fixture(CII), level="MINIMUM"), "FAC-READ-013", True),
        (
            facturx(fixture(CII), others={"zugferd-invoice.xml": fixture(CII)}),
            "FAC-READ-014",
            False,
        ),
        (facturx(fixture(CII), level="</rdf:Oops>"), "FAC-READ-015", False),
        (facturx(fixture(CII)[:2000]), "FAC-READ-003", True),
    ],
    ids=["no xml", "name", "no AF", "relation", "profile", "two", "metadata", "truncated xml"],
)
def test_a_wrong_wrapping_is_named(pdf: bytes, code: str, blocks: bool) -> None:
    reading = read(pdf)
    assert reading.format == "facturx"
    assert code in codes(reading)
    assert reading.accepted is not blocks


def test_a_pdf_may_carry_other_papers() -> None:
    assert read(facturx(fixture(CII), others={"bon.pdf": page()})).accepted


PAGE = """Facture N° PAP 2026_88
Date : 15/01/2026
SIRET du client : 223 100 017 00423
Total HT 420,00 €
TVA 20 % 84,00 €
Total TTC 504,00 €
Net à payer 504,00 €
IBAN FR76 3000 6000 0112 3456 7890 189"""


def test_a_page_that_says_what_its_xml_writes_raises_no_doubt() -> None:
    reading = read(facturx(fixture(CII), shows=PAGE))
    assert (list(reading.doubts), codes(reading)) == ([], ["FAC-CONF-007"])


@pytest.mark.parametrize(
    ("field", "shown", "instead"),
    [
        ("iban", "FR76 3000 6000 0112 3456 7890 189", "FR14 2004 1010 0505 0001 3M02 606"),
        ("buyer_siret", "223 100 017 00423", "213 105 554 00017"),
        ("buyer_siret", "223 100 017 00423", "223 100 017 0042"),
        ("issue_date", "15/01/2026", "16/01/2026"),
        ("number", "PAP 2026_88", "PAP-2026-89"),
    ],
    ids=["another account", "another buyer", "a figure too few", "another day", "another number"],
)
def test_what_the_page_says_otherwise_than_the_xml_is_doubted(
    field: str, shown: str, instead: str
) -> None:
    assert shown in PAGE
    reading = read(facturx(fixture(CII), shows=PAGE.replace(shown, instead)))
    assert reading.accepted, "the XML decides"
    assert [doubt.field for doubt in reading.doubts] == [field]
    assert "FAC-READ-020" in codes(reading)


def test_amounts_that_the_page_adds_up_otherwise_are_doubted_one_by_one() -> None:
    page = PAGE.replace("84,00", "42,00").replace("504,00", "462,00").replace("20 %", "10 %")
    reading = read(facturx(fixture(CII), shows=page))
    doubted = {doubt.field: doubt.values for doubt in reading.doubts}
    assert doubted == {
        "total_vat": ("84.00", "42.00"),
        "total_with_vat": ("504.00", "462.00"),
        "amount_due": ("504.00", "462.00"),
    }
