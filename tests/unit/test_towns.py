"""The towns of the demo: what a directory takes, each once."""

import json
from pathlib import Path
from typing import Any

from stdnum.fr import siret

from deploy.directory import lines
from deploy.local import towns
from shared.names import one_line


def test_every_town_is_a_public_body_that_a_directory_takes() -> None:
    rows = [row for _, row in lines(towns.FILE)]
    assert len(rows) == len({row["identifiant"] for row in rows}) == 604
    for row in rows:
        assert siret.is_valid(row["identifiant"]), row
        assert row["code_postal"].isdecimal() and len(row["code_postal"]) == 5, row
        assert one_line(row["nom"]) == row["nom"] and row["ville"], row
    names = {row["identifiant"]: row["nom"] for row in rows}
    assert names["21310555400017"] == "Commune de Toulouse"
    assert {"Commune d'Agassac", "Commune du Fauga", "Toulouse Métropole"} <= set(names.values())


def test_the_extract_takes_the_department_alone_and_the_bodies_that_reach_into_it(
    tmp_path: Path,
) -> None:
    def town(code: str, name: str, link: int, **more: Any) -> dict[str, Any]:
        given = {"code": code, "nom": name, "typeLiaison": link, "departement": code[:2]}
        given |= {"type": "commune-actuelle", "siren": "213105554", "population": 10}
        return given | {"codesPostaux": ["31000"]} | more

    def union(code: str, name: str, *members: str) -> dict[str, Any]:
        towns = [{"code": member} for member in members]
        return {"code": code, "nom": name, "populationTotale": 5, "membres": towns}

    communes = [
        town("31555", "Toulouse", 0, population=500_000),
        town("31181", "Le Fauga", 2, siren="213101819", codesPostaux=["31410"]),
        town("31999", "Ancienne", 1, type="commune-deleguee"),
        town("81140", "Lavaur", 0),
    ]
    bodies = [
        union("243100518", "CC du Sud", "31181", "81140"),
        union("248100737", "CA du Tarn", "81140"),
    ]
    (tmp_path / "communes.json").write_text(json.dumps(communes))
    (tmp_path / "epci.json").write_text(json.dumps(bodies))
    assert towns.extract(tmp_path) == [
        ("21310555400017", "Commune de Toulouse", "31000", "Toulouse"),
        ("21310181900018", "Commune du Fauga", "31410", "Le Fauga"),
        ("24310051800014", "Communauté de communes du Sud", "31410", "Le Fauga"),
    ]
