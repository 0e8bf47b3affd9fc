"""The kernel without a service: one outbox, one relay, one listener, on real servers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aio_pika

from shared import clock, mongo, outbox
from shared.broker import Broker
from shared.context import Context
from shared.contracts.notifications import DeliveryDue
from shared.files import Files
from shared.listener import Listener
from shared.outbox import Change, Outbox
from shared.parcel import Fact, Parcel, pack
from shared.relay import Relay
from shared.service import on

DONE = "done"


@dataclass
class Kernel:
    """What a test holds."""

    db: mongo.Database
    files: mongo.Database
    outbox: Outbox
    relay: Relay
    broker: Broker
    amqp_url: str
    service: str = "test"
    listeners: list[Listener] = field(default_factory=list)

    async def hear(self, handler: Any) -> str:
        """Hear DeliveryDue with a handler; returns the queue's name."""
        listener = Listener(
            self.service, on(DeliveryDue, handler), self.broker, self.outbox, self._context, 200
        )
        self.listeners.append(listener)
        await listener.start()
        return listener.queue

    def _context(self, message_id: str) -> Context[Any, Any]:
        return Context(self.db, None, clock.now(), Files(self.files), message_id)

    async def count(self, collection: str = DONE) -> int:
        """How many documents there are."""
        return int(await self.db[collection].count_documents({}))

    async def until(self, holds: Callable[[], Any], limit: float = 30.0) -> None:
        """Wait until something holds. Raises TimeoutError."""
        async with asyncio.timeout(limit):
            while not await holds():
                await asyncio.sleep(0.02)

    async def publish(self, facts: list[Fact], queue: str, together: int = 50) -> None:
        """Put facts into a queue, as many in a parcel as asked for."""
        parcels = [
            Parcel("", (queue,), pack(facts[i : i + together]), clock.new_id())
            for i in range(0, len(facts), together)
        ]
        assert not any(await self.broker.publish(parcels))

    async def depth(self, queue: str) -> int:
        """How many messages wait in a queue."""
        connection = await aio_pika.connect(self.amqp_url)
        async with connection:
            channel = await connection.channel()
            declared = await channel.declare_queue(queue, passive=True)
            return declared.declaration_result.message_count or 0

    async def take(self, queue: str) -> aio_pika.abc.AbstractIncomingMessage:
        """The next message of a queue."""
        connection = await aio_pika.connect(self.amqp_url)
        async with connection:
            channel = await connection.channel()
            heard = await channel.get_queue(queue, ensure=False)
            message = await heard.get(timeout=10, no_ack=True)
            assert message is not None
            return message


@asynccontextmanager
async def kernel(
    mongo_server: Any, broker_server: Any, amqp_url: str | None = None, service: str = "test"
) -> AsyncIterator[Kernel]:
    """A kernel on the session's servers, stopped gracefully afterwards."""
    client = mongo.connect(mongo_server.url)
    db = mongo.Database(client, f"{mongo_server.database}_kernel")
    files = mongo.Database(client, f"{mongo_server.database}_files")
    await db.ensure([DONE, "made", "inbox", "outbox"])
    await db.prepare(outbox.INDEXES)
    await files.ensure(["files"])
    broker = Broker(amqp_url or broker_server.url, "test")
    await broker.connect()
    await broker.declare_exchanges()
    relay = Relay(db, broker, None)
    made = Kernel(
        db, files, Outbox(db, files, relay, 200), relay, broker, broker_server.url, service
    )
    tasks = [asyncio.create_task(relay.run()), asyncio.create_task(relay.sweep())]
    try:
        yield made
    finally:
        await broker.silence()
        for listener in made.listeners:
            await listener.finish()
        await relay.drain(3)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await broker.close()
        client.close()


def facts(count: int) -> list[Fact]:
    """So many different facts."""
    return [Fact(clock.new_id(), DeliveryDue.TOPIC, {"delivery_id": f"d{n}"}) for n in range(count)]


async def save_it(due: DeliveryDue, context: Any) -> Change:
    """Save what was heard; a second effect of the same fact would show as a second document."""
    return Change([mongo.Insert(DONE, {"_id": context.new_id(), "what": due.delivery_id})])
