"""A service as a process, between real servers; its neighbours are played by the test."""

import asyncio
import inspect
import os
import signal
import sys
import time
import warnings
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aio_pika
import aiohttp
import orjson
from aiohttp import web
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import OKPKey
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pymongo.read_concern import ReadConcern

from shared.clock import new_id
from shared.contracts.message import Message
from shared.parcel import FACTS, PARCEL, PUBLIC, Fact, pack, unpack
from tests.component.house import me_of
from tests.conftest import Broker, Mongo
from tests.processes import free_port

MAJORITY = ReadConcern("majority")
"""What the service itself sees."""
PATIENCE = 30.0
"""Seconds that anything may take."""


@dataclass
class House:
    """The service under test, seen from outside: its API, its messages, its collections."""

    http: aiohttp.ClientSession
    db: AsyncIOMotorDatabase[dict[str, Any]]
    files: AsyncIOMotorDatabase[dict[str, Any]]
    facts: aio_pika.abc.AbstractExchange
    issuer: str
    key: OKPKey
    pid: int
    told: list[Fact] = field(default_factory=list)
    events: list[tuple[aio_pika.abc.AbstractIncomingMessage, dict[str, Any]]] = field(
        default_factory=list
    )

    def token(
        self,
        *structures: str,
        realm: str = "live",
        subject: str = "person-1",
        grants: list[dict[str, Any]] | None = None,
        kind: str = "person",
        email: str | None = None,
    ) -> dict[str, str]:
        """The header of somebody who belongs to these structures, with all rights or some."""
        claims = {
            "iss": self.issuer,
            "aud": "chorale",
            "sub": subject,
            "kind": kind,
            "email": email,
            "realm": realm,
            "structures": list(structures),
            "exp": int(time.time()) + 600,
            **({} if grants is None else {"grants": grants}),
        }
        header = {"alg": "EdDSA", "typ": "at+jwt", "kid": self.key.kid}
        with warnings.catch_warnings(category=SecurityWarning, action="ignore"):
            token = jwt.encode(header, claims, self.key, algorithms=["EdDSA"])
        return {"Authorization": f"Bearer {token}"}

    async def hear(self, *facts: Fact) -> None:
        """Deliver facts, in parcels and in this order."""
        for start in range(0, len(facts), PARCEL):
            several = facts[start : start + PARCEL]
            assert len({fact.topic for fact in several}) == 1
            await self.facts.publish(aio_pika.Message(pack(several)), several[0].topic)

    async def learn(self, *messages: Message) -> None:
        """Deliver messages."""
        await self.hear(*(fact(message) for message in messages))

    def of(self, message: type[Message]) -> list[Any]:
        """What the service told, of one kind."""
        return [message.model_validate(f.body) for f in self.told if f.topic == message.TOPIC]

    async def until(self, holds: Callable[[], Any], what: str) -> None:
        """Wait until something holds."""
        deadline = time.monotonic() + PATIENCE
        while True:
            result = holds()
            if inspect.isawaitable(result):
                result = await result
            if result:
                return
            assert time.monotonic() < deadline, f"not within {PATIENCE:.0f} s: {what}"
            await asyncio.sleep(0.02)

    async def quiet(self, seconds: float = 0.5) -> None:
        """Wait until nothing more is told."""
        seen = -1
        while seen != len(self.told) + len(self.events) or await self.db["outbox"].count_documents(
            {}
        ):
            seen = len(self.told) + len(self.events)
            await asyncio.sleep(seconds)


def fact(message: Message) -> Fact:
    """A message as a fact with an id of its own."""
    return Fact(new_id(), message.TOPIC, message.model_dump(mode="json"))


@asynccontextmanager
async def house(
    name: str, mongo: Mongo, broker: Broker, **environment: str
) -> AsyncIterator[House]:
    """Start a service, wait until it is ready, and stop it at the end."""
    key = OKPKey.generate_key("Ed25519", auto_kid=True)
    accounts = web.Application()

    async def jwks(_: web.Request) -> web.Response:
        return web.json_response({"keys": [key.as_dict(private=False)]})

    async def me(request: web.Request) -> web.Response:
        return web.json_response(me_of(request.headers["Authorization"]))

    async def changes(_: web.Request) -> web.Response:
        return web.json_response({"items": []})

    accounts.router.add_get("/oauth2/jwks", jwks)
    accounts.router.add_get("/oauth2/rights-changes", changes)
    accounts.router.add_get("/v1/me", me)
    runner = web.AppRunner(accounts)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    issuer = f"http://127.0.0.1:{runner.addresses[0][1]}"
    port = free_port()
    told: list[Fact] = []
    events: list[tuple[aio_pika.abc.AbstractIncomingMessage, dict[str, Any]]] = []

    async def on_fact(message: aio_pika.abc.AbstractIncomingMessage) -> None:
        told.extend(unpack(message.body))

    async def on_event(message: aio_pika.abc.AbstractIncomingMessage) -> None:
        events.append((message, orjson.loads(message.body)))

    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongo.url, tz_aware=True)
    inside = await aio_pika.connect(broker.url)
    outside = await aio_pika.connect(broker.partner_url)
    try:
        facts = await _listen(inside, FACTS, [f"{name}.#"], on_fact)
        await _listen(outside, PUBLIC, ["#"], on_event)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            f"services.{name}.main",
            env={
                **os.environ,
                "CHORALE_MONGO_URL": mongo.url,
                "CHORALE_DATABASE": mongo.database,
                "CHORALE_AMQP_URL": broker.url,
                "CHORALE_PARTNER_AMQP_URL": broker.partner_url,
                "CHORALE_PORT": str(port),
                "CHORALE_PUBLIC_URL": issuer,
                "CHORALE_ACCOUNTS_URL": issuer,
                **environment,
            },
        )
        try:
            async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
                inhabited = House(
                    http,
                    client.get_database(f"{mongo.database}_{name}", read_concern=MAJORITY),
                    client[f"{mongo.database}_files"],
                    facts,
                    issuer,
                    key,
                    process.pid,
                    told,
                    events,
                )
                await inhabited.until(lambda: _ready(http), f"{name} is ready")
                yield inhabited
        finally:
            await _stop(process)
    finally:
        await inside.close()
        await outside.close()
        client.close()
        await runner.cleanup()


async def _listen(
    connection: aio_pika.abc.AbstractConnection,
    exchange_name: str,
    keys: Iterable[str],
    receive: Callable[[aio_pika.abc.AbstractIncomingMessage], Any],
) -> aio_pika.abc.AbstractExchange:
    """Hear what is published to an exchange, from now on."""
    channel = await connection.channel()
    exchange = await channel.declare_exchange(
        exchange_name, aio_pika.ExchangeType.TOPIC, durable=True
    )
    queue = await channel.declare_queue(exclusive=True)
    for key in keys:
        await queue.bind(exchange, key)
    await queue.consume(receive, no_ack=True)
    return exchange


async def _ready(http: aiohttp.ClientSession) -> bool:
    try:
        async with http.get("/readyz") as answer:
            return answer.status == 200
    except aiohttp.ClientConnectionError:
        return False


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), 15)
    except asyncio.TimeoutError:
        process.kill()
        await process.wait()
        raise
