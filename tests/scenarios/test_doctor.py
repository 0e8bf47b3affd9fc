"""An operator asks what is wrong."""

from datetime import UTC, datetime, timedelta
from typing import Any

import aio_pika
from pymongo import AsyncMongoClient

from deploy.backup.servers import of_place
from deploy.doctor import Opinion, first_id, look, of_queue, told
from deploy.local.handle import Stack
from tests.scenarios.steps import eventually

QUEUE = "workflow.open_invoice"


async def wrong(stack: Stack) -> dict[str, Opinion]:
    return {one.about: one for one in await look(of_place(stack.place)) if not one.well}


async def test_what_goes_wrong_is_named_with_what_to_do_and_nothing_when_all_is_well(
    stack: Stack,
) -> None:
    long_ago = datetime.now(UTC) - timedelta(hours=1)

    async def well() -> bool | None:
        return not await wrong(stack) or None

    await eventually(well, "nothing is wrong")
    async with (
        AsyncMongoClient[dict[str, Any]](stack.mongo_url) as client,
        await aio_pika.connect(stack.amqp_url) as connection,
    ):
        channel = await connection.channel()
        untold = {"_id": first_id(long_ago), "topic": "ingest.absent.v1", "body": b""}
        unread = {"_id": first_id(long_ago), "state": "RECEIVED"}
        await client["chorale_nobody"]["outbox"].insert_one(untold)
        await client["chorale_ingest"]["deposits"].insert_one(unread)
        await channel.default_exchange.publish(aio_pika.Message(b"?"), f"{QUEUE}.dead")
        await stack.stop("workflow")
        try:

            async def seen() -> dict[str, Opinion] | None:
                found = await wrong(stack)
                return found if "au rebut" in found.get(QUEUE, Opinion("", True, "")).said else None

            found = await eventually(seen, "the message that was set aside")
            assert found[QUEUE].to_do == f"chorale dlq show {QUEUE}"
            assert found["workflow.learn_structure"].said == "personne n'écoute"
            assert found["chorale_nobody"].said.startswith("1 fait(s)")
            assert found["dépôts"].said.startswith("1 non lu(s)")
        finally:
            await stack.start("workflow")
            await client.drop_database("chorale_nobody")
            await client["chorale_ingest"]["deposits"].delete_one({"_id": unread["_id"]})
            await (await channel.get_queue(f"{QUEUE}.dead", ensure=False)).purge()
    await eventually(well, "nothing is wrong any more")


async def test_servers_that_are_away_are_named(stack: Stack) -> None:
    nowhere = of_place(stack.place).__class__(
        *("mongodb://127.0.0.1:9/", "amqp://127.0.0.1:9/", "amqp://127.0.0.1:9/p"),
        "http://127.0.0.1:9/api",
    )
    opinions = await look(nowhere)
    assert {one.about for one in opinions if not one.well} >= {"MongoDB", "RabbitMQ"}


def test_a_queue_that_nobody_hears_that_piles_up_and_that_has_waste_is_told_in_words() -> None:
    found: dict[str, Any] = {
        "a.b": {"consumers": 0, "messages_ready": 10_001},
        "a.b.dead": {"messages": 2},
    }
    lines = [line for one in of_queue("a.b", found) for line in told(one)]
    assert lines == [
        "✗ a.b : personne n'écoute",
        "    → démarrez a",
        "✗ a.b : 10001 messages attendent",
        "    → ajoutez des répliques",
        "✗ a.b : 2 au rebut",
        "    → chorale dlq show a.b",
    ]
    assert not list(of_queue("a.b", {"a.b": {"consumers": 1}}))
