"""`chorale backup DIR` and `chorale restore DIR`."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import aiohttp
import typer
from aio_pika.exceptions import AMQPException
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.backup import broker, database
from deploy.backup.servers import Servers, chosen, of_environment, of_place
from deploy.local import daemon
from deploy.local.handle import Stack
from deploy.local.place import ROOT, CannotStart

MANIFEST = "manifest.json"
FORM = 1
Fault = (CannotStart, PyMongoError, AMQPException, aiohttp.ClientError, OSError, ValueError)
To = Annotated[Path, typer.Argument(help="Le dossier à écrire ; il ne doit pas exister.")]
From = Annotated[Path, typer.Argument(exists=True, file_okay=False, help="La sauvegarde.")]


def backup(folder: To) -> None:
    """Save the servers that CHORALE_… names, else the running stack of `make up`."""
    with _said():
        servers = chosen()
        manifest = save(servers, folder)
        typer.echo(
            f"{sum(manifest['documents'].values())} documents au {manifest['at']}"
            f" et {manifest['messages']} messages dans {folder}"
        )


def restore(folder: From) -> None:
    """Fill empty servers: those that CHORALE_… names, else those of `make up`, stopped before."""
    with _said():
        check(folder)
        if servers := of_environment():
            fill(servers, folder)
        else:
            place = ROOT / ".local"
            if daemon.is_running(place):
                raise CannotStart("la plateforme tourne : make down, puis de nouveau")
            with Stack(place, only=("mongod", "rabbitmq")) as stopped:
                fill(of_place(stopped.place), folder)
        typer.echo(f"Restauré depuis {folder} : make up")


def save(servers: Servers, folder: Path) -> dict[str, Any]:
    """Write everything beside and rename it at the end; returns the manifest."""
    if folder.exists():
        raise CannotStart(f"{folder} existe déjà")
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True, mode=0o700)
    manifest = asyncio.run(_save(servers, partial))
    manifest["sha256"] = dict(_digests(partial))
    (partial / MANIFEST).write_text(json.dumps(manifest, indent=1))
    partial.rename(folder)
    return manifest


async def _save(servers: Servers, folder: Path) -> dict[str, Any]:
    async with broker.watched(servers) as on_the_way:
        with MongoClient[Any](servers.mongo_url) as client:
            counts, at = await asyncio.to_thread(
                database.save, client, servers.database, folder / "mongodb"
            )
    messages = await broker.save(servers, on_the_way, folder / "rabbitmq")
    made = datetime.now(UTC).isoformat()
    return {
        "form": FORM,
        "at": at.isoformat(),
        "made": made,
        "documents": counts,
        "messages": messages,
    }


def check(folder: Path) -> None:
    """Every file is as it was written. Raises CannotStart with the first that is not."""
    path = folder / MANIFEST
    if not path.exists():
        raise CannotStart(f"{folder} n'est pas une sauvegarde complète : {MANIFEST} manque")
    manifest = json.loads(path.read_text())
    if manifest["form"] != FORM:
        raise CannotStart(f"la forme {manifest['form']} de cette sauvegarde est inconnue")
    found = dict(_digests(folder))
    for name in sorted(found.keys() | manifest["sha256"].keys()):
        if found.get(name) != manifest["sha256"].get(name):
            raise CannotStart(f"{name} n'est plus tel qu'il a été sauvegardé")


def fill(servers: Servers, folder: Path) -> None:
    """Fill empty servers. Raises CannotStart when they hold something already."""
    manifest = json.loads((folder / MANIFEST).read_text())
    with MongoClient[Any](servers.mongo_url) as client:
        if there := database.ours(client, servers.database):
            raise CannotStart(f"le serveur n'est pas vide : {', '.join(there)}")
        counts = database.fill(client, servers.database, folder / "mongodb")
    if counts != manifest["documents"]:
        wrong = [n for n in manifest["documents"] if counts.get(n) != manifest["documents"][n]]
        raise CannotStart(f"ne sont pas restaurés entièrement : {', '.join(wrong)}")
    asyncio.run(broker.fill(servers, folder / "rabbitmq"))


def _digests(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != MANIFEST:
            yield str(path.relative_to(folder)), database.digest(path)


@contextmanager
def _said() -> Iterator[None]:
    """A fault is one line and the status 1."""
    try:
        yield
    except Fault as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
