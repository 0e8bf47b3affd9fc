"""Messages that nobody can handle stop themselves, in every queue, and nothing else."""

import aio_pika
import pytest

from deploy.local.handle import Stack
from docs.house import declared
from shared import clock, parcel
from shared.parcel import Fact
from tests.faults.flow import depth, flow

COUNT = 500
BOMBS = (b"not json", b"[{}]", b"\x00" * 1000)


@pytest.mark.timeout(180)
async def test_bombs_in_every_queue_end_set_aside_and_the_flow_goes_on(stack: Stack) -> None:
    queues = {
        f"{service.name}.{heard.handler.__name__}": heard.message.TOPIC
        for service in declared()
        for heard in service.listens
    }
    assert len(queues) >= 8
    before = {queue: await depth(stack.amqp_url, f"{queue}.dead") for queue in queues}
    async with flow(stack) as invoices:
        async with await aio_pika.connect(stack.amqp_url) as connection:
            channel = await connection.channel()
            for queue, topic in queues.items():
                misfit = parcel.pack([Fact(clock.new_id(), topic, {"unknown": "shape"})])
                for body in (*BOMBS, misfit):
                    await channel.default_exchange.publish(aio_pika.Message(body), queue)
        await invoices.send(COUNT)
        await invoices.at_rest()
        await invoices.verify(COUNT)
    for queue in queues:
        dead = await depth(stack.amqp_url, f"{queue}.dead")
        assert dead - before[queue] == len(BOMBS) + 1, queue
