"""An operator sees what was set aside, puts it back, or gives it up with a reason."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from shared.contracts.notifications import DeliveryDue
from shared.errors import Invalid
from shared.outbox import Change
from tests.component.kernel import facts, kernel, save_it
from tests.component.test_outbox import reached

QUEUE = "ingest.read_deposit"


def dlq(url: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from deploy.dead_letters import app; app()", *words],
        env={**os.environ, "CHORALE_AMQP_URL": url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_what_was_set_aside_is_shown_put_back_and_given_up(mongo: Any, broker: Any) -> None:
    mended = False

    async def read_deposit(due: DeliveryDue, context: Any) -> Change:
        if not mended:
            raise Invalid("not yet")
        return await save_it(due, context)

    async with kernel(mongo, broker, service="ingest") as k:
        assert await k.hear(read_deposit) == QUEUE
        await k.publish(facts(3), QUEUE)
        await k.until(lambda: waiting(k, 3))
        assert dlq(broker.url, "list").stdout.split() == ["3", QUEUE]
        shown = [json.loads(line) for line in dlq(broker.url, "show", QUEUE).stdout.splitlines()]
        assert {message["reason"] for message in shown} == {"Invalid: not yet"}
        assert await k.depth(f"{QUEUE}.dead") == 3

        mended = True
        one = shown[0]["id"]
        assert "1 message" in dlq(broker.url, "requeue", QUEUE, "--id", one).stdout
        await k.until(lambda: reached(k, 1))
        given_up = dlq(broker.url, "discard", QUEUE, "--reason", "essai").stdout.splitlines()
        assert [json.loads(line)["discarded_because"] for line in given_up] == ["essai"] * 2
        assert await k.depth(f"{QUEUE}.dead") == 0
        assert await k.count() == 1


@pytest.mark.parametrize("words", [("list",), ("show", QUEUE)])
def test_a_broker_that_is_not_there_is_one_line_and_status_three(words: tuple[str, ...]) -> None:
    told = dlq("amqp://127.0.0.1:1/", *words)
    assert told.returncode == 3
    assert len(told.stderr.strip().splitlines()) == 1


async def waiting(k: Any, count: int) -> bool:
    return bool(await k.depth(f"{QUEUE}.dead") == count)
