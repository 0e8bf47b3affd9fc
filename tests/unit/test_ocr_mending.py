"""What recognition confuses is mended where a key or a sum proves it, and said; nothing else is."""

import pytest

from services.ingest.formats.pdf_ocr.again import doubtful, entire
from services.ingest.formats.pdf_ocr.engine import Sheet, View
from services.ingest.formats.pdf_ocr.hocr import Word, words_of
from services.ingest.formats.pdf_ocr.mending import alike, mend_amounts, mend_keys, tidied
from services.ingest.formats.pdf_ocr.union import adds_up, united
from services.ingest.formats.pdf_text.geometry import Page, page_of
from services.ingest.formats.pdf_text.understanding import Understanding, understand
from shared.contracts.finding import Doubt
from shared.contracts.ingest import ReadField

Texts = tuple[tuple[float, float, str], ...]
HEAD: Texts = (
    (40, 60, "Atelier Garonne SARL"),
    (40, 74, "SIRET 404 833 048 00022"),
    (40, 120, "Facture n° F-2026-017"),
    (40, 134, "Date : 24/11/2026"),
)


def word(x: float, y: float, text: str, sure: int = 95) -> Word:
    return Word(x, y - 10, x + 5 * len(text), y + 3, text, sure)


def words(*texts: tuple[float, float, str]) -> list[Word]:
    found = []
    for x, y, text in texts:
        for part in text.split(" "):
            found.append(word(x, y, part))
            x = found[-1].x1 + 3
    return found


def paper(*texts: tuple[float, float, str]) -> Page:
    raw = [(w.x0, w.y0, w.x1, w.y1, w.text) for w in words(*texts)]
    return page_of(1, 595, 842, raw)


def sums(net: str, vat: str, gross: str) -> Texts:
    rows = (("Total HT", net), ("TVA 20 %", vat), ("Total TTC", gross))
    return tuple(
        part
        for at, (label, value) in enumerate(rows)
        for part in ((350, 400 + 16 * at, label), (480, 400 + 16 * at, value))
    )


def read(**fields: object) -> Understanding:
    made = {
        name: ReadField(value=value, confidence=0.8, evidence="vu")
        for name, value in fields.items()
    }
    return Understanding(made, (), True)


@pytest.mark.parametrize(
    ("seen", "meant"),
    [
        ("TVA FR834O4833O48", "TVA FR83404833048"),
        ("SIRET 4O4 833 O48 00022", "SIRET 40483304800022"),
        ("IBAN FR76 3O0O 6000 0112 3456 7890 189", "IBAN FR7630006000011234567890189"),
        ("TVA FR834O04833048", "TVA FR83404833048"),
        ("TVA FR834048 33048", "TVA FR83404833048"),
        ("SIRET 404 833. 048000 22", "SIRET 40483304800022"),
    ],
    ids=["VAT number", "SIRET", "IBAN", "a figure twice", "a gap", "gaps"],
)
def test_letters_in_an_identifier_become_figures_when_its_key_holds(seen: str, meant: str) -> None:
    page = paper((40, 60, seen))
    assert mend_keys([page])
    assert page.pieces[0].text.rstrip() == meant
    assert page.pieces[0].folded == page.pieces[0].text.lower()
    assert len(page.pieces[0].text) == len(seen)


def test_a_mended_identifier_says_what_stood_there() -> None:
    page = paper((40, 80, "SIRET 4O4 833 O48 00022"))
    (mend,) = mend_keys([page])
    assert (mend.was, mend.proof) == ("4O4 833 O48 00022", "sa clé le prouve")
    assert mend.box[0] > 60 and mend.page == 1


@pytest.mark.parametrize(
    "text",
    [
        "SIRET 4O4 833 O48 00023",
        "SIRET 404 833 048 00022",
        "Réf. BOIS SOLIDE",
        "OIlSB OIlSB",
        "4048 3304800022",
    ],
    ids=["its key fails", "all figures", "words", "letters alone", "not called a SIRET"],
)
def test_without_a_proof_nothing_is_mended(text: str) -> None:
    page = paper((40, 80, text))
    assert mend_keys([page]) == []
    assert page.pieces[0].text == text


def test_amounts_are_mended_for_a_trial_that_the_sums_decide() -> None:
    page = paper(*HEAD, *sums("1 OOO,00", "20000", "1 200,006"))
    assert not adds_up(understand([page]).fields)
    mends = mend_amounts([page])
    found = understand([page]).fields
    assert adds_up(found)
    assert found["total_with_vat"].value == "1200.00"
    assert {m.was for m in mends} == {"1 OOO,00", "20000", "1 200,006"}


@pytest.mark.parametrize(
    ("seen", "meant"),
    [
        ("TOTALHT", ["TOTAL", "HT"]),
        ("MontantTTC", ["Montant", "TTC"]),
        ("TVA20%", ["TVA", "20%"]),
        ("TIC", ["TTC"]),
        ("|SIRET", ["SIRET"]),
        ("120,00e", ["120,00€"]),
        ("=", []),
        ("|", []),
        (":", [":"]),
        ("F-2026-017", ["F-2026-017"]),
        ("TOTALEMENT", ["TOTALEMENT"]),
    ],
)
def test_labels_signs_and_blots_are_put_in_order(seen: str, meant: list[str]) -> None:
    assert [w.text for w in tidied([word(40, 60, seen)])] == meant


def test_a_word_with_a_low_line_stays_one() -> None:
    for parts in (
        ("FACTURES_", "PUBLIQUES"),
        ("FACTURES", "_PUBLIQUES"),
        ("FACTURES", "PUBLIQUES"),
    ):
        (whole,) = tidied(words((40, 60, " ".join(parts))))
        assert whole.text == "FACTURES_PUBLIQUES"
    assert len(list(tidied(words((40, 60, "LES FACTURES"), (40, 80, "PUBLIQUES"))))) == 3


@pytest.mark.parametrize(
    ("code", "others"),
    [
        ("COMPTAO1", ["COMPTA01"]),
        ("FC001147", ["FCO01147"]),
        ("FCO00295", ["FC000295", "FC00295"]),
        ("F2026017", []),
        ("D31-VOIRIE", []),
    ],
)
def test_a_code_with_an_o_or_a_zero_may_be_another(code: str, others: list[str]) -> None:
    assert alike(code) == others


def test_of_two_readings_the_one_that_adds_up_wins() -> None:
    net = {"total_without_vat": "100.00", "total_vat": "20.00"}
    wrong = read(**net, total_with_vat="128.00", amount_due="128.00")
    right = read(**net, total_with_vat="120.00", amount_due="120.00")
    for pair in ((wrong, right), (right, wrong)):
        found = united(*pair).fields
        assert (found["total_with_vat"].value, found["amount_due"].value) == ("120.00", "120.00")


def test_two_readings_may_add_up_together_only() -> None:
    one = read(total_without_vat="100.00", total_vat="26.00", total_with_vat="120.00")
    two = read(total_without_vat="180.00", total_vat="20.00", total_with_vat="128.00")
    found = united(one, two).fields
    assert adds_up(found)
    assert [found[n].value for n in ("total_without_vat", "total_vat")] == ["100.00", "20.00"]
    assert "les totaux s'ajoutent" in (found["total_vat"].evidence or "")


def test_what_two_looks_agree_on_is_surer_and_what_they_do_not_is_a_doubt() -> None:
    one, two = (
        read(number="F-1", issue_date="2026-11-24"),
        read(number="F-7", issue_date="2026-11-24"),
    )
    found = united(one, two)
    assert found.fields["issue_date"].confidence == 0.9
    assert found.fields["number"].confidence < 0.8
    assert [(d.field, d.values) for d in found.doubts] == [("number", ("F-1", "F-7"))]


def test_a_key_that_holds_decides_without_a_doubt() -> None:
    false, true = read(seller_siret="40483304800023"), read(seller_siret="40483304800022")
    found = united(false, true)
    assert found.fields["seller_siret"].value == "40483304800022"
    assert not found.doubts


def test_a_doubt_about_what_a_second_look_found_is_gone() -> None:
    first = Understanding(read(number="F-1").fields, (Doubt(field="due_date", message="?"),), True)
    assert not united(first, read(number="F-1", due_date="2026-12-24")).doubts
    assert united(first, read(number="F-1")).doubts


def seen(*texts: tuple[float, float, str], sure: int = 95) -> Sheet:
    found = [word(w.x0, w.y1 - 3, w.text, sure) for w in words(*texts)]
    return Sheet(1, 595, 842, found, View(2.8, 0.0), None)  # type: ignore[arg-type]


def test_a_second_look_goes_only_where_something_is_wrong() -> None:
    good, bad = (
        (*HEAD, *sums("100,00", "20,00", "120,00")),
        (*HEAD, *sums("100,00", "20,00", "128,00")),
    )
    assert doubtful(understand([paper(*good)]), [seen(*good)]) == {}
    ((top, bottom),) = doubtful(understand([paper(*bad)]), [seen(*bad)])[1]
    assert 250 < top < 400 and 430 < bottom < 600
    assert entire(understand([paper(*good)]), [seen(*good)]) == {}
    assert entire(understand([paper(*bad)]), [seen(*bad)])


def test_a_second_look_goes_where_recognition_was_unsure() -> None:
    good = (*HEAD, *sums("100,00", "20,00", "120,00"))
    bands = doubtful(understand([paper(*good)]), [seen(*good, sure=30)])[1]
    assert any(top < 117 < bottom for top, bottom in bands)


def test_words_stand_on_their_base_line_and_upright_ones_are_left_out() -> None:
    line = "<span class='ocr_line' id='l' title=\"bbox {}; x_size 20; x_descenders 5\">"
    piece = "<span class='ocrx_word' id='w' title='bbox {}; x_wconf {}'>{}</span>"
    text = (
        line.format("10 100 210 120; baseline 0.01 -5")
        + piece.format("10 100 60 120", 91, "A&amp;B")
        + piece.format("70 100 75 105", 80, ".")
        + line.format("300 10 310 90; textangle 90")
        + piece.format("300 10 310 90", 5, "x")
    )
    first, second = words_of(text)
    assert (first.text, first.sure) == ("A&B", 91)
    assert first.y1 - first.y0 == pytest.approx(second.y1 - second.y0)
    assert first.y0 < 100 and 115 < first.y1 < 125
