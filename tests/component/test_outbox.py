"""Once and only once, or not at all."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from shared import clock, mongo
from shared.contracts.notifications import DeliveryDue
from shared.errors import Conflict
from shared.outbox import Change, Outbox
from shared.parcel import FACTS, Parcel, pack
from shared.relay import Relay
from tests.component.kernel import facts, kernel, save_it


async def test_what_is_saved_is_told_and_the_row_goes_after_the_confirm(
    mongo: Any, broker: Any
) -> None:
    async with kernel(mongo, broker) as k:
        await k.hear(save_it)
        assert await k.outbox.apply(made(1, tell=[DeliveryDue(delivery_id="a")]))
        await k.until(lambda: reached(k, 1))
        await k.until(lambda: empty(k))


async def test_a_thousand_changes_share_few_transactions_and_each_has_its_effect(
    mongo: Any, broker: Any
) -> None:
    async with kernel(mongo, broker) as k:
        await k.hear(save_it)
        changes = [made(n, tell=[DeliveryDue(delivery_id=str(n))]) for n in range(1000)]
        assert all(await asyncio.gather(*(k.outbox.apply(change) for change in changes)))
        await k.until(lambda: reached(k, 1000))
        assert await k.count("made") == 1000
        assert len(await k.db["done"].distinct("what")) == 1000


async def test_a_faulty_change_does_not_sink_its_neighbours(mongo: Any, broker: Any) -> None:
    async with kernel(mongo, broker) as k:
        await k.outbox.apply(made(37))
        outcomes = await k.outbox.commit([made(n) for n in range(100)])
        assert [n for n, outcome in enumerate(outcomes) if outcome is not True] == [37]
        assert isinstance(outcomes[37], Conflict)
        assert await k.count("made") == 100


async def test_a_known_mark_leaves_everything_as_it_is(mongo: Any, broker: Any) -> None:
    async with kernel(mongo, broker) as k:
        assert await k.outbox.apply(made(1, once="mark", value={"id": 1}))
        assert not await k.outbox.apply(made(2, once="mark", value={"id": 2}))
        assert await k.count("made") == 1
        assert await k.outbox.value("mark") == {"id": 1}


async def test_of_fifty_at_once_under_one_mark_one_wins(mongo: Any, broker: Any) -> None:
    async with kernel(mongo, broker) as k:
        outcomes = await asyncio.gather(*(k.outbox.apply(made(n, once="mark")) for n in range(50)))
        assert sum(outcomes) == 1
        assert await k.count("made") == 1


async def test_a_replacement_of_another_version_is_a_conflict(mongo: Any, broker: Any) -> None:
    async with kernel(mongo, broker) as k:
        await k.outbox.apply(Change([insert("made", {"_id": 1, "version": 1})]))
        await k.outbox.apply(Change([replace("made", {"_id": 1, "version": 2}, was=1)]))
        with pytest.raises(Conflict):
            await k.outbox.apply(
                Change([replace("made", {"_id": 1, "version": 2, "late": 1}, was=1)])
            )
        assert await k.db["made"].find_one({}) == {"_id": 1, "version": 2}


async def test_an_older_copy_is_ignored_and_a_newer_one_wins(mongo: Any, broker: Any) -> None:
    async with kernel(mongo, broker) as k:
        for version in (2, 1, 3, 2):
            await k.outbox.apply(
                Change([newer("made", {"_id": 1, "version": version, "name": "$v"})])
            )
        assert await k.db["made"].find_one({}) == {"_id": 1, "version": 3, "name": "$v"}


async def test_what_a_dead_process_left_is_told_by_whoever_is_alive(
    mongo: Any, broker: Any
) -> None:
    async with kernel(mongo, broker) as k:
        await k.hear(save_it)
        await k.db["outbox"].insert_one(row(facts(3), lease=-1))
        await k.until(lambda: reached(k, 3))
        await k.until(lambda: empty(k))


async def test_what_is_committed_is_told_even_if_its_process_dies_right_after(
    mongo: Any, broker: Any
) -> None:
    async with kernel(mongo, broker) as k:
        await k.hear(save_it)
        dead = Outbox(k.db, k.files, Relay(k.db, k.broker, None), 200)  # nobody runs its relay
        assert await dead.apply(made(1, tell=[DeliveryDue(delivery_id="orphan")]))
        await asyncio.sleep(0.5)
        assert await k.count() == 0 and await k.relay.depth() == 1
        await k.db["outbox"].update_many({}, {"$set": {"lease": clock.now()}})
        await k.until(lambda: reached(k, 1))
        await k.until(lambda: empty(k))


async def test_a_row_whose_process_may_be_alive_is_left_alone(mongo: Any, broker: Any) -> None:
    async with kernel(mongo, broker) as k:
        await k.hear(save_it)
        await k.db["outbox"].insert_one(row(facts(3), lease=60))
        await asyncio.sleep(4)
        assert await k.count() == 0


async def test_dying_between_confirm_and_removal_tells_twice_and_works_once(
    mongo: Any, broker: Any
) -> None:
    async with kernel(mongo, broker) as k:
        await k.hear(save_it)
        told = row(facts(5), lease=-1)
        parcel = Parcel(FACTS, (told["topic"],), told["body"], told["_id"])
        assert not any(await k.broker.publish([parcel]))  # published, confirmed, and then killed
        await k.db["outbox"].insert_one(told)
        await k.until(lambda: empty(k))
        await k.until(lambda: reached(k, 5))
        await asyncio.sleep(0.5)
        assert await k.count() == 5


async def test_a_fact_that_nobody_can_hear_yet_waits(mongo: Any, broker: Any) -> None:
    async with kernel(mongo, broker) as k:
        await k.outbox.apply(made(1, tell=[DeliveryDue(delivery_id="early")]))
        await asyncio.sleep(1)
        assert await k.relay.depth() == 1
        await k.hear(save_it)
        await k.db["outbox"].update_many({}, {"$set": {"lease": clock.now()}})
        await k.until(lambda: reached(k, 1))


def made(n: int, **more: Any) -> Change:
    return Change([insert("made", {"_id": n})], **more)


def row(told: list[Any], lease: float) -> dict[str, Any]:
    return {
        "_id": clock.new_id(),
        "topic": DeliveryDue.TOPIC,
        "body": pack(told),
        "lease": clock.now() + timedelta(seconds=lease),
    }


async def reached(k: Any, count: int) -> bool:
    return bool(await k.count() >= count)


async def empty(k: Any) -> bool:
    return bool(await k.relay.depth() == 0)


insert, replace, newer = mongo.Insert, mongo.Replace, mongo.Newer
