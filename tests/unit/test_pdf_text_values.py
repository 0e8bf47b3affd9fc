"""Amounts, dates and identifiers, in the forms in which suppliers write them."""

from datetime import date
from decimal import Decimal

import pytest

from services.ingest.formats.pdf_text.amounts import amount, english, numbers_in
from services.ingest.formats.pdf_text.dates import dates_in, month_first
from services.ingest.formats.pdf_text.fold import fold, plain, squeeze
from services.ingest.formats.pdf_text.identifiers import identifiers_in, valid, vat_key


def read_amounts(text: str) -> list[Decimal]:
    folded = fold(plain(text))
    numbers = list(numbers_in(folded))
    point = english(numbers)
    return [amount(number, point) for number in numbers]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 234,56 €", "1234.56"),
        ("1\u202f234,56 €", "1234.56"),
        ("1\u00a0234\u00a0567,80", "1234567.80"),
        ("1.234,56 EUR", "1234.56"),
        ("€ 1,234.56", "1234.56"),
        ("1'234.50 CHF", "1234.50"),
        ("1234,5", "1234.5"),
        ("-12,00 €", "-12.00"),
        ("\u2212515,00 €", "-515.00"),
        ("(12,00)", "-12.00"),
        ("12,00-", "-12.00"),
        ("+150,00 €", "150.00"),
        ("120 000,00 €", "120000.00"),
    ],
)
def test_an_amount_is_read_in_every_form(text: str, value: str) -> None:
    assert read_amounts(text) == [Decimal(value)]


def test_what_is_part_of_a_word_or_of_a_longer_number_is_no_amount() -> None:
    assert read_amounts("FA-2025-0012 DE12 3.4.5 12/2025") == []


def test_a_document_that_writes_points_is_read_with_points() -> None:
    assert read_amounts("1,000 pieces at 12.50 make 12,500.00") == [
        Decimal("1000"),
        Decimal("12.50"),
        Decimal("12500.00"),
    ]


def read_dates(text: str) -> list[date]:
    return [written.value for written in dates_in(fold(plain(text)))]


@pytest.mark.parametrize(
    "text",
    [
        "03/11/2025",
        "3.11.2025",
        "03-11-25",
        "2025-11-03",
        "20251103",
        "3 novembre 2025",
        "3 nov. 2025",
        "November 3, 2025",
        "3. November 2025",
        "03 / 11 / 2025",
    ],
)
def test_a_date_is_read_in_every_form(text: str) -> None:
    assert read_dates(f"le {text}") == [date(2025, 11, 3)]


def test_the_first_of_a_month_may_be_written_with_letters() -> None:
    assert read_dates("Paris, le 1er août 2024") == [date(2024, 8, 1)]


def test_a_date_that_does_not_exist_is_no_date() -> None:
    assert read_dates("31/02/2025") == []


def test_a_document_with_one_american_date_writes_all_of_them_so() -> None:
    assert month_first(list(dates_in("03/20/2023 04/04/2023")))
    assert not month_first(list(dates_in("13/11/2017 05/12/2017")))


def read_identifiers(text: str) -> list[tuple[str, str, bool]]:
    return [(i.kind, i.value, i.valid) for i in identifiers_in(fold(plain(text)))]


@pytest.mark.parametrize(
    "text", ["73282932000074", "732 829 320 00074", "732.829.320.00074", "732 829 320 000 74"]
)
def test_a_siret_is_read_with_any_spaces(text: str) -> None:
    assert read_identifiers(f"SIRET : {text}") == [("siret", "73282932000074", True)]


def test_an_establishment_of_la_poste_has_a_sum_of_its_own() -> None:
    assert valid("siret", "35600000009075")
    assert not valid("siret", "35600000009076")


def test_a_vat_number_is_held_against_its_key() -> None:
    assert vat_key("732829320") == 44
    assert read_identifiers("TVA FR 44 732 829 320") == [("vat", "FR44732829320", True)]
    assert read_identifiers("TVA FR45732829320") == [("vat", "FR45732829320", False)]


def test_an_iban_hides_the_numbers_inside_it() -> None:
    found = read_identifiers("IBAN : FR76 3000 6000 0112 3456 7890 189 BIC AGRIFRPP")
    assert found == [("iban", "FR7630006000011234567890189", True)]


def test_an_invoice_number_before_other_words_is_no_iban() -> None:
    assert read_identifiers("Facture : AV2024047518 Date : 12/03/2024") == []


def test_names_are_compared_by_letters_and_digits_only() -> None:
    assert squeeze("Hôtel Saint-Denis") == squeeze("HOTEL SAINT DENIS")


def test_a_french_of_before_a_number_makes_no_german_vat_number() -> None:
    (number,) = identifiers_in("pour le compte de 223 100 017 00423")
    assert (number.kind, number.value) == ("siret", "22310001700423")
    (foreign,) = identifiers_in("ust-idnr. de 136 695 976")
    assert (foreign.kind, foreign.value) == ("vat", "DE136695976")
