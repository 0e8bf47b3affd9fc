"""Each service is killed again and again, between any two steps, while invoices pass."""

import random

import pytest

from deploy.local.handle import Stack
from tests.faults.flow import flow, while_breaking

COUNT = 2000
VICTIMS = ("ingest-1", "ingest-2", "workflow", "notifications", "structures", "accounts")


@pytest.mark.timeout(420)
async def test_killed_services_lose_nothing_and_double_nothing(stack: Stack) -> None:
    seed = 20261124
    chance = random.Random(seed)
    killed: dict[str, int] = {}

    async def kill() -> None:
        victim = chance.choice(VICTIMS)
        killed[victim] = killed.get(victim, 0) + stack.kill(victim)

    async with flow(stack) as invoices:
        sending = invoices.send(COUNT, at_once=20, pace=0.05)
        await while_breaking(sending, kill, (0.3, 1.2), seed)
        for victim in VICTIMS:  # and once more, each of them, with messages still under way
            killed[victim] = killed.get(victim, 0) + stack.kill(victim)
        await invoices.at_rest()
        assert all(killed.get(victim) for victim in VICTIMS), f"void: {killed}"
        assert invoices.retries > 0, "void: no request met a dead service"
        await invoices.verify(COUNT)
