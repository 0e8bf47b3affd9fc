"""A service is declared; `run` connects, declares, hears, serves and stops gracefully."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Any, Generic

import uvloop
from aiohttp import web
from typing_extensions import TypeVar

from shared import clock, logs, memory, mongo, outbox
from shared.auth import Claims, Identity, Verifier
from shared.broker import Broker
from shared.context import A, Context, S
from shared.contracts.message import Message
from shared.files import Files
from shared.limits import Buckets
from shared.listener import PREFETCH, Handler, Listener, Subscription
from shared.outbox import Outbox
from shared.relay import Relay
from shared.settings import Settings
from shared.standing import Standings
from shared.web import Route, Site, listen

__all__ = ["Context", "Service", "Subscription", "on", "run"]
C = TypeVar("C", bound=Settings)
M = TypeVar("M", bound=Message)


@dataclass(frozen=True)
class Service(Generic[C, S, A]):
    """What a service is: settings, store, adapters, what it hears and what it serves."""

    name: str
    settings: type[C]
    store: Callable[[mongo.Database], S]
    adapters: Callable[[C, AsyncExitStack], Awaitable[A]] | None = None
    listens: Sequence[Subscription] = ()
    routes: Sequence[Route] = ()
    indexes: Sequence[mongo.Index] = ()
    collections: Sequence[str] = ()
    start: Callable[["Running[C, S, A]"], Coroutine[Any, Any, None]] | None = None
    """What is done once, when everything is connected."""
    standing: Callable[[S, Claims], Awaitable[Identity]] | None = None
    """How this service itself finds what a token's subject may do; others ask accounts."""
    hears: Callable[[C, Subscription], bool] | None = None
    """Which of its queues a process with these settings hears; all, unless this is given."""
    background: Sequence[Callable[["Running[C, S, A]"], Coroutine[Any, Any, None]]] = ()
    """What goes on beside, for ever; each deals with its own faults."""


@dataclass(frozen=True)
class Running(Generic[C, S, A]):
    """A service that is connected."""

    settings: C
    store: S
    adapters: A
    files: Files
    outbox: Outbox

    def context(self, message_id: str = "") -> Context[S, A]:
        """The surroundings of something that happens now."""
        return Context(self.store, self.adapters, clock.now(), self.files, message_id)


def on(
    message: type[M],
    handler: Handler[M, S, A],
    *,
    batch: int | None = None,
    prefetch: int = PREFETCH,
) -> Subscription:
    """Hear a message with a handler; `batch` bounds how many are decided together.

    `prefetch` bounds how many parcels one process holds, and so how evenly processes share work.
    """
    return Subscription(message, handler, batch, prefetch)


def run(service: Service[Any, Any, Any]) -> None:
    """Run a service until it is told to stop."""
    settings = service.settings.read()
    logs.set_up(service.name, settings.log, settings.log_level)
    try:
        uvloop.run(_run(service, settings))
    except RuntimeError as error:
        logs.logger().error("cannot_start", reason=str(error))
        sys.exit(78)


async def _run(service: Service[Any, Any, Any], settings: Settings) -> None:
    log, stop = logs.logger(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    standings = Standings(settings.accounts_url)
    verifier = Verifier(settings.accounts_url, settings.public_url, standings.of)
    buckets = Buckets(settings.client_requests)
    site = Site(service.routes, verifier, buckets, max_body=64 * 1024 * 1024)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(standings.close)
        runner, port = await listen(site, settings.host, settings.port)
        stack.push_async_callback(runner.cleanup)
        started = asyncio.create_task(_start(service, settings, site, verifier, stack))
        stopping = asyncio.create_task(stop.wait())
        log.info("listening", host=settings.host, port=port)
        await asyncio.wait({started, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not started.done():
            started.cancel()
            with suppress(asyncio.CancelledError):
                await started
            return
        broker, listeners, relay, tasks = started.result()
        await asyncio.wait({stopping, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        log.info("stopping")
        await _stop(runner, broker, listeners, relay, tasks, settings.stop_seconds)
        log.info("stopped")


async def _start(
    service: Service[Any, Any, Any],
    settings: Settings,
    site: Site,
    verifier: Verifier,
    stack: AsyncExitStack,
) -> tuple[Broker, list[Listener], Relay, list[asyncio.Task[None]]]:
    client = mongo.connect(settings.mongo_url)
    stack.callback(client.close)
    await _patiently("mongodb", lambda: mongo.check(client))
    broker = await _broker(settings.amqp_url, service.name, stack)
    partners = None
    if settings.partner_amqp_url:
        partners = await _broker(settings.partner_amqp_url, f"{service.name}-partners", stack)
    db = mongo.Database(client, f"{settings.database}_{service.name}")
    files_db = mongo.Database(client, f"{settings.database}_files")
    await _patiently("collections", lambda: _prepare(service, db, files_db))
    relay = Relay(db, broker, partners)
    applied = Outbox(db, files_db, relay, settings.batch)
    adapters = await service.adapters(settings, stack) if service.adapters else None
    running = Running(settings, service.store(db), adapters, Files(files_db), applied)
    if (own := service.standing) is not None:
        verifier.standing = lambda claims, _: own(running.store, claims)
    if service.start:
        await service.start(running)
    await broker.declare_exchanges()
    listeners = [
        Listener(service.name, several, broker, applied, running.context, settings.batch)
        for several in service.listens
    ]
    for listener, several in zip(listeners, service.listens, strict=True):
        await listener.start(hear=service.hears is None or service.hears(settings, several))
    site.open = (running.context, applied)
    site.ready = lambda: _readiness(client, broker, partners)
    tasks = [asyncio.create_task(relay.run()), asyncio.create_task(relay.sweep())]
    tasks += [asyncio.create_task(beside(running)) for beside in service.background]
    memory.settle()
    logs.logger().info("ready")
    return broker, listeners, relay, tasks


async def _prepare(
    service: Service[Any, Any, Any], db: mongo.Database, files: mongo.Database
) -> None:
    await db.ensure(service.collections)
    await db.prepare([*service.indexes, *outbox.INDEXES])
    await files.ensure(["files"])


async def _broker(url: str, name: str, stack: AsyncExitStack) -> Broker:
    broker = Broker(url, name)
    await _patiently("rabbitmq", broker.connect)
    stack.push_async_callback(broker.close)
    return broker


async def _patiently(part: str, attempt: Callable[[], Awaitable[None]]) -> None:
    """Wait for a neighbour that is not up yet, however long; a wrong set-up ends the start."""
    pause = 0.2
    while True:
        try:
            await attempt()
            return
        except RuntimeError:
            raise
        except Exception as error:
            logs.logger().warning("waiting_for", part=part, error=repr(error)[:200])
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 3.0)


async def _readiness(
    client: mongo.Client, broker: Broker, partners: Broker | None
) -> dict[str, bool]:
    try:
        await asyncio.wait_for(client.admin.command("ping"), 2)
        database = True
    except (mongo.MongoError, asyncio.TimeoutError):
        database = False
    return {
        "mongodb": database,
        "rabbitmq": broker.connected and (partners is None or partners.connected),
    }


async def _stop(
    runner: web.AppRunner,
    broker: Broker,
    listeners: list[Listener],
    relay: Relay,
    tasks: list[asyncio.Task[None]],
    seconds: float,
) -> None:
    """Refuse new work, finish what is in hand, publish what was saved; the rest is given back."""
    await broker.silence()
    await runner.cleanup()
    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(
            asyncio.gather(*(listener.finish() for listener in listeners)), seconds
        )
    await relay.drain(seconds / 2)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
