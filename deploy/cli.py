"""The command line: read files and say what they hold, check files and say what is wrong."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from deploy import dead_letters, directory, doctor, events, journal, push, sirene
from deploy.backup import commands as backup
from services.ingest.adapters.conformity import Judges
from services.ingest.adapters.scans import Scans
from services.ingest.adapters.trial import Tried, extraction, tried, validation
from services.ingest.adapters.workers import Workers
from services.ingest.domain.conformity import Conformity, judgeable
from services.ingest.formats import pdf_ocr
from services.ingest.formats.reading import Document, Reading
from shared.contracts.finding import Finding
from shared.contracts.ingest import Validation

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Files = Annotated[list[Path], typer.Argument(help="Fichiers à lire.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Un objet JSON par fichier.")]
Explain = Annotated[bool, typer.Option("--explain", help="Montrer d'où vient chaque valeur.")]
Line = dict[str, Any]

app.add_typer(dead_letters.app, name="dlq")
app.add_typer(journal.app, name="journal")
app.add_typer(events.app, name="events")
app.add_typer(sirene.app, name="sirene")
app.add_typer(directory.app, name="structure")
app.command(help="Dire ce qui ne va pas, et que faire.")(doctor.doctor)
app.command(help="Sauvegarder toute la plateforme dans un dossier.")(backup.backup)
app.command(help="Remplir des serveurs vides depuis une sauvegarde.")(backup.restore)
app.command(help="Déposer tous les fichiers d'un dossier ; une reprise ne double rien.")(push.push)

MARKS = {"error": "✗", "warning": "!", "info": "·"}


@app.callback(help="Chorale : lire et contrôler des factures, sans serveur.")
def about() -> None:
    """The program as a whole has no options."""


@app.command(help="Lire des factures et montrer leurs champs.")
def extract(files: Files, as_json: AsJson = False, explain: Explain = False) -> None:
    """Read invoices and show their fields."""

    def show(line: Line) -> None:
        if as_json:
            typer.echo(orjson.dumps(line))
        if explain or not as_json:
            typer.echo("\n".join(told_fields(line, with_evidence=explain)), err=as_json)

    asyncio.run(each(files, extracted, show))


@app.command(help="Contrôler des factures et nommer chaque faute.")
def validate(files: Files, as_json: AsJson = False) -> None:
    """Check invoices and name every fault."""

    def show(line: Line) -> None:
        typer.echo(orjson.dumps(line) if as_json else "\n".join(told_findings(line)))

    asyncio.run(judge_each(files, show))


async def judge_each(files: Sequence[Path], show: Callable[[Line], None]) -> None:
    """Check every file by our rules and by the official ones."""
    judges = Judges(1)

    async def opinion(document: Document, reading: Reading) -> Conformity:
        judged = judgeable(reading.format, reading.findings)
        return await judges.judge(document) if judged else Conformity()

    async def line_of(one: Tried, _milliseconds: float) -> Line:
        return told_of(one, await validation(one, opinion))

    try:
        await each(files, line_of, show)
    finally:
        await judges.close()


def told_of(one: Tried, said: Validation) -> Line:
    """What a line of a validation says, and the lines of the files inside."""
    line = said.model_dump(mode="json", exclude={"file", "items"}) | failure(one.reading)
    items = [
        {"file": of.file, **told_of(part, of)}
        for part, of in zip(one.parts, said.items, strict=True)
    ]
    return line | ({"items": items} if items else {})


async def each(
    files: Sequence[Path],
    line_of: Callable[[Tried, float], Awaitable[Line]],
    show: Callable[[Line], None],
) -> None:
    """Show every file in order; leave with 1 when one of them could not be read."""
    unread = 0
    async for path, one, milliseconds in trials(files):
        line: Line = {"file": str(path)}
        if isinstance(one, str):
            line["error"] = one
        else:
            line |= await line_of(one, milliseconds)
        unread += any("error" in part for part in (line, *line.get("items", ())))
        show(line)
    raise typer.Exit(1 if unread else 0)


async def trials(files: Sequence[Path]) -> AsyncIterator[tuple[Path, Tried | str, float]]:
    """Every file read in a guarded process, with the time it took; words when there is no file."""
    workers, scans = Workers(1), Scans(1)

    async def read(document: Document) -> Reading:
        reading = await workers.read(document)
        return await scans.read(document, reading) if pdf_ocr.due(reading) else reading

    try:
        await workers.read(Document("", b""))  # the process is ready before the clock runs
        for path in files:
            try:
                data = path.read_bytes()
            except OSError as error:
                yield path, f"Fichier inaccessible : {error.strerror}.", 0.0
                continue
            started = time.perf_counter()
            one = await tried(Document(path.name, data), read)
            yield path, one, (time.perf_counter() - started) * 1000
    finally:
        await workers.close()
        await scans.close()


async def extracted(one: Tried, milliseconds: float) -> Line:
    """What a line of an extraction says."""
    return {**extraction(one, failure), "ms": round(milliseconds, 2)}


def failure(reading: Reading) -> Line:
    """The error of a file from which nothing was read."""
    reasons = [finding for finding in reading.findings if finding.blocks]
    if reading.fields or not reasons:
        return {}
    return {"error": f"{reasons[0].code} : {reasons[0].message}"}


def told_fields(line: Line, *, with_evidence: bool) -> list[str]:
    """An extraction in words."""
    if "fields" not in line:
        return [f"{line['file']} : {line['error']}"]
    took = f", {line['ms']} ms" if "ms" in line else ""
    told = [f"{line['file']} ({line['format']}{took})"]
    for name, field in line["fields"].items():
        told.append(f"  {name:20} {field['value']}")
        if with_evidence:
            told += [f"  {'':20} ↳ {reason}" for reason in evidence(field)]
    told += [f"  ? {doubt['field']} : {doubt['message']}" for doubt in line["doubts"]]
    told += [f"  ✗ {line['error']}"] if "error" in line else []
    for item in line.get("items", ()):
        told += [f"  {words}" for words in told_fields(item, with_evidence=with_evidence)]
    return told


def evidence(field: Line) -> list[str]:
    """Why a field has its value."""
    sure = f"certitude {field['confidence']:.2f}"
    where = f", page {field['page']}" if field["page"] else ", donnée structurée"
    reasons = [sure + where]
    if field["evidence"]:
        reasons.append(field["evidence"])
    if field["alternatives"]:
        reasons.append("autres lectures : " + ", ".join(map(str, field["alternatives"])))
    return reasons


def told_findings(line: Line) -> list[str]:
    """A validation in words."""
    if "findings" not in line:
        return [f"{line['file']} : {line['error']}"]
    verdict = "acceptée" if line["accepted"] else "refusée"
    told = [f"{line['file']} ({line['format']}) : {verdict}"]
    for found in map(Finding.model_validate, line["findings"]):
        told.append(f"  {MARKS[found.severity]} {found.code} {found.label} : {found.message}")
        if found.hint:
            told.append(f"      → {found.hint}")
    for item in line.get("items", ()):
        told += [f"  {words}" for words in told_findings(item)]
    return told


def main() -> None:
    """The program `chorale`."""
    app()


if __name__ == "__main__":
    main()
