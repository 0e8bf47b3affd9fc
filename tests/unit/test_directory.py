"""Pages read by somebody who knows the public bodies: what he decides, and what he asks."""

from collections.abc import Sequence

import pymupdf
import pytest

from services.ingest.domain.directory import Body, called, names_of, slug
from services.ingest.formats import pdf_text
from services.ingest.formats.directory import decide
from services.ingest.formats.reading import Document, Reading
from shared.contracts.structures import Department, Requirements, Structure
from tests.papers import sheet

SELLER, BUYER = "73282932000074", "22310001700423"
HAUTE_GARONNE = Body(
    BUYER,
    "Département de la Haute-Garonne",
    {"DFD": "Finances", "D_SI": "Informatique", "ROUTES31": "Routes"},
    r"(CP|AP)\d{4}/[A-Z0-9]+(/\d+)?",
    "CP2020/X123456/1",
)
CASTELNAU = Body("21930053000017", "Commune de Castelnau")
Placed = tuple[float, float, str]
HEAD: tuple[Placed, ...] = (
    (40, 40, "Atelier Garonne SARL"),
    (40, 54, "12 rue des Tanneurs"),
    (40, 68, "31000 Toulouse"),
    (40, 82, "SIRET : 732 829 320 00074"),
    (330, 100, "Client :"),
    (330, 114, "Département de la Haute-Garonne"),
    (330, 128, "31090 Toulouse"),
)
ADDRESSED: Placed = (330, 142, "SIRET : 223 100 017 00423")
BODY: tuple[Placed, ...] = (
    (40, 200, "Facture n° F-2025-017"),
    (40, 216, "Date : 03/11/2025"),
    (350, 400, "Total HT"),
    (480, 400, "1 000,00 €"),
    (350, 416, "TVA 20 %"),
    (480, 416, "200,00 €"),
    (350, 432, "Total TTC"),
    (480, 432, "1 200,00 €"),
)


def read(*texts: Placed, head: Sequence[Placed] = (*HEAD, ADDRESSED)) -> Reading:
    return pdf_text.read(Document("a.pdf", sheet(*head, *BODY, *texts)))


def decided(*texts: Placed, head: Sequence[Placed] = (*HEAD, ADDRESSED)) -> Reading:
    return decide(read(*texts, head=head), [HAUTE_GARONNE])


def value(reading: Reading, name: str) -> object:
    return reading.fields[name].value if name in reading.fields else None


def doubts(reading: Reading, name: str) -> list[str]:
    return [doubt.message for doubt in reading.doubts if doubt.field == name]


def test_nothing_known_changes_nothing() -> None:
    reading = read()
    assert decide(reading, []) is reading
    assert decide(reading, [CASTELNAU]) is reading


def test_a_known_buyer_is_surer_and_says_why() -> None:
    field = decided().fields["buyer_siret"]
    assert field.confidence == 0.98
    assert field.evidence is not None and "destinataire public connu" in field.evidence
    assert field.box is not None


def test_a_department_of_the_body_is_surer() -> None:
    reading = decided((40, 240, "Code service : DFD"))
    field = reading.fields["buyer_reference"]
    assert (field.value, field.confidence) == ("DFD", 0.98)
    assert field.evidence is not None and "« Finances »" in field.evidence


def test_a_department_written_otherwise_is_the_one_of_the_body() -> None:
    reading = decided((40, 240, "Code service : DSI"))
    assert value(reading, "buyer_reference") == "D_SI"
    assert "DSI" in reading.fields["buyer_reference"].alternatives
    assert reading.invoice is not None and reading.invoice.buyer_reference == "D_SI"


def test_a_code_without_any_label_is_known_for_the_department_that_it_is() -> None:
    assert value(read((40, 240, "Vos interlocuteurs : ROUTES31")), "buyer_reference") is None
    field = decided((40, 240, "Vos interlocuteurs : ROUTES31")).fields["buyer_reference"]
    assert (field.value, field.page) == ("ROUTES31", 1)
    assert field.box is not None and field.box[0] > 100
    assert field.confidence < 0.9


def test_a_label_that_announces_something_else_gives_way_to_a_department() -> None:
    texts: tuple[Placed, ...] = ((40, 240, "Code service : 0045A"), (40, 260, "Dossier ROUTES31"))
    reading = decided(*texts)
    assert value(reading, "buyer_reference") == "ROUTES31"
    assert "0045A" in reading.fields["buyer_reference"].alternatives


def test_two_departments_on_a_page_are_a_question() -> None:
    reading = decided((40, 240, "Vos interlocuteurs : ROUTES31 et D_SI"))
    assert "buyer_reference" not in reading.fields
    (doubt,) = [doubt for doubt in reading.doubts if doubt.field == "buyer_reference"]
    assert set(doubt.values) == {"ROUTES31", "D_SI"}


def test_a_department_that_the_body_does_not_have_is_a_doubt() -> None:
    reading = decided((40, 240, "Code service : QQQ9"))
    assert value(reading, "buyer_reference") == "QQQ9"
    assert reading.fields["buyer_reference"].confidence <= 0.5
    assert "n'est pas un code service connu" in doubts(reading, "buyer_reference")[0]


def test_an_order_of_the_form_that_the_body_asks_for_is_surer() -> None:
    field = decided((40, 240, "N° d'engagement : CP2025/AB12/3")).fields["order_reference"]
    assert (field.value, field.confidence) == ("CP2025/AB12/3", 0.98)


def test_the_form_decides_between_a_contract_and_an_order() -> None:
    texts: tuple[Placed, ...] = (
        (40, 240, "N° d'engagement : 19M123"),
        (40, 260, "Marché n° : AP2025/7"),
    )
    reading = decided(*texts)
    assert value(reading, "order_reference") == "AP2025/7"
    assert "19M123" in reading.fields["order_reference"].alternatives
    assert "contract_reference" not in reading.fields


def test_an_order_in_small_letters_is_written_as_the_body_writes_it() -> None:
    reading = decided((40, 240, "N° d'engagement : cp2025/ab12/3"))
    assert value(reading, "order_reference") == "CP2025/AB12/3"


def test_an_order_of_another_form_is_a_doubt_with_an_example() -> None:
    reading = decided((40, 240, "N° d'engagement : 4500001234"))
    assert value(reading, "order_reference") == "4500001234"
    (message,) = doubts(reading, "order_reference")
    assert "CP2020/X123456/1" in message


def test_two_orders_of_that_form_are_a_question() -> None:
    reading = decided((40, 240, "Vos affaires CP2025/A1 et CP2025/A2"))
    assert "order_reference" not in reading.fields
    assert doubts(reading, "order_reference")


def test_a_code_that_another_field_holds_is_not_taken_twice() -> None:
    number = ((40.0, 200.0, "Facture n° CP2025/77"), *BODY[1:])
    reading = pdf_text.read(Document("a.pdf", sheet(*HEAD, ADDRESSED, *number)))
    found = decide(reading, [HAUTE_GARONNE])
    assert value(found, "number") == "CP2025/77"
    assert "order_reference" not in found.fields


def test_a_buyer_is_found_by_its_name_when_no_siret_is_printed() -> None:
    reading = decided(head=HEAD)
    field = reading.fields["buyer_siret"]
    assert (field.value, field.confidence) == (BUYER, 0.75)
    assert not doubts(reading, "buyer_siret")
    assert reading.invoice is not None and reading.invoice.buyer.siret == BUYER


def test_a_buyer_of_that_siren_is_found_when_it_is_the_only_one() -> None:
    head = (*HEAD[:5], (330.0, 114.0, "SIREN : 223 100 017"), HEAD[6])
    assert value(decided(head=head), "buyer_siret") == BUYER


def test_several_bodies_of_one_siren_are_a_question() -> None:
    annex = Body("22310001700431", "Laboratoire départemental")
    head = (*HEAD[:5], (330.0, 114.0, "SIREN : 223 100 017"), HEAD[6])
    reading = decide(read(head=head), [HAUTE_GARONNE, annex])
    assert "buyer_siret" not in reading.fields
    assert "22310001700431 (Laboratoire départemental)" in doubts(reading, "buyer_siret")[0]


def test_the_known_siret_of_a_page_wins_over_one_with_a_wrong_key() -> None:
    head = (*HEAD, (330.0, 142.0, "SIRET : 213 105 554 00018"))
    reading = decided((40, 300, "Pour le compte de 223 100 017 00423"), head=head)
    field = reading.fields["buyer_siret"]
    assert field.value == BUYER
    assert "seul SIRET de la page" in (field.evidence or "")


def test_a_sound_buyer_that_nobody_knows_is_not_overruled() -> None:
    head = (*HEAD[:5], (330.0, 114.0, "Mairie de Castelnau"), HEAD[6])
    buyer = (330.0, 142.0, "SIRET : 219 300 530 00017")
    reading = decided((40, 300, "Pour le compte de 223 100 017 00423"), head=(*head, buyer))
    assert value(reading, "buyer_siret") == "21930053000017"
    assert reading.fields["buyer_siret"].confidence <= 0.5
    assert BUYER in reading.fields["buyer_siret"].alternatives


def test_a_public_body_weakly_taken_for_the_seller_becomes_the_buyer_and_it_is_said() -> None:
    reading = read()
    fields = dict(reading.fields)
    for part in ("siret", "siren", "name"):
        one, two = fields[f"seller_{part}"], fields[f"buyer_{part}"]
        fields[f"seller_{part}"] = two.model_copy(update={"confidence": 0.7})
        fields[f"buyer_{part}"] = one.model_copy(update={"confidence": 0.7})
    wrong = Reading("pdf_text", reading.invoice, fields, seen=reading.seen)
    mended = decide(wrong, [HAUTE_GARONNE])
    assert (value(mended, "seller_siret"), value(mended, "buyer_siret")) == (SELLER, BUYER)
    assert "inversés" in doubts(mended, "buyer_siret")[0]


def test_a_page_is_asked_about_by_its_numbers_and_by_its_buyers_name() -> None:
    reading = read()
    asked = called(reading.seen.numbers, "Département de la Haute Garonne")
    assert {SELLER, SELLER[:9], BUYER, BUYER[:9], "departement-haute-garonne"} == set(asked)
    assert set(names_of(HAUTE_GARONNE)) <= set(asked)


@pytest.mark.parametrize("name", ["Mairie de Castelnau", "VILLE DE CASTELNAU", "Commune Castelnau"])
def test_a_town_has_several_names(name: str) -> None:
    assert slug(name) == slug(CASTELNAU.name)


def test_only_public_bodies_that_receive_invoices_are_remembered() -> None:
    whole = Structure(
        key="live/siret/1",
        realm="live",
        kind="siret",
        identifier=BUYER,
        name="Département",
        public=True,
        departments=(
            Department(code="DFD", name="Finances"),
            Department(code="OLD", name="Ancien", active=False),
            Department(code="FACTURES_PUBLIQUES", name="Réservé"),
        ),
        requirements=Requirements(order_pattern="[0-9]{10}"),
    )
    body = Body.of(whole)
    assert body is not None and body.departments == {"DFD": "Finances"}
    assert body.expects("0123456789") and not body.expects("12")
    assert Body.of(whole.model_copy(update={"public": False})) is None
    assert Body.of(whole.model_copy(update={"active": False})) is None
    broken = whole.model_copy(update={"requirements": Requirements(order_pattern="([")})
    odd = Body.of(broken)
    assert odd is not None and not odd.expects("12")


def test_codes_of_a_page_are_words_with_a_place_and_no_figures_of_another_kind() -> None:
    texts = "Ref ROUTES31 du 03/11/2025, IBAN FR76 3000 6000 0112 3456 7890 189, a@DFD.FR, 12 %"
    codes = [code for code, _, _ in read((40, 240, texts)).seen.codes]
    assert "ROUTES31" in codes and "F-2025-017" in codes
    assert not {"03/11/2025", "FR76", "DFD.FR", "3000"} & set(codes)


def test_what_was_seen_is_bounded() -> None:
    with pymupdf.open() as pdf:
        for number in range(6):
            page = pdf.new_page()
            for line in range(60):
                page.insert_text((40, 20 + 13 * line), f"CODE{number:02}{line:02} Facture")
        reading = pdf_text.understand(pdf_text.pages_of(pdf))
    assert len(reading.seen.codes) == 120
