"""`chorale doctor`: what is wrong with a running platform, and what to do about it."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import aio_pika
import aiohttp
import orjson
import typer
from aio_pika.exceptions import AMQPException
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from deploy.backup.broker import ask, queues
from deploy.backup.servers import Servers, chosen
from deploy.dead_letters import queues as handlers
from deploy.local import daemon
from deploy.local.place import ROOT, CannotStart

PATIENCE = timedelta(minutes=15)
"""After which a deposit, a mail or an untold fact is stuck."""
LOOKED_BACK = timedelta(days=7)
BACKLOG = 10_000
SKEW = timedelta(seconds=2)
LEAST_FREE = 2 << 30
LIMIT_MS = 5000
Client = AsyncMongoClient[Any]
Faults = (PyMongoError, AMQPException, aiohttp.ClientError, TimeoutError, OSError)


@dataclass(frozen=True, slots=True)
class Opinion:
    """One thing that was looked at."""

    about: str
    well: bool
    said: str
    to_do: str | None = None


Look = Callable[[Servers, Client], Awaitable[Iterable[Opinion]]]


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Un objet JSON par constat.")] = False,
) -> None:
    """Look at everything; leaves with 1 when something is wrong."""
    try:
        opinions = [*of_this_machine(), *asyncio.run(look(chosen()))]
    except CannotStart as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    for opinion in opinions:
        typer.echo(orjson.dumps(asdict(opinion)) if as_json else "\n".join(told(opinion)))
    raise typer.Exit(0 if all(opinion.well for opinion in opinions) else 1)


def told(opinion: Opinion) -> Iterator[str]:
    """An opinion in words."""
    yield f"{'✓' if opinion.well else '✗'} {opinion.about} : {opinion.said}"
    if opinion.to_do and not opinion.well:
        yield f"    → {opinion.to_do}"


async def look(servers: Servers) -> list[Opinion]:
    """What each check says; one that cannot be made is an opinion too."""
    opinions: list[Opinion] = []
    async with Client(servers.mongo_url, serverSelectionTimeoutMS=3000) as client:
        for about, check in CHECKS.items():
            try:
                opinions += await asyncio.wait_for(check(servers, client), 20)
            except Faults as error:
                said = (str(error) or type(error).__name__).splitlines()[0][:200]
                opinions.append(
                    Opinion(about, False, said, "vérifiez qu'il est démarré : make status")
                )
    return opinions


def of_this_machine() -> Iterator[Opinion]:
    """Disk, and the processes of a stack on this machine."""
    folder = ROOT / ".local"
    free = shutil.disk_usage(folder if folder.exists() else Path.cwd()).free
    yield Opinion(
        "disque",
        free >= LEAST_FREE,
        f"{free / (1 << 30):.1f} Gio libres",
        "libérez de la place : MongoDB et RabbitMQ s'arrêtent d'écrire quand il n'y en a plus",
    )
    state = daemon.State.read(folder)
    for part in state.parts if state and daemon.is_running(folder) else ():
        if part["state"] != "ready":
            said = f"{part['state']}, redémarré {part['restarts']} fois"
            yield Opinion(part["name"], False, said, f"make logs PART={part['name']}")


async def mongodb(servers: Servers, client: Client) -> list[Opinion]:
    """A primary that takes writes, and a clock that agrees with ours."""
    hello = await client.admin.command("hello")
    skew = abs(datetime.now(UTC) - hello["localTime"].replace(tzinfo=UTC))
    hosts = len(hello.get("hosts", ()))
    return [
        Opinion(
            "MongoDB",
            bool(hello.get("isWritablePrimary")),
            f"{hosts} nœud(s), primaire {hello.get('primary', 'absent')}",
            "attendez l'élection, ou regardez rs.status()",
        ),
        Opinion("horloge", skew < SKEW, f"écart de {skew.total_seconds():.1f} s", "réglez NTP"),
    ]


async def untold(servers: Servers, client: Client) -> list[Opinion]:
    """Facts that were saved and are not on their way."""
    opinions = []
    before = datetime.now(UTC) - PATIENCE
    for name in await client.list_database_names():
        if name.startswith(f"{servers.database}_"):
            late = await client[name]["outbox"].count_documents(
                {"_id": {"$lt": first_id(before)}}, limit=1000, maxTimeMS=LIMIT_MS
            )
            if late:
                said = f"{late} fait(s) enregistrés et non publiés depuis {minutes()}"
                opinions.append(Opinion(name, False, said, "redémarrez ce service"))
    return opinions or [Opinion("faits à publier", True, "aucun en retard")]


async def stuck(servers: Servers, client: Client) -> list[Opinion]:
    """Deposits that nobody has read, mails that have not left."""
    now = datetime.now(UTC)
    deposits = await client[f"{servers.database}_ingest"]["deposits"].count_documents(
        {
            "_id": {"$gt": first_id(now - LOOKED_BACK), "$lt": first_id(now - PATIENCE)},
            "state": {"$in": ["RECEIVED", "READING"]},
            "open": {"$exists": False},
        },
        maxTimeMS=LIMIT_MS,
    )
    mails = await client[f"{servers.database}_notifications"]["deliveries"].count_documents(
        {"state": "DUE", "due_at": {"$lt": now - PATIENCE}}, maxTimeMS=LIMIT_MS
    )
    return [
        Opinion(
            "dépôts",
            not deposits,
            f"{deposits} non lu(s) depuis {minutes()}",
            "voyez chorale dlq list, puis les journaux d'ingest",
        ),
        Opinion(
            "courriels",
            not mails,
            f"{mails} en retard de {minutes()}",
            "vérifiez CHORALE_SMTP_HOST et les journaux de notifications",
        ),
    ]


async def rabbitmq(servers: Servers, client: Client) -> list[Opinion]:
    """No alarm; every handler is heard; nothing is set aside, nothing piles up."""
    opinions = []
    try:
        await ask(servers, "GET", "/health/checks/alarms")
        opinions.append(Opinion("RabbitMQ", True, "sans alarme"))
    except aiohttp.ClientResponseError:
        opinions.append(
            Opinion("RabbitMQ", False, "alarme de mémoire ou de disque", "rabbitmqctl alarms")
        )
    found = {row["name"]: row for row in await queues(servers, "facts")}
    async with await aio_pika.connect(servers.amqp_url, timeout=5) as connection:
        channel = await connection.channel()
        for name in found.keys() & set(handlers()):
            declared = await channel.declare_queue(name, passive=True)
            found[name]["consumers"] = declared.declaration_result.consumer_count
    opinions += [opinion for name in handlers() for opinion in of_queue(name, found)]
    if all(opinion.well for opinion in opinions):
        opinions.append(Opinion("files", True, f"{len(handlers())} écoutées, aucun rebut"))
    return opinions


def of_queue(name: str, found: dict[str, Any]) -> Iterator[Opinion]:
    """What is wrong with the queue of a handler."""
    queue, dead = found.get(name), found.get(f"{name}.dead", {})
    if queue is None or not queue.get("consumers"):
        service = name.partition(".")[0]
        yield Opinion(name, False, "personne n'écoute", f"démarrez {service}")
    if queue and (waiting := queue.get("messages_ready", 0)) > BACKLOG:
        yield Opinion(name, False, f"{waiting} messages attendent", "ajoutez des répliques")
    if set_aside := dead.get("messages", 0):
        yield Opinion(name, False, f"{set_aside} au rebut", f"chorale dlq show {name}")


CHECKS: dict[str, Look] = {
    "MongoDB": mongodb,
    "faits à publier": untold,
    "dépôts et courriels": stuck,
    "RabbitMQ": rabbitmq,
}


def first_id(at: datetime) -> str:
    """The least identifier that can have been made at an instant (UUIDv7 begins with it)."""
    digits = f"{int(at.timestamp() * 1000):012x}"
    return f"{digits[:8]}-{digits[8:]}-7000-8000-000000000000"


def minutes() -> str:
    """The patience, in words."""
    return f"plus de {PATIENCE.total_seconds() / 60:.0f} minutes"
