"""Processes that start at once make the same queues."""

import asyncio
from typing import Any

import aio_pika

from shared.broker import Broker
from shared.contracts.notifications import DeliveryDue
from shared.parcel import Fact, pack
from shared.wire import Delivery
from tests.component.proxy import Proxy


async def test_many_processes_declare_the_same_queues_at_the_same_moment(broker: Any) -> None:
    links = [Broker(broker.url, f"replica-{n}") for n in range(6)]
    names = [f"test.queue-{n}" for n in range(12)]

    async def start(link: Broker) -> None:
        await link.connect()
        await link.declare_exchanges()
        for name in names:
            await link.declare_queue(name, [DeliveryDue.TOPIC])

    try:
        await asyncio.gather(*(start(link) for link in links))
        made = {queue["name"] for queue in broker.call("GET", f"/queues/{broker.vhost}")}
        assert made >= {*names, *(f"{name}.dead" for name in names)}
    finally:
        await asyncio.gather(*(link.close() for link in links))


async def test_a_link_that_breaks_while_a_queue_begins_to_be_heard_hears_it_later(
    broker: Any,
) -> None:
    came = asyncio.Event()

    async def receive(delivery: Delivery) -> None:
        await delivery.ack()
        came.set()

    async with Proxy(broker.url) as wire:
        link = Broker(wire.url, "unlucky")
        await link.connect()
        try:
            await link.declare_exchanges()
            await link.declare_queue("test.heard", [DeliveryDue.TOPIC])
            hearing = asyncio.create_task(link.consume("test.heard", 8, receive))
            await asyncio.sleep(0)
            wire.cut()
            await hearing
            assert wire.cuts
            async with await aio_pika.connect(broker.url) as other:
                channel = await other.channel()
                body = pack([Fact("1", DeliveryDue.TOPIC, {"delivery_id": "d"})])
                await channel.default_exchange.publish(aio_pika.Message(body), "test.heard")
            await asyncio.wait_for(came.wait(), 20)
        finally:
            await link.close()


async def test_a_link_that_breaks_while_queues_are_declared_is_made_anew(broker: Any) -> None:
    async with Proxy(broker.url) as wire:
        link = Broker(wire.url, "unlucky")
        await link.connect()
        try:
            declaring = asyncio.create_task(link.declare_exchanges())
            await asyncio.sleep(0.002)
            wire.cut()
            await declaring
            await link.declare_queue("test.late", [DeliveryDue.TOPIC])
            assert wire.cuts
            queues = broker.call("GET", f"/queues/{broker.vhost}")
            assert {"test.late", "test.late.dead"} <= {queue["name"] for queue in queues}
        finally:
            await link.close()
