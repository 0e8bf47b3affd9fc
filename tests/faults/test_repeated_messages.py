"""Everything that was ever told is told again, shuffled, and changes nothing."""

import random

import aio_pika
import pytest

from deploy.local.handle import Stack
from shared import parcel
from shared.contracts import CATALOGUE
from tests.faults.flow import flow

COUNT = 500


@pytest.mark.timeout(180)
async def test_every_message_again_in_any_order_changes_nothing(stack: Stack) -> None:
    async with await aio_pika.connect(stack.amqp_url) as connection:
        channel = await connection.channel()
        copies = await channel.declare_queue("copies", exclusive=True)
        for topic in CATALOGUE:
            await copies.bind(parcel.FACTS, topic)
        async with flow(stack) as invoices:
            await invoices.send(COUNT)
            await invoices.at_rest()
            facts = []
            while (message := await copies.get(fail=False, no_ack=True)) is not None:
                facts += parcel.unpack(message.body)
            assert len({fact.topic for fact in facts}) >= 5, "void: little was told"
            random.Random(7).shuffle(facts)
            exchange = await channel.get_exchange(parcel.FACTS, ensure=False)
            for fact in facts:
                await exchange.publish(aio_pika.Message(parcel.pack([fact])), fact.topic)
            await invoices.at_rest()
            await invoices.verify(COUNT)
