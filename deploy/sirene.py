"""`chorale sirene …`: the official stock, made ready for the directory."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import duckdb
import typer

from deploy.local.place import ROOT
from services.structures.adapters.sirene import LINK, PLACE, UNIT

app = typer.Typer(no_args_is_help=True, help="Le stock SIRENE de l'INSEE, sur disque.")
SETUP = (
    "SET memory_limit = '1GB'",
    "SET preserve_insertion_order = false",
    "SET autoinstall_known_extensions = false",
)
FORM = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 60000"
TABLES = {
    "sirene_file": ("etablissements", "siret", (*PLACE, "siren", *UNIT)),
    "sirene_units_file": ("unites-legales", "siren", ("siren", *UNIT)),
    "sirene_links_file": (
        "successions",
        "siretEtablissementPredecesseur",
        ("siretEtablissementPredecesseur", *LINK),
    ),
}
"""Of each setting: the file, the column it is sorted by, and the columns that are kept."""
OptionalFile = Annotated[Path | None, typer.Option(exists=True, dir_okay=False)]
FileArgument = Annotated[Path, typer.Argument(exists=True, dir_okay=False, show_default=False)]


@app.command("import", help="Préparer un fichier SIRENE (Parquet ou CSV) pour l'annuaire.")
def import_stock(
    file: FileArgument,
    units: OptionalFile = None,
    links: OptionalFile = None,
    only_active: Annotated[bool, typer.Option(help="Sans les établissements fermés.")] = False,
    department: Annotated[str | None, typer.Option(help="Seul ce département, 31.")] = None,
    into: Annotated[Path, typer.Option(help="Où écrire.")] = ROOT / ".local/sirene",
) -> None:
    """Keep the columns that are needed, sorted, so that a lookup takes milliseconds."""
    into.mkdir(parents=True, exist_ok=True)
    given = dict(zip(TABLES, (file, units, links), strict=True))
    for setting, path in ((name, path) for name, path in given.items() if path):
        place = setting == "sirene_file"
        chosen = department if place else None
        try:
            rows, target = prepared(
                path, setting, into, only_active=only_active and place, department=chosen
            )
        except (duckdb.Error, ValueError) as error:
            typer.echo(f"{path} : ce fichier n'est pas lisible : {str(error)[:300]}", err=True)
            raise typer.Exit(1) from None
        typer.echo(f"{rows} lignes : CHORALE_{setting.upper()}={target}")


def prepared(
    path: Path,
    setting: str,
    into: Path,
    *,
    only_active: bool = False,
    department: str | None = None,
) -> tuple[int, Path]:
    """How many rows were written, and where; what was there is replaced only by a whole file.

    Raises ValueError: a column is missing. Raises duckdb.Error: it cannot be read.
    """
    name, key, wanted = TABLES[setting]
    target, half = into / f"{name}.parquet", into / f"{name}.half"
    with duckdb.connect(":memory:") as connection:
        for line in SETUP:
            connection.execute(line)
        connection.execute(f"SET temp_directory = {_quoted(into)}")
        if path.suffix.lower() in (".csv", ".txt"):
            source = f"read_csv({_quoted(path)}, all_varchar = true, header = true)"
        else:
            source = f"read_parquet({_quoted(path)})"
        described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
        present = {row[0] for row in described}
        if key not in present:
            raise ValueError(f"la colonne {key} manque")
        kept = [column for column in wanted if column in present]
        chosen = ", ".join(f'CAST("{column}" AS VARCHAR) AS "{column}"' for column in kept)
        demands = [f'"{key}" IS NOT NULL']
        values: list[str] = []
        if only_active:
            demands.append("\"etatAdministratifEtablissement\" = 'A'")
        if department:
            demands.append('starts_with(CAST("codePostalEtablissement" AS VARCHAR), ?)')
            values.append(department)
        asked = f'SELECT {chosen} FROM {source} WHERE {" AND ".join(demands)} ORDER BY "{key}"'
        written = f"COPY ({asked}) TO {_quoted(half)} ({FORM})"
        (rows,) = connection.execute(written, values).fetchone() or (0,)
    of = path.stat().st_mtime
    os.utime(half, (of, of))  # the date of the data, which people are shown
    half.replace(target)
    return int(rows), target


@app.command(help="Dire ce que le stock préparé sait d'un SIRET.")
def lookup(
    siret: str, within: Annotated[Path, typer.Option(help="Où il est.")] = ROOT / ".local/sirene"
) -> None:
    """Show the columns of one establishment."""
    path = within / "etablissements.parquet"
    if not path.exists():
        typer.echo("Aucun stock : chorale sirene import FICHIER", err=True)
        raise typer.Exit(2)
    with duckdb.connect(":memory:") as connection:
        found = connection.execute(
            f"SELECT * FROM read_parquet({_quoted(path)}) WHERE siret = ?",
            [siret.replace(" ", "")],
        )
        names = [column[0] for column in found.description or ()]
        row = found.fetchone()
    on = datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
    shown = dict(zip(names, row, strict=True)) if row else None
    typer.echo(json.dumps({"siret": siret, "on": f"{on}", "found": shown}, ensure_ascii=False))
    raise typer.Exit(0 if row else 1)


def _quoted(path: Path) -> str:
    """A path as DuckDB reads it."""
    return "'" + str(path).replace("'", "''") + "'"
