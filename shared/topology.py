"""The exchanges and queues of the services: quorum queues, each with its dead letters."""

from collections.abc import Iterable

from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel

from shared.parcel import DEAD, FACTS, RETRY

DELIVERY_LIMIT = 20
SURELY = {
    "x-queue-type": "quorum",
    "x-dead-letter-strategy": "at-least-once",
    "x-overflow": "reject-publish",
}


async def exchanges(channel: AbstractChannel, tiers: Iterable[int]) -> None:
    """Declare the exchanges, and a retry queue for each number of seconds."""
    for name in (FACTS, DEAD):
        await channel.declare_exchange(name, ExchangeType.TOPIC, durable=True)
    for seconds in tiers:
        name = f"{RETRY}.{seconds}s"
        exchange = await channel.declare_exchange(name, ExchangeType.TOPIC, durable=True)
        waiting = await channel.declare_queue(
            name,
            durable=True,
            arguments={
                **SURELY,
                "x-message-ttl": seconds * 1000,
                "x-dead-letter-exchange": "",  # back to the queue that is its routing key
            },
        )
        await waiting.bind(exchange, "#")


async def queue(channel: AbstractChannel, name: str, topics: Iterable[str]) -> None:
    """Declare the queue of a handler, bound to its topics, and its dead-letter queue."""
    dead = await channel.declare_queue(
        f"{name}.dead", durable=True, arguments={"x-queue-type": "quorum"}
    )
    await dead.bind(DEAD, name)
    heard = await channel.declare_queue(
        name,
        durable=True,
        arguments={
            **SURELY,
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": DEAD,
            "x-dead-letter-routing-key": name,
        },
    )
    for topic in topics:
        await heard.bind(FACTS, topic)
