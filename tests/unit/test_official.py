"""Official data: what each register says in its own form, and what of it is believed."""

from datetime import date
from typing import Any

import pytest

from services.structures.domain.official import (
    Official,
    edited,
    from_columns,
    from_insee,
    from_search,
    sane,
    successor_from_insee,
    view,
)
from services.structures.domain.sheets import written
from shared.contracts.structures import StructureSheet
from tests.component.registers import HEIR, HIDDEN, OPEN, SHUT, found, place, unit

TODAY = date(2026, 11, 24)


def an_official(**changes: Any) -> Official:
    """An open establishment."""
    fields: dict[str, Any] = {"siret": OPEN, "source": "insee", "on": TODAY, "name": "MIDI"}
    return Official(**fields | changes)


def test_a_row_of_the_stock_is_read() -> None:
    official = from_columns(place(OPEN) | unit(OPEN, "SIGNALETIQUE DU MIDI"), "stock", TODAY)
    assert official == an_official(
        source="stock",
        name="SIGNALETIQUE DU MIDI",
        address="12 B RUE DE L'EXEMPLE",
        postcode="31000",
        city="TOULOUSE",
    )


def test_a_person_has_the_name_that_they_use() -> None:
    named = {"nomUniteLegale": "DURAND", "prenomUsuelUniteLegale": "JEANNE"}
    official = from_columns(place(OPEN) | unit(OPEN, None, **named), "stock", TODAY)
    assert official and official.name == "JEANNE DURAND"
    married = named | {"nomUsageUniteLegale": "MARTIN"}
    official = from_columns(place(OPEN) | unit(OPEN, None, **married), "stock", TODAY)
    assert official and official.name == "JEANNE MARTIN"


def test_an_answer_of_insee_is_read_with_its_last_period() -> None:
    periods = [
        {"dateFin": None, "etatAdministratifEtablissement": "F"},
        {"dateFin": "2020-01-01", "etatAdministratifEtablissement": "A"},
    ]
    answer = {
        "etablissement": {
            "siret": OPEN,
            "statutDiffusionEtablissement": "O",
            "uniteLegale": unit(OPEN, "MIDI"),
            "adresseEtablissement": {"codePostalEtablissement": "31000"},
            "periodesEtablissement": periods,
        }
    }
    official = from_insee(answer, TODAY)
    assert official and (official.name, official.postcode) == ("MIDI", "31000")
    assert official.closed
    links = [
        {"siretEtablissementSuccesseur": SHUT, "dateLienSuccession": "2020-01-01"},
        {"siretEtablissementSuccesseur": HEIR, "dateLienSuccession": "2025-01-01"},
    ]
    assert successor_from_insee({"liensSuccession": links}) == HEIR
    assert successor_from_insee({}) is None


def test_an_answer_of_the_public_search_is_read() -> None:
    official = from_search(found(OPEN), OPEN, TODAY)
    assert official and official.name == "BOULANGERIE DES COTEAUX"
    assert (official.address, official.postcode) == ("3 PLACE DU MARCHE", "31200")
    assert from_search(found(OPEN), HEIR, TODAY) is None
    hidden = from_search(found(OPEN, nom_complet="[NON-DIFFUSIBLE]"), OPEN, TODAY)
    assert hidden and hidden.withheld
    public = from_search(found(OPEN, nature_juridique="7220"), OPEN, TODAY)
    assert public and public.public


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"results": None},
        {"results": [1, "x", {}]},
        {"results": [{"siege": 3}]},
        {"etablissement": []},
    ],
)
def test_an_answer_without_form_is_none(answer: dict[str, Any]) -> None:
    assert from_search(answer, OPEN, TODAY) is None and from_insee(answer, TODAY) is None


def test_an_answer_about_another_siret_is_not_believed() -> None:
    assert sane(an_official(siret=HEIR), OPEN) is None


def test_what_looks_like_nothing_is_left_out() -> None:
    plain = sane(an_official(name="MІDI", postcode="<b>", successor=OPEN), OPEN)
    assert plain and (plain.name, plain.postcode, plain.successor) == (None, None, None)
    row = place(OPEN) | unit(OPEN, "Midi\r\nBcc: x@y.fr\u202e")
    official = from_columns(row, "stock", TODAY)
    assert official and official.name == "Midi Bcc: x@y.fr"


def test_what_its_owner_keeps_quiet_is_not_kept() -> None:
    quiet = sane(an_official(siret=HIDDEN, withheld=True, address="1 RUE X"), HIDDEN)
    assert quiet and quiet.name is None and quiet.address is None
    assert "ne diffuse pas" in view(HIDDEN, quiet).message


def test_people_are_told_the_source_its_date_and_what_comes_next() -> None:
    assert view(OPEN, an_official()).message == "Données INSEE du 24/11/2026, modifiables."
    shut = view(SHUT, an_official(siret=SHUT, closed=True, successor=HEIR))
    assert HEIR in shut.message and shut.closed
    nothing = view(OPEN, None)
    assert not nothing.found and nothing.source == "hand" and nothing.on is None


def test_a_field_that_is_other_than_the_registers_is_marked() -> None:
    sheet = StructureSheet(name="Midi Signalétique", city="TOULOUSE")
    structure = written(sheet, "live", "siret", OPEN, None)
    official = view(OPEN, an_official(city="TOULOUSE", address="12 RUE X"))
    assert edited(structure, official) == ("name", "address")
    assert edited(structure, view(OPEN, None)) == () and edited(structure, None) == ()
