"""The primary of a three-node set steps down and is killed in the middle of transactions."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from shared import mongo as database
from shared.contracts.notifications import DeliveryDue
from shared.errors import Unavailable
from shared.outbox import Change
from tests.component.kernel import kernel, save_it
from tests.component.test_outbox import reached
from tests.faults.replicas import Replicas

COUNT = 3000


@pytest.mark.timeout(180)
async def test_a_failover_loses_nothing_and_doubles_nothing(broker: Any, tmp_path: Path) -> None:
    async with Replicas(tmp_path) as nodes:
        server = SimpleNamespace(url=nodes.url, database="failover")
        async with kernel(server, broker) as k:
            await k.hear(save_it)
            refused = 0

            async def send(n: int) -> None:
                nonlocal refused
                made = database.Insert("made", {"_id": n})
                change = Change([made], [DeliveryDue(delivery_id=str(n))], once=f"send-{n}")
                while True:
                    try:
                        await k.outbox.apply(change)
                        return
                    except Unavailable:
                        refused += 1
                        await asyncio.sleep(0.2)

            async def pass_on() -> None:
                for start in range(0, COUNT, 50):
                    await asyncio.gather(*(send(n) for n in range(start, start + 50)))
                    await asyncio.sleep(0.1)

            passing = asyncio.create_task(pass_on())
            await asyncio.sleep(1)
            before = await nodes.primary()
            await nodes.step_down()
            assert await nodes.primary() != before, "void: the primary did not change"
            await asyncio.sleep(1)
            await nodes.kill_primary()
            assert not passing.done(), "void: everything had passed before the node was killed"
            await passing
            await k.until(lambda: reached(k, COUNT), 60)
            await asyncio.sleep(1)
            assert await k.count("made") == COUNT
            assert await k.count() == COUNT
            assert len(await k.db["done"].distinct("what")) == COUNT
