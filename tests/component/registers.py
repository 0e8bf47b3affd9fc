"""Official registers played by a test: a stock on disk, and a server that behaves as told."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb

OPEN, SHUT, HEIR, HIDDEN = (
    "73282932000074",
    "40483304800014",
    "40483304800022",
    "55208131766522",
)
"""An open establishment, one that closed and its successor, and one whose owner keeps quiet."""


def place(siret: str, **more: str | None) -> dict[str, str | None]:
    """A row of the stock of establishments."""
    return {
        "siret": siret,
        "siren": siret[:9],
        "etatAdministratifEtablissement": "A",
        "statutDiffusionEtablissement": "O",
        "complementAdresseEtablissement": None,
        "numeroVoieEtablissement": "12",
        "indiceRepetitionEtablissement": "B",
        "typeVoieEtablissement": "RUE",
        "libelleVoieEtablissement": "DE L'EXEMPLE",
        "codePostalEtablissement": "31000",
        "libelleCommuneEtablissement": "TOULOUSE",
    } | more


def unit(siret: str, name: str | None, **more: str | None) -> dict[str, str | None]:
    """A row of the stock of legal units."""
    return {
        "siren": siret[:9],
        "denominationUniteLegale": name,
        "nomUniteLegale": None,
        "prenomUsuelUniteLegale": None,
        "categorieJuridiqueUniteLegale": "5710",
        "etatAdministratifUniteLegale": "A",
    } | more


PLACES = (
    place(OPEN),
    place(SHUT, etatAdministratifEtablissement="F"),
    place(HEIR),
    place(HIDDEN) | {"statutDiffusionEtablissement": "P"},
)
UNITS = (
    unit(OPEN, "SIGNALETIQUE DU MIDI"),
    unit(SHUT, "ATELIER GARONNE"),
    unit(HIDDEN, None, nomUniteLegale="DURAND", prenomUsuelUniteLegale="JEANNE"),
)
LINKS = (
    {
        "siretEtablissementPredecesseur": SHUT,
        "siretEtablissementSuccesseur": HEIR,
        "dateLienSuccession": "2025-06-30",
    },
)


def stock(folder: Path, suffix: str = "parquet") -> dict[str, str]:
    """Write the three files of a stock; the settings that name them."""
    connection = duckdb.connect(":memory:")
    settings = {}
    for name, rows in (("file", PLACES), ("units_file", UNITS), ("links_file", LINKS)):
        lines = folder / f"{name}.json"
        lines.write_text("\n".join(json.dumps(row) for row in rows))
        path = folder / f"{name}.{suffix}"
        columns = ", ".join(f"{column}: 'VARCHAR'" for column in rows[0])
        source = f"read_json('{lines}', columns = {{{columns}}})"
        connection.execute(f"COPY (SELECT * FROM {source} ORDER BY 1) TO '{path}'")
        settings[f"sirene_{name}"] = str(path)
    connection.close()
    return settings


def found(siret: str, **more: Any) -> dict[str, Any]:
    """What the State's public search answers about an establishment."""
    here = {
        "siret": siret,
        "adresse": "3 PLACE DU MARCHE 31200 TOULOUSE",
        "code_postal": "31200",
        "libelle_commune": "TOULOUSE",
        "etat_administratif": "A",
        "statut_diffusion_etablissement": "O",
    }
    company = {
        "siren": siret[:9],
        "nom_complet": "BOULANGERIE DES COTEAUX (COTEAUX)",
        "nom_raison_sociale": "BOULANGERIE DES COTEAUX",
        "nature_juridique": "5499",
        "statut_diffusion": "O",
        "siege": here,
        "matching_etablissements": [here],
    }
    return {"results": [company | more], "total_results": 1}


@dataclass
class Register:
    """A server that answers what it is told to, after a while."""

    url: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    """By the beginning of the path: a JSON value, a text, a status, or a status and a value."""
    think: float = 0.0
    asked: list[str] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)


@contextmanager
def register() -> Iterator[Register]:
    """Open such a server."""
    made = Register()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(self.path)
            made.keys.append(self.headers.get("X-INSEE-Api-Key-Integration"))
            time.sleep(made.think)
            answer = next((a for p, a in made.answers.items() if self.path.startswith(p)), 404)
            status, answer = answer if isinstance(answer, tuple) else (200, answer)
            self.send_response(answer if isinstance(answer, int) else status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()
            body = answer if isinstance(answer, str) else json.dumps(answer)
            try:
                self.wfile.write(body.encode())
            except OSError:
                return  # whoever asked did not wait

        def log_message(self, format: str, *args: Any) -> None:
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
