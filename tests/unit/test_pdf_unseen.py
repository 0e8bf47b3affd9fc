"""Pages in words and arrangements that no rule was made for."""

from decimal import Decimal

from tests.fixtures.make_pdf import draw_invoice
from tests.fixtures.pdf.composed import composed
from tests.papers import sheet
from tests.unit.test_pdf_text import AMOUNTS, SUMS, read


def test_layouts_put_together_at_random_are_read_but_for_a_few_fields() -> None:
    wanted, faults = 0, []
    for seed in range(3000, 3024):
        data, truth = draw_invoice(seed, composed)
        fields = read(data).fields
        wanted += len(truth)
        for name, value in truth.items():
            got = fields[name].value if name in fields else None
            same = Decimal(got or 0) == Decimal(str(value)) if name in AMOUNTS else got == value
            faults += [] if same else [(seed, name, value, got)]
    assert len(faults) <= wanted / 100, faults


EVIDENT = (
    (40.0, 40.0, "Atelier Garonne SARL"),
    (40.0, 54.0, "SIRET 732 829 320 00074"),
    (40.0, 200.0, "Relevé"),
    *SUMS,
)


def test_a_page_that_shows_all_of_an_invoice_but_its_name_is_one_to_confirm() -> None:
    reading = read(sheet(*EVIDENT))
    assert reading.accepted and reading.fields["total_with_vat"].value == "1200.00"
    assert reading.invoice is None


def test_a_quote_is_no_invoice_however_its_sums_look() -> None:
    reading = read(sheet(*EVIDENT, (40.0, 216.0, "Devis n° DE-77")))
    assert [finding.code for finding in reading.findings] == ["FAC-READ-005"]
