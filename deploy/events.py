"""`chorale events tail`: the events of my structures, as they come."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import aiohttp
import orjson
import typer

from deploy.local.door import Refused
from deploy.reach import UNREACHABLE, Caller, NoAccess, access, caller

app = typer.Typer(no_args_is_help=True, help="Les événements de mes structures.")
EVENTS, WAIT = "/v1/events", "30"


@app.callback()
def about() -> None:
    """A group, even of one command."""


@app.command(help="Suivre les événements, au fil de l'eau.")
def tail(
    url: Annotated[str | None, typer.Option(help="L'adresse de la plateforme.")] = None,
    since: Annotated[
        datetime | None, typer.Option(help="Reprendre depuis cette date (UTC), sinon maintenant.")
    ] = None,
    cursor: Annotated[
        Path | None, typer.Option(help="Fichier où garder la place : une reprise n'oublie rien.")
    ] = None,
    once: Annotated[bool, typer.Option(help="S'arrêter quand il n'y a plus rien.")] = False,
    patience: Annotated[float, typer.Option(min=0, help="Secondes d'attente d'une coupure.")] = 300,
    as_json: Annotated[bool, typer.Option("--json", help="Un objet JSON par événement.")] = False,
) -> None:
    """Print each event; the place is kept once they are printed."""

    async def work() -> None:
        async with caller(access(url), connections=1, patience=patience) as platform:
            async for page in pages(platform, start(cursor, since), once=once):
                for event in page["items"]:
                    typer.echo(orjson.dumps(event) if as_json else told(event))
                if cursor:
                    _keep(cursor, page["next_cursor"])

    try:
        asyncio.run(work())
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except (NoAccess, Refused, aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
        typer.echo(f"Plateforme hors d'atteinte : {error}", err=True)
        raise typer.Exit(UNREACHABLE) from None


def start(cursor: Path | None, since: datetime | None) -> dict[str, str]:
    """The first question: after the place that was kept, else since a date."""
    if cursor and cursor.exists():
        return {"cursor": cursor.read_text().strip()}
    return {"since": (since or datetime.now(UTC)).replace(tzinfo=UTC).isoformat()}


async def pages(
    platform: Caller, query: dict[str, str], *, once: bool
) -> AsyncIterator[dict[str, Any]]:
    """Page after page of the feed, for ever or until there is nothing more."""
    asked = {**query, "wait": "0" if once else WAIT}
    while True:
        page = await _page(platform, asked)
        yield page
        if once and not page["more"]:
            return
        asked = {"cursor": page["next_cursor"], "wait": asked["wait"]}


async def _page(platform: Caller, asked: dict[str, str]) -> dict[str, Any]:
    page: dict[str, Any] = await platform.insist(lambda door: door.get(EVENTS, **asked))
    return page


def _keep(path: Path, place: str) -> None:
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(place)
    fresh.replace(path)


def told(event: dict[str, Any]) -> str:
    """An event in a line."""
    data = event["data"]
    line = f"{data['at'][:19]}  {data['number']:20}  {event['sequence']:>3}  {data['label']}"
    reason = data.get("reason")
    return f"{line} ({reason})" if reason else line
