"""`chorale journal verify`: check a database, or what was downloaded, without believing us."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from deploy import papers
from deploy.ledger import Ledger
from services.workflow.domain.journal import Fault
from shared import mongo
from shared.contracts.proof import HeadView

UNREACHABLE = 3
app = typer.Typer(no_args_is_help=True, help="Le journal et ses preuves.")

Papers = Annotated[
    list[Path] | None,
    typer.Argument(help="Certificats, journaux, têtes téléchargés, et le fichier déposé."),
]
Sets = Annotated[list[Path] | None, typer.Option("--keys", help="Clés publiques (JWKS).")]
Url = Annotated[
    str | None, typer.Option("--database", help="MongoDB à vérifier en entier, mongodb://…")
]
Name = Annotated[str, typer.Option("--name", help="Préfixe des bases.")]


@app.callback()
def about() -> None:
    """So that `verify` is a word of its own."""


@app.command(help="Vérifier une base entière, ou des fichiers téléchargés, hors connexion.")
def verify(
    files: Papers = None, keys: Sets = None, database: Url = None, name: Name = "chorale"
) -> None:
    """Say what holds and name what is wrong; 1 when anything is wrong, 2 for wrong usage."""
    if not files and not database:
        raise typer.BadParameter("donnez des fichiers, ou --database")
    read = papers.Papers.read(files or [], keys or [])
    faults = list(read.faults)
    if database:
        faults += asyncio.run(_database(database, name, read.heads))
    if files and (keys or not database):
        for line in read.checked():
            typer.echo(line.sentence)
            faults += line.faults
    for fault in faults:
        typer.echo(f"✗ {fault.place} : {fault.what}")
    raise typer.Exit(1 if faults else 0)


async def _database(url: str, name: str, known: Sequence[HeadView]) -> list[Fault]:
    client = mongo.connect(url)
    try:
        report = await Ledger(mongo.Database(client, f"{name}_workflow")).check(known)
    except mongo.MongoError as error:
        typer.echo(f"La base ne répond pas : {str(error)[:200]}", err=True)
        raise typer.Exit(UNREACHABLE) from error
    finally:
        client.close()
    typer.echo(
        f"{report.invoices} factures, {report.entries} entrées dont {report.unsealed} pas encore"
        f" scellées, {report.heads} têtes : {len(report.faults)} anomalie(s)"
    )
    return report.faults
