"""Sound files to begin with: one of each kind, and pages as text."""

from collections.abc import Iterator

from tests.fixtures.broke import BROKE
from tests.fixtures.make_pdf import draw_invoice
from tests.fixtures.pdf.layouts import LAYOUTS
from tests.fixtures.pivot import paper, pivot, unit
from tests.fixtures.signed import curve_key, signed
from tests.papers import facturx, fixture, sheet
from tests.unit.test_archive import zipped

PAGE = """
Atelier Garonne            FACTURE N° F-2026-017
SIRET 404 833 048 00022    Date : 24/11/2026
Conseil départemental      Échéance : 24 décembre 2026
SIRET 22310001700423       Code service : DFD
Engagement CP2026/X123456/1
Désignation   Qté  PU HT    TVA    Total HT
Pose           2   500,00   20 %   1 000,00
Total HT 1 000,00 €
TVA 20 % 200,00 €
Total TTC 1 200,00 €
Net à payer 1.200,00 EUR
IBAN FR76 3000 6000 0112 3456 7890 189
"""


def sound_xml() -> Iterator[bytes]:
    """An invoice in each dialect of XML."""
    for name in ("ubl/invoice.xml", "ubl/credit-note.xml", "cii/invoice.xml"):
        yield fixture(name)
    for name in ("cii/chorus-dialect.xml", "cii/zugferd-1.xml"):
        yield fixture(name)
    yield pivot(unit(paper("a.pdf", b"%PDF-1.7")))


def seeds(target: str) -> Iterator[bytes]:
    """What a target begins with."""
    if target == "words":
        yield PAGE.encode()
        yield PAGE.replace("FACTURE", "AVOIR").replace("200,00", "-200,00").encode()
        return
    if target == "values":
        yield from (bytes(range(start, start + 64)) for start in (0, 64, 128, 192))
        return
    yield from sound_xml()
    yield facturx(fixture("cii/invoice.xml"))
    yield zipped(("a.xml", fixture("ubl/invoice.xml")), ("b.xml", fixture("cii/invoice.xml")))
    yield signed(sheet((40, 40, "Facture n° F-1")), curve_key())
    yield draw_invoice(1, LAYOUTS[0])[0]
    yield from (data for data, _ in BROKE.values())
