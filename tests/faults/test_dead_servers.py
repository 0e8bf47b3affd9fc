"""The broker and the database die and come back while invoices pass."""

import asyncio

import pytest

from deploy.local.handle import Stack
from tests.faults.flow import flow

COUNT = 1000


@pytest.mark.timeout(300)
@pytest.mark.parametrize("server", ["rabbitmq", "mongod"])
async def test_a_server_that_dies_delays_and_loses_nothing(stack: Stack, server: str) -> None:
    async with flow(stack) as invoices:
        sending = asyncio.ensure_future(invoices.send(COUNT, at_once=20, pace=0.05))
        await asyncio.sleep(1.5)
        assert not sending.done(), "void: everything was sent before the server died"
        assert stack.kill(server)
        await stack.until_ready(server)
        await sending
        await invoices.at_rest()
        await invoices.verify(COUNT)


@pytest.mark.timeout(300)
async def test_deposits_go_on_while_the_broker_is_down(stack: Stack) -> None:
    async with flow(stack) as invoices:
        await stack.stop("rabbitmq")
        await invoices.send(300)
        assert invoices.retries == 0, "a deposit needs the database alone"
        await stack.start("rabbitmq")
        await invoices.at_rest()
        await invoices.verify(300)
