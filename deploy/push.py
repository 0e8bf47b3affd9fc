"""`chorale push DIR`: hand in every file of a folder, in parallel, and nothing twice."""

import asyncio
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import aiohttp
import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from deploy.local.door import Refused
from deploy.reach import UNREACHABLE, Caller, NoAccess, access, caller

RECORD = ".chorale-push.jsonl"
LIMIT = 100_000
FOLLOWED = 64
WORDS = {
    "INTEGRATED": "intégrée",
    "PARTLY_INTEGRATED": "intégrée en partie",
    "AWAITING_CONFIRMATION": "à confirmer",
    "REJECTED": "refusée",
    "FAILED": "non déposée",
}
FAULTY = {"REJECTED", "PARTLY_INTEGRATED", "FAILED"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file."""

    file: str
    sha256: str
    deposit_id: str | None
    state: str
    faults: tuple[str, ...] = ()

    @property
    def final(self) -> bool:
        """Whether it need not be sent or followed again."""
        return self.state in WORDS and self.state != "FAILED"


class Record:
    """The outcomes so far, a line each: a run that is cut goes on where it stopped."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = {(done.file, done.sha256): done for done in self._lines()}

    def of(self, file: str, sha256: str) -> Outcome | None:
        """What became of these bytes under this name."""
        return self._known.get((file, sha256))

    def keep(self, outcome: Outcome) -> None:
        """Write it down before anybody is told."""
        self._known[outcome.file, outcome.sha256] = outcome
        with self._path.open("ab") as kept:
            kept.write(orjson.dumps(asdict(outcome)) + b"\n")

    def _lines(self) -> Iterator[Outcome]:
        if not self._path.exists():
            return
        for line in self._path.read_bytes().splitlines():
            try:
                read = orjson.loads(line)
                yield Outcome(**read | {"faults": tuple(read["faults"])})
            except (ValueError, TypeError, KeyError):
                continue  # the line on which a run was cut


def push(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Le dossier.")],
    url: Annotated[str | None, typer.Option(help="L'adresse de la plateforme.")] = None,
    at_once: Annotated[int, typer.Option(min=1, max=32, help="Dépôts en parallèle.")] = 8,
    record: Annotated[Path | None, typer.Option(help="Le fichier des résultats.")] = None,
    patience: Annotated[
        float, typer.Option(min=0, help="Secondes d'attente en cas de coupure.")
    ] = 300,
    as_json: Annotated[bool, typer.Option("--json", help="Un objet JSON par fichier.")] = False,
) -> None:
    """Hand in every file and wait for its report; leaves with 1 when one of them was refused."""
    paths = files(folder)
    kept = Record(record or folder / RECORD)
    try:
        outcomes = asyncio.run(_shown(folder, paths, kept, url, at_once, patience, as_json))
    except KeyboardInterrupt:
        typer.echo("Interrompu. La même commande reprend où celle-ci s'arrête.", err=True)
        raise typer.Exit(130) from None
    except (NoAccess, Refused, aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
        typer.echo(f"Plateforme hors d'atteinte : {error}", err=True)
        raise typer.Exit(UNREACHABLE) from None
    if not as_json:
        typer.echo("\n".join(told(outcomes)))
    raise typer.Exit(1 if any(one.state in FAULTY for one in outcomes) else 0)


def files(folder: Path) -> list[Path]:
    """Every regular file under a folder, hidden ones and links left aside, in order."""
    found = [
        Path(place, name)
        for place, folders, names in os.walk(folder)
        for name in names
        if not name.startswith(".") and not _hidden(Path(place), folder)
    ]
    regular = sorted(path for path in found if path.is_file() and not path.is_symlink())
    if len(regular) > LIMIT:
        raise typer.BadParameter(f"{len(regular)} fichiers : au plus {LIMIT} à la fois")
    return regular


def _hidden(place: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in place.relative_to(folder).parts)


async def _shown(
    folder: Path,
    paths: Sequence[Path],
    record: Record,
    url: str | None,
    at_once: int,
    patience: float,
    as_json: bool,
) -> list[Outcome]:
    """Send with a bar on the terminal."""
    columns = (
        TextColumn("Dépôt"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[refused]} refusée(s)"),
        TimeRemainingColumn(),
    )
    connections = at_once + FOLLOWED
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=len(paths), refused=0)
        refused = 0

        def done(outcome: Outcome) -> None:
            nonlocal refused
            refused += outcome.state in FAULTY
            bar.update(task, advance=1, refused=refused)
            if as_json:
                typer.echo(orjson.dumps(asdict(outcome)))

        async with caller(access(url), connections=connections, patience=patience) as platform:
            return await send(platform, folder, paths, record, at_once, done)


async def send(
    platform: Caller,
    folder: Path,
    paths: Sequence[Path],
    record: Record,
    at_once: int,
    done: Callable[[Outcome], None],
) -> list[Outcome]:
    """Hand in what is not yet, follow what is not final; outcomes in the order of the paths."""
    sending, waiting = asyncio.Semaphore(at_once), iter(enumerate(paths))
    outcomes: list[Outcome | None] = [None] * len(paths)

    async def hand() -> None:
        for position, path in waiting:
            async with sending:
                outcome = await _deposited(platform, path, str(path.relative_to(folder)), record)
            if not outcome.final and outcome.deposit_id:
                outcome = await _followed(platform, outcome)
                record.keep(outcome)
            outcomes[position] = outcome
            done(outcome)

    await asyncio.gather(*(hand() for _ in range(FOLLOWED)))
    return [outcome for outcome in outcomes if outcome]


async def _deposited(platform: Caller, path: Path, name: str, record: Record) -> Outcome:
    """The file is with the platform, or the reason why not."""
    try:
        data = await asyncio.to_thread(path.read_bytes)
    except OSError as error:
        return Outcome(name, "", None, "FAILED", (f"fichier inaccessible : {error.strerror}",))
    digest = hashlib.sha256(data).hexdigest()
    if (known := record.of(name, digest)) and known.deposit_id:
        return known
    try:
        sent = await platform.insist(lambda door: door.deposit(path.name, data))
    except Refused as refused:
        if refused.status in {401, 403}:
            raise
        outcome = Outcome(name, digest, None, "FAILED", (reason(refused),))
    else:
        outcome = Outcome(name, digest, sent["id"], sent["state"])
    record.keep(outcome)
    return outcome


async def _followed(platform: Caller, sent: Outcome) -> Outcome:
    """The report of a deposit once it is final."""
    path = f"/v1/deposits/{sent.deposit_id}"
    while True:
        report = await platform.insist(lambda door: door.get(path, wait="30"))
        if report["state"] in WORDS:
            faults = tuple(faults_of(report))
            return Outcome(sent.file, sent.sha256, sent.deposit_id, report["state"], faults)


def faults_of(report: dict[str, Any]) -> Iterator[str]:
    """What blocks each item of a report, in words."""
    for item in report["items"]:
        name = " ".join(filter(None, (item.get("filename"), item.get("number"))))
        for finding in item["findings"]:
            if finding["severity"] == "error":
                told = f"{finding['code']} {finding['label']} : {finding['message']}"
                yield f"{name} · {told}" if name else told


def reason(refused: Refused) -> str:
    """Why a file was not taken."""
    said = refused.problem if isinstance(refused.problem, dict) else {}
    return str(said.get("detail") or refused)


def told(outcomes: Sequence[Outcome]) -> list[str]:
    """The end of a run in words: how many of each, then every fault."""
    lines = []
    for state, word in WORDS.items():
        if number := sum(one.state == state for one in outcomes):
            lines.append(f"{number:6}  {word}")
    for one in outcomes:
        if one.state in FAULTY:
            lines.append(f"{one.file} : {WORDS[one.state]}")
            lines += [f"  ✗ {fault}" for fault in one.faults]
    return lines or ["Aucun fichier à déposer."]
