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
