"""`chorale structure import`: sheets of the directory, from a file of its own export's form."""

import asyncio
import csv
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import aiohttp
import typer

from deploy.local.door import Door, Refused
from deploy.local.place import ROOT
from deploy.reach import UNREACHABLE, NoAccess

app = typer.Typer(no_args_is_help=True, help="L'annuaire des structures.")
YES = {"oui": True, "non": False}
FLAGS = {
    "service_obligatoire": "department_required",
    "engagement_obligatoire": "order_required",
    "service_ou_engagement_obligatoire": "department_or_order_required",
    "mise_en_paiement_remontee": "reports_payment",
}
TEXTS = {
    "nom": "name",
    "adresse": "address",
    "code_postal": "postcode",
    "ville": "city",
    "pays": "country",
    "budget": "budget",
}
KEPT = ("public", "active", "vat_number", "departments")
FileArgument = Annotated[Path, typer.Argument(exists=True, dir_okay=False, show_default=False)]


@app.callback()
def about() -> None:
    """A group, even of one command."""


@app.command("import", help="Écrire des fiches d'entités publiques depuis un CSV.")
def import_structures(
    file: FileArgument,
    url: Annotated[str | None, typer.Option(help="L'adresse de la plateforme.")] = None,
    realm: Annotated[str, typer.Option(help="L'espace : live, ou un bac à sable.")] = "live",
) -> None:
    """One sheet a line, in the columns of the exported directory; what no column says stays."""
    try:
        faults = asyncio.run(written(file, realm, url))
    except (NoAccess, aiohttp.ClientError, TimeoutError, OSError) as error:
        typer.echo(f"Plateforme hors d'atteinte : {error}", err=True)
        raise typer.Exit(UNREACHABLE) from None
    except (ValueError, KeyError, csv.Error) as error:
        typer.echo(f"{file} : {error}", err=True)
        raise typer.Exit(2) from None
    raise typer.Exit(1 if faults else 0)


async def written(file: Path, realm: str, url: str | None) -> int:
    """Write every line; returns how many were refused, each of which is named."""
    base, email, password = operator(url)
    faults = done = 0
    async with aiohttp.ClientSession() as session:
        door = await Door(base, session, patience=30).person(email, password)
        for number, row in lines(file):
            try:
                await _put(door, row, realm)
                done += 1
            except (Refused, KeyError, ValueError) as error:
                faults += 1
                typer.echo(f"ligne {number} : {_why(error)}", err=True)
    typer.echo(f"{done} fiches écrites, {faults} refusées")
    return faults


def _why(error: Exception) -> str:
    """Why a line was refused, in the platform's own words when it said some."""
    if not isinstance(error, Refused) or not isinstance(error.problem, dict):
        return f"valeur inattendue : {error}"
    more = [found["message"] for found in error.problem.get("errors", ())]
    return " ".join([error.problem.get("detail", f"refus {error.status}"), *more])


def operator(url: str | None) -> tuple[str, str, str]:
    """A platform and its operator: CHORALE_OPERATOR_EMAIL and _PASSWORD, else the demo's."""
    found = [os.environ.get(f"CHORALE_OPERATOR_{name}") for name in ("EMAIL", "PASSWORD")]
    base = url or os.environ.get("CHORALE_URL")
    if base and found[0] and found[1]:
        return base.rstrip("/"), found[0], found[1]
    try:
        demo = json.loads((ROOT / ".local/demo.json").read_text())
    except FileNotFoundError:
        raise NoAccess(
            "indiquez CHORALE_URL, CHORALE_OPERATOR_EMAIL et CHORALE_OPERATOR_PASSWORD"
        ) from None
    return base or demo["base_url"], demo["operator"]["email"], demo["operator"]["password"]


def lines(file: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The rows with their line numbers. Raises ValueError: a column is missing."""
    with file.open(encoding="utf-8-sig", newline="") as text:
        reader = csv.DictReader(text, delimiter=";")
        missing = {"identifiant", "nom"} - set(reader.fieldnames or ())
        if missing:
            raise ValueError(f"colonnes manquantes : {', '.join(sorted(missing))}")
        for row in reader:
            yield reader.line_num, {name: value or "" for name, value in row.items() if name}


async def _put(door: Door, row: Mapping[str, str], realm: str) -> None:
    """One sheet: what the line says, over what the directory knows. Raises Refused, KeyError."""
    kind = row.get("type") or "siret"
    path = f"/v1/structures/{quote(kind)}/{quote(row['identifiant'], safe='')}"
    try:
        known: dict[str, Any] = await door.get(path, realm=realm)
    except Refused as refused:
        if refused.status != 404:
            raise
        known = {"public": True, "active": True}
    sheet: dict[str, Any] = {name: known[name] for name in KEPT if name in known}
    asks = dict(known.get("requirements") or {})
    asks |= {to: YES[row[name]] for name, to in FLAGS.items() if row.get(name)}
    if row.get("exemple_engagement"):
        asks["order_example"] = row["exemple_engagement"]
    for name, to in TEXTS.items():
        said = row[name].removeprefix("'") if name in row else known.get(to)
        if said or to in known:
            sheet[to] = said or None
    sheet["country"] = sheet.get("country") or "FR"
    await door.call("PUT", path, query={"realm": realm}, json=sheet | {"requirements": asks})
