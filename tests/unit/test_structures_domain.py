"""What the directory accepts, and under which words a structure is found."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.structures.domain import search
from services.structures.domain.identifiers import identifier_of
from services.structures.domain.sheets import met as met_party
from services.structures.domain.sheets import written
from shared.contracts.structures import (
    Department,
    IdentifierKind,
    Requirements,
    Structure,
    StructureSheet,
)
from shared.contracts.workflow import PartyMet
from shared.errors import Invalid

CD31 = "22310001700423"


def a_sheet(**changes: Any) -> StructureSheet:
    """A sheet that is valid by default."""
    fields: dict[str, Any] = {"name": "Département de la Haute-Garonne", "public": True}
    return StructureSheet(**fields | changes)


def a_structure(**changes: Any) -> Structure:
    """The structure of such a sheet."""
    return written(a_sheet(**changes), "live", "siret", CD31, None)


@pytest.mark.parametrize(
    ("kind", "text", "plain"),
    [
        ("siret", "223 100 017 00423", CD31),
        ("siret", "35600000000048", "35600000000048"),
        ("siret", "35600000049837", "35600000049837"),
        ("eu", "be 0429.958.042", "BE0429958042"),
        ("non_eu", "KRSAMSUNGMOBILEPHO", "KRSAMSUNGMOBILEPHO"),
        ("ridet", "1234567890", "1234567890"),
        ("tahiti", "350041679", "350041679"),
        ("person", " Jeanne   Martin ", "Jeanne Martin"),
    ],
)
def test_an_identifier_has_one_form(kind: IdentifierKind, text: str, plain: str) -> None:
    assert identifier_of(kind, text, "live") == plain


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("siret", "22310001700424"),
        ("siret", "2231000170042"),
        ("siret", "2231000170042a"),
        ("siret", "٢٢٣١٠٠٠١٧٠٠٤٢٣"),
        ("siret", "35600000049838"),
        ("eu", "0429958042"),
        ("non_eu", "KRSAMSUNGMOBILEPHONES"),
        ("ridet", "12345678901"),
        ("pending", ""),
        ("name", "Une entreprise sans numéro"),
    ],
)
def test_an_identifier_of_the_wrong_form_is_refused(kind: IdentifierKind, text: str) -> None:
    with pytest.raises(Invalid):
        identifier_of(kind, text, "live")


def test_a_sandbox_takes_invented_sirets_and_bare_names() -> None:
    assert identifier_of("siret", "00000000000001", "demo") == "00000000000001"
    assert identifier_of("name", "Boulangerie Martin", "demo") == "Boulangerie Martin"
    with pytest.raises(Invalid):
        identifier_of("siret", "123", "demo")


def test_a_name_is_found_without_accents_case_or_punctuation() -> None:
    structure = a_structure(city="Toulouse", postcode="31090", budget="Budget 02")
    for query in ("haute gar", "HAUTE-GARONNE", "département", "toul", "31090", "223 100 017"):
        prefixes = search.searched(query)
        words = search.found_by(structure)
        assert prefixes and all(any(w.startswith(p) for w in words) for p in prefixes), query
    assert search.words("Œuvre de l'Été") == ("oeuvre", "de", "l", "ete")
    assert search.searched(".* $ne") == ("ne",)


def test_the_same_sheet_again_is_the_same_version_and_another_is_the_next() -> None:
    first = a_structure()
    assert written(a_sheet(), "live", "siret", CD31, first) == first
    second = written(a_sheet(city="Toulouse"), "live", "siret", CD31, first)
    assert (first.version, second.version) == (1, 2)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"name": "\u200b \n"}, "/name"),
        ({"stands_in": True}, "/stands_in"),
        ({"requirements": Requirements(department_required=True)}, "/departments"),
        ({"requirements": Requirements(order_pattern="[")}, "/requirements/order_pattern"),
        (
            {"departments": (Department(code="A", name="x"), Department(code="A", name="y"))},
            "/departments/1/code",
        ),
        ({"departments": (Department(code=" A", name="x"),)}, "/departments/0/code"),
        ({"departments": (Department(code="A", name=" "),)}, "/departments/0/name"),
        (
            {
                "departments": (
                    Department(
                        code="A",
                        name="x",
                        valid_from=date(2026, 2, 1),
                        valid_until=date(2026, 1, 1),
                    ),
                )
            },
            "/departments/0/valid_until",
        ),
    ],
)
def test_a_wrong_sheet_is_refused_at_the_place_of_its_fault(
    changes: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        a_structure(**changes)
    assert [finding.pointer for finding in refused.value.errors] == [pointer]


def test_a_party_that_an_invoice_names_becomes_a_clean_structure() -> None:
    met = PartyMet(
        realm="demo",
        kind="siret",
        identifier="12345678200010",
        name="Mairie\r\nBcc: x",
        public=True,
    )
    made = met_party(met)
    assert made.key == "demo/siret/12345678200010"
    assert made.name == "Mairie Bcc: x"
    nameless = met_party(met.model_copy(update={"name": " "}))
    assert nameless.name == "12345678200010"
    with pytest.raises(Invalid):
        met_party(met.model_copy(update={"kind": "passport"}))


@given(st.lists(st.text("abcdeé12", min_size=1, max_size=6), min_size=2, max_size=8), st.data())
def test_two_beginnings_lead_to_every_name_that_has_a_word_for_each(
    names: list[str], data: st.DataObject
) -> None:
    found = search.words(" ".join(names))
    asked = [data.draw(st.sampled_from(found))[: data.draw(st.integers(1, 6))] for _ in range(2)]
    pair = search.pair_of(asked)
    assert pair is None or pair in search.heads(found)
    assert all(search.head_of(one) in search.heads(found) for one in asked)
    assert search.pair_of(["com", "comm"]) is None  # one word may have both beginnings
