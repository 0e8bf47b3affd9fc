"""Pages understood: invented invoices in many layouts, and pages drawn for one question each."""

from collections.abc import Sequence
from decimal import Decimal

import pymupdf
import pytest

from services.ingest.formats import pdf_text
from services.ingest.formats.pdf_text.understanding import Understanding
from services.ingest.formats.reading import Document, Reading
from shared.contracts.finding import Doubt
from tests.fixtures.make_pdf import draw_invoice
from tests.fixtures.pdf.held import HELD
from tests.fixtures.pdf.layouts import LAYOUTS
from tests.fixtures.pdf.rarer import RARER

AMOUNTS = {"total_without_vat", "total_vat", "total_with_vat", "prepaid", "amount_due"}
Placed = tuple[float, float, str]


def sheet(*texts: Placed) -> bytes:
    pdf = pymupdf.open()
    page = pdf.new_page()
    page.insert_font(fontname="F0", fontbuffer=pymupdf.Font("helv").buffer)
    for x, y, text in texts:
        page.insert_text((x, y), text, fontname="F0", fontsize=10)
    data: bytes = pdf.tobytes()
    return data


def read(data: bytes) -> Reading:
    return pdf_text.read(Document("facture.pdf", data))


def understood(*texts: Placed) -> Understanding:
    with pymupdf.open(stream=sheet(*texts)) as pdf:
        return pdf_text.understand(pdf_text.pages_of(pdf))


def doubts_on(doubts: Sequence[Doubt], field: str) -> list[Doubt]:
    return [doubt for doubt in doubts if doubt.field == field]


HEAD: tuple[Placed, ...] = (
    (40, 40, "Atelier Garonne SARL"),
    (40, 54, "12 rue des Tanneurs"),
    (40, 68, "31000 Toulouse"),
    (40, 82, "SIRET : 732 829 320 00074"),
    (330, 100, "Client :"),
    (330, 114, "Mairie de Castelnau"),
    (330, 128, "31150 Castelnau"),
    (330, 142, "SIRET : 213 105 554 00018"),
    (40, 200, "Facture n° F-2025-017"),
    (40, 216, "Date : 03/11/2025"),
)
SUMS: tuple[Placed, ...] = (
    (350, 400, "Total HT"),
    (480, 400, "1 000,00 €"),
    (350, 416, "TVA 20 %"),
    (480, 416, "200,00 €"),
    (350, 432, "Total TTC"),
    (480, 432, "1 200,00 €"),
)


@pytest.mark.parametrize("layout", [*LAYOUTS, *RARER, *HELD], ids=lambda layout: layout.__name__)
def test_every_layout_is_read_as_it_was_drawn(layout: object) -> None:
    for seed in (11, 12):
        data, truth = draw_invoice(seed, layout)  # type: ignore[arg-type]
        fields = read(data).fields
        for name, value in truth.items():
            assert name in fields, (seed, name)
            got = fields[name].value
            if name in AMOUNTS:
                assert Decimal(got) == Decimal(str(value)), (seed, name)
            else:
                assert str(got).casefold() == str(value).casefold(), (seed, name)


def test_a_field_tells_where_it_stands_and_why() -> None:
    field = understood(*HEAD, *SUMS).fields["total_with_vat"]
    assert (field.value, field.page) == ("1200.00", 1)
    assert field.box is not None and 478 < field.box[0] < 482 and 415 < field.box[1] < 432
    assert field.evidence == "« 1 200,00 € » à droite de « Total TTC »"
    assert field.confidence >= 0.95


def test_number_and_date_make_an_invoice() -> None:
    invoice = read(sheet(*HEAD, *SUMS)).invoice
    assert invoice is not None
    assert (invoice.number, invoice.issue_date.isoformat()) == ("F-2025-017", "2025-11-03")
    assert invoice.seller.siret == "73282932000074"
    assert invoice.buyer.siret == "21310555400018"
    assert invoice.buyer.name == "Mairie de Castelnau"


def test_without_a_date_there_is_no_invoice_but_there_are_fields() -> None:
    reading = read(sheet(*HEAD[:-1], *SUMS))
    assert reading.invoice is None
    assert reading.fields["number"].value == "F-2025-017"
    assert doubts_on(reading.doubts, "issue_date")


def test_a_total_that_does_not_add_up_is_told_and_not_mended() -> None:
    wrong = (*SUMS[:-1], (480.0, 432.0, "1 250,00 €"))
    found = understood(*HEAD, *wrong)
    assert found.fields["total_with_vat"].value == "1250.00"
    assert found.fields["total_with_vat"].confidence <= 0.6
    (doubt,) = doubts_on(found.doubts, "total_with_vat")
    assert doubt.values == ("1250.00", "1200.00")


def test_arithmetic_decides_between_two_totals() -> None:
    found = understood(*HEAD, (350, 380, "Total HT"), (480, 380, "940,00 €"), *SUMS)
    assert found.fields["total_without_vat"].value == "1000.00"
    assert "940.00" in found.fields["total_without_vat"].alternatives


def test_what_was_paid_before_is_taken_from_what_is_due() -> None:
    paid = ((350.0, 448.0, "Acompte versé"), (480.0, 448.0, "-300,00 €"))
    due = ((350.0, 464.0, "Net à payer"), (480.0, 464.0, "900,00 €"))
    fields = understood(*HEAD, *SUMS, *paid, *due).fields
    assert (fields["prepaid"].value, fields["amount_due"].value) == ("300.00", "900.00")
    assert fields["amount_due"].confidence >= 0.95


def test_a_net_to_pay_that_forgets_the_deposit_is_a_doubt() -> None:
    paid = ((350.0, 448.0, "Acompte versé"), (480.0, 448.0, "300,00 €"))
    due = ((350.0, 464.0, "Net à payer"), (480.0, 464.0, "950,00 €"))
    found = understood(*HEAD, *SUMS, *paid, *due)
    assert found.fields["amount_due"].value == "950.00"
    assert doubts_on(found.doubts, "amount_due")


def test_vat_by_rate_is_read_with_every_rate() -> None:
    table = (
        (40.0, 380.0, "Taux"), (110.0, 380.0, "Base HT"), (190.0, 380.0, "Montant TVA"),
        (40.0, 396.0, "20 %"), (110.0, 396.0, "600,00"), (190.0, 396.0, "120,00"),
        (40.0, 412.0, "5,5 %"), (110.0, 412.0, "400,00"), (190.0, 412.0, "22,00"),
        (350.0, 400.0, "Total HT"), (480.0, 400.0, "1 000,00 €"),
        (350.0, 420.0, "Total TVA"), (480.0, 420.0, "142,00 €"),
        (350.0, 440.0, "Total TTC"), (480.0, 440.0, "1 142,00 €"),
    )  # fmt: skip
    fields = understood(*HEAD, *table).fields
    assert fields["total_vat"].value == "142.00"
    assert fields["vat_breakdown"].value == [
        {"rate": "20", "base": "600.00", "vat": "120.00"},
        {"rate": "5.5", "base": "400.00", "vat": "22.00"},
    ]


def test_a_credit_note_is_known_by_its_title_and_loses_its_minus_signs() -> None:
    head = (*HEAD[:-2], (40.0, 200.0, "Avoir n° AV-2025-003"), HEAD[-1])
    sums = tuple((x, y, f"-{text}" if "€" in text else text) for x, y, text in SUMS)
    fields = understood(*head, *sums).fields
    assert fields["type_code"].value == "381"
    assert fields["number"].value == "AV-2025-003"
    assert fields["total_with_vat"].value == "1200.00"
    assert "avoir" in (fields["total_with_vat"].evidence or "")


def test_the_invoice_that_a_credit_note_corrects_is_not_its_number() -> None:
    head = (*HEAD[:-2], (40.0, 200.0, "Avoir n° AV-2025-003"), HEAD[-1])
    found = understood(*head, (40, 232, "Facture d'origine : F-2025-001"), *SUMS)
    assert found.fields["number"].value == "AV-2025-003"
    assert found.fields["preceding_invoice"].value == "F-2025-001"


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("Code service : FACTURES_PUBLIQUES", "buyer_reference", "FACTURES_PUBLIQUES"),
        ("Service exécutant : D31", "buyer_reference", "D31"),
        ("Engagement juridique : 1405123456", "order_reference", "1405123456"),
        ("N° EJ 1405123456", "order_reference", "1405123456"),
        ("Votre bon de commande n° BC-2025-44", "order_reference", "BC-2025-44"),
        ("N° d'engagement CP2025/X123456/1", "order_reference", "CP2025/X123456/1"),
        ("Marché public n° 2024M031", "contract_reference", "2024M031"),
        ("Cadre de facturation : A1", "process", "A1"),
        ("Date d'échéance : 3 décembre 2025", "due_date", "2025-12-03"),
        ("Payable au plus tard le 03/12/2025", "due_date", "2025-12-03"),
    ],
)
def test_a_reference_is_found_by_what_its_label_means(line: str, name: str, value: str) -> None:
    assert understood(*HEAD, (40, 240, line), *SUMS).fields[name].value == value


def test_a_label_in_two_lines_is_one_label() -> None:
    head = (*HEAD[:-2], (40.0, 200.0, "Numéro de"), (40.0, 211.0, "facture"), (40.0, 230.0, "8812"))
    code = ((200.0, 200.0, "Code"), (200.0, 211.0, "service"), (200.0, 230.0, "10023"))
    fields = understood(*head, *code, *SUMS).fields
    assert (fields["number"].value, fields["buyer_reference"].value) == ("8812", "10023")
    assert "Code service" in (fields["buyer_reference"].evidence or "")


def test_the_head_of_a_column_of_lines_is_no_total() -> None:
    lines = (
        (40.0, 260.0, "Désignation"), (300.0, 260.0, "Qté"), (380.0, 260.0, "PU HT"),
        (480.0, 260.0, "Total HT"), (40.0, 276.0, "Maintenance"), (300.0, 276.0, "2"),
        (380.0, 276.0, "500,00 €"), (480.0, 276.0, "999,00 €"),
    )  # fmt: skip
    assert "total_without_vat" not in understood(*HEAD, *lines, *SUMS[2:]).fields


def test_small_print_names_the_seller_even_when_the_buyer_stands_first() -> None:
    page = (
        (40.0, 60.0, "Mairie de Castelnau"), (40.0, 74.0, "31150 Castelnau"),
        (40.0, 88.0, "SIRET 213 105 554 00018"), (40.0, 200.0, "Facture n° F-2025-017"),
        (40.0, 216.0, "Date : 03/11/2025"),
        (60.0, 815.0, "Atelier Garonne SARL au capital de 10 000 € - RCS Toulouse 732 829 320"),
    )  # fmt: skip
    fields = understood(*page, *SUMS).fields
    assert fields["seller_siren"].value == "732829320"
    assert fields["buyer_siret"].value == "21310555400018"


def test_a_third_party_that_is_paid_is_neither_seller_nor_buyer() -> None:
    payee = ((40.0, 600.0, "Bénéficiaire"), (40.0, 614.0, "SIREN : 552 100 554"))
    head = (*HEAD[:3], *HEAD[4:])
    fields = understood(*head, *SUMS, *payee).fields
    assert fields["buyer_siret"].value == "21310555400018"
    assert "552100554" not in {str(field.value) for field in fields.values()}


def test_a_siret_with_a_digit_too_few_is_a_doubt() -> None:
    head = tuple((x, y, "SIRET : 732 829 320 0007" if y == 82 else t) for x, y, t in HEAD)
    (doubt,) = doubts_on(understood(*head, *SUMS).doubts, "seller_siret")
    assert "13 chiffres" in doubt.message


def test_a_siret_with_a_wrong_key_is_a_doubt() -> None:
    head = tuple((x, y, "SIRET : 732 829 320 00075" if y == 82 else t) for x, y, t in HEAD)
    found = understood(*head, *SUMS)
    assert found.fields["seller_siret"].value == "73282932000075"
    assert doubts_on(found.doubts, "seller_siret")


def test_a_page_that_is_a_picture_is_refused_in_words() -> None:
    pdf = pymupdf.open()
    page = pdf.new_page()
    image = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.IRect(0, 0, 40, 40), False)
    page.insert_image(page.rect, pixmap=image)
    reading = read(pdf.tobytes())
    assert [finding.code for finding in reading.findings] == ["FAC-READ-018"]
    assert "image" in reading.findings[0].message
    assert not reading.accepted


def test_a_text_that_is_no_invoice_is_refused_in_words() -> None:
    reading = read(sheet((40, 60, "Bonjour,"), (40, 80, "Voici le compte rendu du 3 mars 2025.")))
    assert [finding.code for finding in reading.findings] == ["FAC-READ-005"]
    assert reading.invoice is None


def test_the_third_page_and_those_after_it_are_read_too() -> None:
    with pymupdf.open(stream=sheet(*HEAD)) as pdf:
        for _ in range(3):
            pdf.new_page().insert_text((40, 60), "Conditions")
        with pymupdf.open(stream=sheet(*SUMS)) as last:
            pdf.insert_pdf(last)
        found = pdf_text.understand(pdf_text.pages_of(pdf))
    assert found.fields["total_with_vat"].page == 5


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("Facture d'acompte n° F-2025-017", "386"),
        ("Facture rectificative n° F-2025-017", "384"),
        ("Autofacture n° F-2025-017", "389"),
    ],
)
def test_the_title_tells_the_kind_of_invoice(title: str, code: str) -> None:
    head = (*HEAD[:-2], (40.0, 200.0, title), HEAD[-1])
    fields = understood(*head, *SUMS).fields
    assert (fields["type_code"].value, fields["number"].value) == (code, "F-2025-017")


def test_an_invoice_without_vat_that_says_so_has_one_total_and_no_tax() -> None:
    page = ((350.0, 400.0, "Total à payer"), (480.0, 400.0, "500,00 €"))
    fields = understood(*HEAD, *page, (40, 420, "TVA non applicable, art. 293 B du CGI")).fields
    totals = [fields[f"total_{name}"].value for name in ("without_vat", "vat", "with_vat")]
    assert totals == ["500.00", "0.00", "500.00"]


def test_five_digits_after_their_label_are_a_number_and_before_a_town_a_postcode() -> None:
    head = (*HEAD[:-2], (40.0, 200.0, "Facture : 12795 Date : 03/11/2025"))
    assert understood(*head, *SUMS).fields["number"].value == "12795"
    market = ((40.0, 240.0, "3 place du Marché"), (200.0, 240.0, "31150 Castelnau"))
    assert "contract_reference" not in understood(*head, *market, *SUMS).fields
    line = (40.0, 240.0, "3 place du Marché 31150 Castelnau")
    assert "contract_reference" not in understood(*head, line, *SUMS).fields


def test_nine_digits_that_another_label_announces_are_no_siren() -> None:
    head = (*HEAD[:3], *HEAD[4:], (40.0, 240.0, "Référence client : 552 100 554"))
    assert "seller_siren" not in understood(*head, *SUMS).fields
