"""`chorale dlq`: see messages that were set aside, put them back, or give them up with a reason."""

import asyncio
import importlib
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import aio_pika
import orjson
import typer
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aio_pika.exceptions import AMQPException, ChannelNotFoundEntity

from deploy.local import stack
from deploy.local.place import ROOT, CannotStart, Place

LIMIT = 100
UNREACHABLE = 3
app = typer.Typer(no_args_is_help=True, help="Les messages mis de côté.")

Queue = Annotated[str, typer.Argument(help="La file, par exemple ingest.read_deposit.")]
Id = Annotated[str | None, typer.Option(help="Un seul message ; sans cette option, tous.")]


@app.command("list", help="Compter les messages mis de côté, par file.")
def count() -> None:
    """A line for each queue that has some."""

    async def work(channel: AbstractChannel) -> None:
        for queue in queues():
            if waiting := await depth(channel, f"{queue}.dead"):
                typer.echo(f"{waiting:6}  {queue}")

    run(work)


@app.command(help="Montrer les messages d'une file et pourquoi ils y sont.")
def show(queue: Queue) -> None:
    """One JSON object a message; nothing is moved."""

    async def work(channel: AbstractChannel) -> None:
        async for message in taken(channel, queue):
            typer.echo(orjson.dumps(described(message)))

    run(work)


@app.command(help="Remettre des messages dans leur file ; chacun n'aura d'effet qu'une fois.")
def requeue(queue: Queue, id: Id = None) -> None:
    """Publish with confirm, and only then take it out."""

    async def work(channel: AbstractChannel) -> None:
        moved = 0
        async for message in taken(channel, queue):
            if id in (None, message.message_id):
                again = aio_pika.Message(
                    message.body,
                    message_id=message.message_id,
                    delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                )
                await channel.default_exchange.publish(again, queue)
                await message.ack()
                moved += 1
        typer.echo(f"{moved} message(s) remis dans {queue}")

    run(work)


@app.command(help="Abandonner des messages, avec la raison ; ils sont écrits sur la sortie.")
def discard(
    queue: Queue,
    reason: Annotated[str, typer.Option(help="Pourquoi ils sont abandonnés.")],
    id: Id = None,
) -> None:
    """Write what is given up, so that it may be kept, and take it out."""

    async def work(channel: AbstractChannel) -> None:
        async for message in taken(channel, queue):
            if id in (None, message.message_id):
                typer.echo(orjson.dumps({**described(message), "discarded_because": reason}))
                await message.ack()

    run(work)


def queues() -> list[str]:
    """The queue of every handler of every service."""
    declared = [
        importlib.import_module(f"services.{row.name}.main").SERVICE for row in stack.SERVICES
    ]
    return [f"{s.name}.{heard.handler.__name__}" for s in declared for heard in s.listens]


def described(message: AbstractIncomingMessage) -> dict[str, Any]:
    """What an operator needs to know of a message."""
    try:
        facts: Any = orjson.loads(message.body)
    except ValueError:
        facts = message.body[:500].decode("utf-8", "replace")
    reason = message.headers.get("x-reason") or message.headers.get("x-first-death-reason")
    return {"id": message.message_id, "reason": str(reason), "facts": facts}


async def depth(channel: AbstractChannel, name: str) -> int:
    """How many messages wait; none where the queue was never made."""
    try:
        queue = await channel.get_queue(name)
    except ChannelNotFoundEntity:
        await channel.reopen()
        return 0
    return queue.declaration_result.message_count or 0


async def taken(channel: AbstractChannel, queue: str) -> AsyncIterator[AbstractIncomingMessage]:
    """Up to `LIMIT` messages; those not acknowledged go back when the connection ends."""
    name = f"{queue}.dead"
    waiting = min(await depth(channel, name), LIMIT)
    dead = await channel.get_queue(name, ensure=False)
    for _ in range(waiting):
        if (message := await dead.get(fail=False)) is not None:
            yield message


@asynccontextmanager
async def connected() -> AsyncIterator[AbstractChannel]:
    """The broker of CHORALE_AMQP_URL, else that of the local stack."""
    url = os.environ.get("CHORALE_AMQP_URL")
    if url is None:
        place = Place(ROOT / ".local")
        place.prepare(())
        if "rabbitmq" not in place.ports:
            raise CannotStart("no broker: set CHORALE_AMQP_URL, or run make up")
        url = stack.amqp_url(place)
    async with await aio_pika.connect(url, timeout=10) as connection:
        yield await connection.channel(publisher_confirms=True, on_return_raises=True)


def run(work: Any) -> None:
    """Do it, or say in one line why it cannot be done."""

    async def through() -> None:
        async with connected() as channel:
            await work(channel)

    for chatty in ("aiormq", "aio_pika"):
        logging.getLogger(chatty).setLevel(logging.CRITICAL)
    try:
        asyncio.run(through())
    except (OSError, AMQPException, TimeoutError, CannotStart) as error:
        typer.echo(f"courtier injoignable : {error}", err=True)
        raise typer.Exit(UNREACHABLE) from None
