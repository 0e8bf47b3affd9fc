"""What a broker holds: accounts and queues of partners, and every fact and event on its way.

Databases are copied at one instant, and what was in queues at that instant must come along, or an
invoice would stop for ever. So from before that instant on, everything published is copied by a
queue of our own, and what waits already is looked at and given back. What a service has in hand
while we look cannot be seen: the instant comes only when that is done with. Some messages will have
been handled by then: put back, they have no second effect, since the inbox marks are in the
databases, and partners know events by their id.
"""

import asyncio
import gzip
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aio_pika
import aiohttp
import orjson
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from yarl import URL

from deploy.backup.servers import Servers

ALL = "chorale-backup"
PARTNER = "partner."
EXCHANGES = {
    "facts": ("facts", "dead", *(f"retry.{seconds}s" for seconds in (10, 60, 600))),
    "partners": ("public",),
}
MESSAGES = "messages.jsonl.gz"
DEFINITIONS = "definitions.json"
SECONDS = 30.0
FRESH, LONGEST = 6.0, 180.0
"""Seconds after which the broker's counts are new, and in which any message is dealt with."""


@dataclass(slots=True)
class OnTheWay:
    """The messages of the queues, each once, by the virtual host and queue where they wait."""

    found: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)

    def add(self, where: str, queue: str, message: AbstractIncomingMessage) -> None:
        """Keep a message."""
        self.found[where, queue, message.message_id or str(len(self.found))] = {
            "where": where,
            "queue": queue,
            "exchange": message.exchange,
            "key": message.routing_key,
            "id": message.message_id,
            "type": message.content_type,
            "headers": {k: v for k, v in message.headers.items() if not k.startswith("x-d")},
            "body": message.body.decode(),
        }

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.found.values())


@asynccontextmanager
async def watched(servers: Servers) -> AsyncIterator[OnTheWay]:
    """Copy what is published from now on and what waits now; complete when the block ends."""
    urls = {"facts": servers.amqp_url, "partners": servers.partner_amqp_url}
    on_the_way = OnTheWay()
    for where, url in urls.items():
        async with await aio_pika.connect(url, timeout=SECONDS) as connection:
            channel = await connection.channel()
            copies = await channel.declare_queue(ALL, durable=True)
            await copies.purge()
            for exchange in EXCHANGES[where]:
                await copies.bind(exchange, "#")
    try:
        for where, url in urls.items():
            await _look(servers, where, url, on_the_way)
        await _done_with(servers)
        yield on_the_way
        for where, url in urls.items():
            await _copies(where, url, on_the_way)
    finally:
        for url in urls.values():
            async with await aio_pika.connect(url, timeout=SECONDS) as connection:
                await (await connection.channel()).queue_delete(ALL)


async def _look(servers: Servers, where: str, url: str, on_the_way: OnTheWay) -> None:
    """See what waits in every queue; it goes back when the connection ends."""
    for queue in await queues(servers, where):
        async with await aio_pika.connect(url, timeout=SECONDS) as connection:
            channel = await connection.channel()
            waiting = await channel.get_queue(queue["name"], ensure=False)
            while queue["name"] != ALL and (message := await waiting.get(fail=False)):
                on_the_way.add(where, queue["name"], message)


async def _done_with(servers: Servers) -> None:
    """Wait until nothing is in hand that was when we looked, or longer than anything may take."""
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        await asyncio.sleep(FRESH)
        if not any(row["messages_unacknowledged"] for row in await queues(servers, "facts")):
            return


async def _copies(where: str, url: str, on_the_way: OnTheWay) -> None:
    async with await aio_pika.connect(url, timeout=SECONDS) as connection:
        channel = await connection.channel()
        copies = await channel.get_queue(ALL, ensure=False)
        while message := await copies.get(fail=False, no_ack=True):
            on_the_way.add(where, "", message)


async def save(servers: Servers, on_the_way: OnTheWay, folder: Path) -> int:
    """Write accounts, queues and messages; returns how many messages there are."""
    folder.mkdir(parents=True)
    everybody = await ask(servers, "GET", "/definitions")
    partners = servers.vhosts["partners"]
    definitions: dict[str, Any] = {
        where: _own(await ask(servers, "GET", f"/definitions/{vhost}"))
        for where, vhost in servers.vhosts.items()
    }
    definitions["users"] = [u for u in everybody["users"] if u["name"].startswith(PARTNER)]
    definitions["permissions"] = [
        row
        for row in everybody["permissions"]
        if row["user"].startswith(PARTNER) and quote(row["vhost"], "") == partners
    ]
    (folder / DEFINITIONS).write_bytes(orjson.dumps(definitions))
    count = 0
    with gzip.open(folder / MESSAGES, "wb") as packed:
        for message in on_the_way:
            packed.write(orjson.dumps(message, default=str) + b"\n")
            count += 1
    return count


def _own(definitions: dict[str, Any]) -> dict[str, Any]:
    """What a virtual host holds, without the queue of this backup."""
    return {
        "exchanges": definitions["exchanges"],
        "queues": [queue for queue in definitions["queues"] if queue["name"] != ALL],
        "bindings": [bound for bound in definitions["bindings"] if bound["destination"] != ALL],
    }


async def fill(servers: Servers, folder: Path) -> int:
    """Make accounts and queues again and publish every message; returns how many."""
    definitions = orjson.loads((folder / DEFINITIONS).read_bytes())
    for user in definitions["users"]:
        await ask(servers, "PUT", f"/users/{quote(user['name'], '')}", user)
    for row in definitions["permissions"]:
        path = f"/permissions/{servers.vhosts['partners']}/{quote(row['user'], '')}"
        await ask(servers, "PUT", path, row)
    for where, vhost in servers.vhosts.items():
        await ask(servers, "POST", f"/definitions/{vhost}", definitions[where])
    return await _publish(servers, folder)


async def _publish(servers: Servers, folder: Path) -> int:
    count = 0
    async with (
        await aio_pika.connect(servers.amqp_url, timeout=SECONDS) as facts,
        await aio_pika.connect(servers.partner_amqp_url, timeout=SECONDS) as partners,
    ):
        channels = {"facts": await facts.channel(), "partners": await partners.channel()}
        with gzip.open(folder / MESSAGES, "rb") as packed:
            for line in packed:
                message = orjson.loads(line)
                await _again(channels[message["where"]], message)
                count += 1
    return count


async def _again(channel: AbstractChannel, message: dict[str, Any]) -> None:
    """To the queue where it waited, or as it was published."""
    again = aio_pika.Message(
        message["body"].encode(),
        message_id=message["id"],
        content_type=message["type"],
        headers=message["headers"],
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        app_id="chorale",
    )
    if message["queue"]:
        await channel.declare_queue(message["queue"], passive=True)
        await channel.default_exchange.publish(again, message["queue"], timeout=SECONDS)
        return
    exchange = await channel.get_exchange(message["exchange"], ensure=False)
    await exchange.publish(again, message["key"], mandatory=False, timeout=SECONDS)


async def queues(servers: Servers, where: str) -> list[dict[str, Any]]:
    """The queues of a virtual host with how many messages each has, ready and in hand."""
    totals = "disable_stats=true&enable_queue_totals=true"
    found: list[dict[str, Any]] = await ask(
        servers, "GET", f"/queues/{servers.vhosts[where]}?{totals}"
    )
    return found


async def ask(servers: Servers, method: str, path: str, body: object = None) -> Any:
    """The broker's HTTP API. Raises aiohttp.ClientResponseError."""
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    async with (
        aiohttp.ClientSession(timeout=timeout, raise_for_status=True) as session,
        session.request(
            method, URL(servers.rabbitmq_api_url + path, encoded=True), json=body
        ) as answer,
    ):
        return await answer.json() if answer.content_type == "application/json" else None
