"""Consuming: poison stops itself and not its queue, and order or repetition does not matter."""

import asyncio
import random
from typing import Any

import aio_pika
import pytest

from shared import broker as amqp
from shared import mongo as database
from shared import parcel, relay
from shared.contracts.notifications import DeliveryDue
from shared.errors import Invalid, Unavailable
from shared.outbox import Change
from shared.parcel import Fact, Parcel, pack
from tests.component.kernel import facts, kernel, save_it
from tests.component.proxy import Proxy
from tests.component.test_outbox import reached


async def test_every_message_twice_and_in_any_order_works_once(mongo: Any, broker: Any) -> None:
    async with kernel(mongo, broker) as k:
        queue = await k.hear(save_it)
        twice = facts(500) * 2
        random.Random(1).shuffle(twice)
        await k.publish(twice, queue, together=7)
        await k.until(lambda: reached(k, 500))
        await k.until(lambda: drained(k, queue))
        assert await k.count() == 500
        assert len(await k.db["done"].distinct("what")) == 500


async def test_what_is_refused_is_set_aside_alone_with_its_reason(mongo: Any, broker: Any) -> None:
    async def picky(due: DeliveryDue, context: Any) -> Change:
        if due.delivery_id == "d500":
            raise Invalid("a bomb")
        return await save_it(due, context)

    async with kernel(mongo, broker) as k:
        queue = await k.hear(picky)
        await k.publish(facts(1000), queue)
        await k.until(lambda: reached(k, 999))
        await k.until(lambda: drained(k, queue))
        dead = await k.take(f"{queue}.dead")
        assert dead.headers["x-reason"] == "Invalid: a bomb"
        assert [fact.body["delivery_id"] for fact in parcel.unpack(dead.body)] == ["d500"]
        assert await k.count() == 999


async def test_what_fails_is_tried_again_later_and_then_set_aside(
    mongo: Any, broker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amqp, "TIERS", (1, 2, 3))
    tries = 0

    async def bomb(due: DeliveryDue, context: Any) -> Change:
        nonlocal tries
        tries += 1
        raise ZeroDivisionError("always")

    async with kernel(mongo, broker) as k:
        queue = await k.hear(bomb)
        await k.publish(facts(1), queue)
        await k.until(lambda: waits(k, f"{queue}.dead"))
        assert tries == 4
        assert "ZeroDivisionError: always" in str(
            (await k.take(f"{queue}.dead")).headers["x-reason"]
        )


async def test_an_outage_is_waited_out(
    mongo: Any, broker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amqp, "TIERS", (1, 2, 3))
    tries = 0

    async def slow_neighbour(due: DeliveryDue, context: Any) -> Change:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise Unavailable("not yet")
        return await save_it(due, context)

    async with kernel(mongo, broker) as k:
        queue = await k.hear(slow_neighbour)
        await k.publish(facts(1), queue)
        await k.until(lambda: reached(k, 1))
        assert tries == 3


async def test_a_conflict_is_decided_again_at_once_with_fresh_reads(
    mongo: Any, broker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amqp, "TIERS", (3600, 3601, 3602))  # a retry would come too late

    async def count_up(due: DeliveryDue, context: Any) -> Change:
        found = await context.store["made"].find_one({"_id": "counter"})
        n = found["n"] + 1
        document = {"_id": "counter", "n": n, "version": n}
        return Change([database.Replace("made", document, was=found["version"])])

    async with kernel(mongo, broker) as k:
        await k.outbox.apply(
            Change([database.Insert("made", {"_id": "counter", "n": 0, "version": 0})])
        )
        queue = await k.hear(count_up)
        for fact in facts(4):
            await k.publish([fact], queue)
        await k.until(lambda: counted(k, 4))


async def test_what_is_no_parcel_is_set_aside_and_the_queue_goes_on(
    mongo: Any, broker: Any
) -> None:
    async with kernel(mongo, broker) as k:
        queue = await k.hear(save_it)
        for body in (b"not json", b"[1]", b'{"id": 1}', pack([Fact("x", "t", {"wrong": 1})])):
            assert not any(await k.broker.publish([Parcel("", (queue,), body, "x")]))
        await k.publish(facts(2), queue)
        await k.until(lambda: reached(k, 2))
        await k.until(lambda: waits(k, f"{queue}.dead", 4))


async def test_a_parcel_that_keeps_coming_back_is_taken_apart(
    mongo: Any, broker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with kernel(mongo, broker) as k:
        await k.broker.declare_queue("test.save_it", [])
        await k.publish(facts(50), "test.save_it")
        connection = await aio_pika.connect(k.amqp_url)
        async with connection:  # three readers in a row die with it in hand
            channel = await connection.channel()
            queue = await channel.get_queue("test.save_it", ensure=False)
            for _ in range(3):
                message = await queue.get(timeout=10)
                assert message is not None
                await message.nack(requeue=True)
                await asyncio.sleep(0.2)
        seen = []

        async def note(due: DeliveryDue, context: Any) -> Change:
            seen.append(due.delivery_id)
            return await save_it(due, context)

        note.__name__ = "save_it"
        given_back = []

        async def apart(queue: str, facts: Any) -> None:
            given_back.append(len(facts))
            await type(k.broker).apart(k.broker, queue, facts)

        monkeypatch.setattr(k.broker, "apart", apart)
        await k.hear(note)
        await k.until(lambda: reached(k, 50))
        assert given_back == [50]
        assert sorted(seen) == sorted(f"d{n}" for n in range(50))


async def test_cut_connections_lose_nothing_and_double_nothing(
    mongo: Any, broker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "LEASE_SECONDS", 3)
    async with Proxy(broker.url) as wire, kernel(mongo, broker, wire.url) as k:
        await k.hear(save_it)
        for start in range(0, 3000, 100):
            changes = [
                Change([database.Insert("made", {"_id": n})], [DeliveryDue(delivery_id=str(n))])
                for n in range(start, start + 100)
            ]
            await asyncio.gather(*(k.outbox.apply(change) for change in changes))
            if start % 700 == 0:
                wire.cut()
            await asyncio.sleep(0.1)
        assert wire.cuts > 0, "no connection was cut: the test says nothing"
        await k.until(lambda: reached(k, 3000), 60)
        await asyncio.sleep(1)
        assert await k.count() == 3000
        assert len(await k.db["done"].distinct("what")) == 3000


async def test_a_wire_that_goes_silent_is_noticed_and_nothing_is_lost(
    mongo: Any, broker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "LEASE_SECONDS", 3)
    monkeypatch.setattr(amqp, "HEARTBEAT", 1)
    monkeypatch.setattr(amqp, "PUBLISH_SECONDS", 3)
    async with Proxy(broker.url) as wire, kernel(mongo, broker, wire.url) as k:
        await k.hear(save_it)
        wire.silence()
        await asyncio.gather(
            *(
                k.outbox.apply(
                    Change([database.Insert("made", {"_id": n})], [DeliveryDue(delivery_id=str(n))])
                )
                for n in range(200)
            )
        )
        await asyncio.sleep(10)
        assert not k.broker.connected, "nobody noticed"
        wire.heal()
        await k.until(lambda: reached(k, 200), 60)
        await asyncio.sleep(1)
        assert await k.count() == 200


async def drained(k: Any, queue: str) -> bool:
    return bool(await k.depth(queue) == 0)


async def waits(k: Any, queue: str, count: int = 1) -> bool:
    return bool(await k.depth(queue) >= count)


async def counted(k: Any, count: int) -> bool:
    found = await k.db["made"].find_one({"_id": "counter"})
    return bool(found["n"] == count)
