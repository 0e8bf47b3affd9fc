"""The communes and EPCI of Haute-Garonne, as public bodies of the demo's directory.

`towns.csv` has the columns of `chorale structure import`. Names, SIREN and postcodes are those that
INSEE and DGCL publish, by the npm package `@etalab/decoupage-administratif` (6.0.0, data of 2026),
under the Open Licence 2.0 of Etalab. A SIRET is that of the first establishment of each body.

To make it anew: `npm pack @etalab/decoupage-administratif`, unpack, and
`python -m deploy.local.towns package/data`.
"""

import asyncio
import csv
import json
import sys
from itertools import islice
from pathlib import Path
from typing import Any

from stdnum import luhn

from deploy.directory import lines
from deploy.local.door import Door

Body = dict[str, Any]
Row = tuple[str, str, str, str]
FILE = Path(__file__).with_name("towns.csv")
DEPARTMENT, FIRST = "31", "0001"
COLUMNS = ("identifiant", "nom", "code_postal", "ville")
LOADED, AT_ONCE = 100, 8
LINKS = {1: ("", "d'"), 2: ("Le ", "du "), 4: ("Les ", "des ")}
"""By INSEE's number: the article that a name loses after « commune », and what comes instead."""
KINDS = {"CC": "Communauté de communes", "CA": "Communauté d'agglomération"}


def extract(data: Path) -> list[Row]:
    """The rows of the file, from the package's data; the bodies of most people come first."""
    communes: list[Body] = json.loads((data / "communes.json").read_text())
    here = {
        town["code"]: town
        for town in communes
        if town.get("departement") == DEPARTMENT and town["type"] == "commune-actuelle"
    }
    rows = [(town["population"], _commune(town)) for town in here.values()]
    for body in json.loads((data / "epci.json").read_text()):
        mine = [here[town["code"]] for town in body["membres"] if town["code"] in here]
        if mine:
            rows.append((body["populationTotale"], _union(body, mine)))
    return [row for _, row in sorted(rows, key=lambda row: (-row[0], row[1]))]


def _commune(town: Body) -> Row:
    article, link = LINKS.get(town["typeLiaison"], ("", "de "))
    return _row(town["siren"], f"Commune {link}{town['nom'].removeprefix(article)}", town)


def _union(body: Body, members: list[Body]) -> Row:
    kind, _, name = body["nom"].partition(" ")
    named = f"{KINDS[kind]} {name}" if kind in KINDS else body["nom"]
    return _row(body["code"], named, max(members, key=lambda town: town["population"]))


def _row(siren: str, name: str, town: Body) -> Row:
    siret = siren + FIRST
    return siret + luhn.calc_check_digit(siret), name, town["codesPostaux"][0], town["nom"]


def main(data: Path) -> None:
    """Write the file anew."""
    with FILE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n")
        writer.writerows([COLUMNS, *extract(data)])


async def load(operator: Door, realm: str) -> None:
    """Write the first hundred into the directory of a realm; more would be waited for."""
    rows = islice(lines(FILE), LOADED)

    async def one() -> None:
        for _, row in rows:
            sheet = {
                "name": row["nom"],
                "public": True,
                "postcode": row["code_postal"],
                "city": row["ville"],
            }
            path = f"/v1/structures/siret/{row['identifiant']}"
            await operator.call("PUT", path, query={"realm": realm}, json=sheet)

    await asyncio.gather(*(one() for _ in range(AT_ONCE)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
