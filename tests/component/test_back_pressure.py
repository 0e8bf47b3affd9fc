"""A broker in alarm and a database that is away are heard of at the door, and nothing is lost."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from deploy.local import servers as parts
from deploy.local.handle import Stack
from shared.contracts.ingest import InvoiceRead
from shared.outbox import Change
from tests.component.kernel import facts, kernel, save_it
from tests.component.neighbours import House, house
from tests.component.test_lanes import FLOODING, invoice
from tests.conftest import Broker, Mongo

MOST = 20


@asynccontextmanager
async def alarm(stack: Stack) -> AsyncIterator[None]:
    """The broker has used up its memory, as far as it knows."""
    await _watermark(stack, "0.00001")
    try:
        yield
    finally:
        await _watermark(stack, "0.4")


async def _watermark(stack: Stack, part: str) -> None:
    tool = Path(parts.rabbitmq_binary() or "").with_name("rabbitmqctl")
    process = await asyncio.create_subprocess_exec(
        *(str(tool), "-q", "set_vm_memory_high_watermark", part),
        env=os.environ | parts.rabbitmq_env(stack.place),
    )
    assert await process.wait() == 0


async def knocked(ingest: House, n: int) -> tuple[int, dict[str, str]]:
    """The answer to a new invoice at the door: its status and headers."""
    form = aiohttp.FormData()
    form.add_field("file", invoice(n, FLOODING), filename=f"{n}.xml")
    headers = ingest.token(FLOODING)
    async with ingest.http.post("/v1/deposits", data=form, headers=headers) as answer:
        return answer.status, dict(answer.headers)


async def test_a_broker_in_alarm_closes_the_door_and_what_was_taken_arrives(
    servers: Stack, mongo: Mongo, broker: Broker
) -> None:
    async with house("ingest", mongo, broker, CHORALE_BACKLOG=str(MOST)) as ingest:
        taken = 0
        async with alarm(servers):
            async with asyncio.timeout(30):
                while (answer := await knocked(ingest, taken))[0] == 202:
                    taken += 1
                    await asyncio.sleep(0.02)
        assert answer[0] == 503 and int(answer[1]["Retry-After"]) > 0
        assert taken >= MOST // 2, "a door that is never open shows nothing"
        await ingest.until(lambda: len(ingest.of(InvoiceRead)) == taken, "all that was taken")

        async def opens() -> bool:
            return (await knocked(ingest, taken))[0] == 202

        await ingest.until(opens, "the door is open again")


async def test_what_waits_is_heard_and_acknowledged_while_the_broker_is_in_alarm(
    servers: Stack, mongo: Mongo, broker: Broker
) -> None:
    go = asyncio.Event()

    async def handler(due: Any, context: Any) -> Change:
        await go.wait()
        return await save_it(due, context)

    async with kernel(mongo, broker) as k:
        queue = await k.hear(handler)
        await k.publish(facts(60), queue, together=1)
        async with alarm(servers):
            stuck = asyncio.create_task(k.publish(facts(1), queue))
            await asyncio.sleep(0.5)
            assert not stuck.done(), "void: the broker still takes what is published"
            go.set()

            async def saved() -> bool:
                return await k.count() == 60

            await k.until(saved)
            await asyncio.sleep(0.5)
            await k.broker.silence()
            await k.broker.close()
            stuck.cancel()
            assert await k.depth(queue) == 0, "messages come again whose work is done"


async def test_a_database_that_is_away_is_a_503_that_says_when_to_come_again(
    servers: Stack, mongo: Mongo, broker: Broker
) -> None:
    async with house("ingest", mongo, broker) as ingest:
        assert (await knocked(ingest, 0))[0] == 202
        await servers.stop("mongod")
        try:
            path, who = "/v1/deposits/any", ingest.token(FLOODING)
            async with ingest.http.get(path, headers=who) as answer:
                assert (answer.status, "Retry-After" in answer.headers) == (503, True)
            await asyncio.sleep(2)
            status, headers = await asyncio.wait_for(knocked(ingest, 1), 2)
            assert (status, int(headers["Retry-After"]) > 0) == (503, True)
        finally:
            await servers.start("mongod")
        await ingest.until(lambda: _taken(ingest), "the door is open again")
        await ingest.until(lambda: len(ingest.of(InvoiceRead)) == 2, "both are read, once")


async def _taken(ingest: House) -> bool:
    return (await knocked(ingest, 1))[0] == 202
