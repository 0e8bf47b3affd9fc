"""The bare twin of the journey: same messages, same parse, same inserts, batches of the same size.

No rules, no services: a bare door publishes what was posted; a UBL message is parsed whole with
lxml into pydantic, saved with its inbox mark and outbox row in one transaction, told to a second
hop, saved again, and three status events are published. Durability is that of the product: quorum
queues, persistent, confirms, `w: majority, j: true`.

Run as `python -m tests.bench.twin HOP` with MONGO_URL and AMQP_URL; a child of `journey`.
"""

import asyncio
import os
import sys
import uuid
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import aio_pika
import uvloop
from aio_pika.abc import AbstractIncomingMessage
from aiohttp import BodyPartReader, web
from lxml import etree
from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import BaseModel
from pymongo import InsertOne, WriteConcern

BATCH = 200
QUEUES = ("twin.one", "twin.two", "twin.events")
CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
CAC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"


class BareLine(BaseModel):
    """A line."""

    id: str
    name: str
    quantity: Decimal
    net: Decimal
    price: Decimal
    rate: Decimal


class Bare(BaseModel):
    """An invoice, parsed whole."""

    number: str
    issue_date: str
    seller: str
    buyer: str
    order: str
    net: Decimal
    vat: Decimal
    gross: Decimal
    lines: list[BareLine]


def parse(data: bytes) -> Bare:
    """Bytes to model, with nothing in between."""
    root = etree.fromstring(data)

    def text(node: Any, path: str) -> str:
        return str(node.findtext(path))

    total = root.find(f"{CAC}LegalMonetaryTotal")
    party = f"/{CAC}Party/{CAC}PartyIdentification/{CBC}ID"
    return Bare(
        number=text(root, f"{CBC}ID"),
        issue_date=text(root, f"{CBC}IssueDate"),
        seller=text(root, f"{CAC}AccountingSupplierParty{party}"),
        buyer=text(root, f"{CAC}AccountingCustomerParty{party}"),
        order=text(root, f"{CAC}OrderReference/{CBC}ID"),
        net=Decimal(text(total, f"{CBC}TaxExclusiveAmount")),
        vat=Decimal(text(root, f"{CAC}TaxTotal/{CBC}TaxAmount")),
        gross=Decimal(text(total, f"{CBC}TaxInclusiveAmount")),
        lines=[
            BareLine(
                id=text(line, f"{CBC}ID"),
                name=text(line, f"{CAC}Item/{CBC}Name"),
                quantity=Decimal(text(line, f"{CBC}InvoicedQuantity")),
                net=Decimal(text(line, f"{CBC}LineExtensionAmount")),
                price=Decimal(text(line, f"{CAC}Price/{CBC}PriceAmount")),
                rate=Decimal(text(line, f"{CAC}Item/{CAC}ClassifiedTaxCategory/{CBC}Percent")),
            )
            for line in root.iterfind(f"{CAC}InvoiceLine")
        ],
    )


async def declare(channel: aio_pika.abc.AbstractChannel) -> None:
    """The twin's queues."""
    for name in QUEUES:
        await channel.declare_queue(name, durable=True, arguments={"x-queue-type": "quorum"})


async def empty(channel: aio_pika.abc.AbstractChannel) -> None:
    """Forget what an earlier run was stopped over before it had acknowledged it."""
    for name in QUEUES:
        await (await channel.get_queue(name)).purge()


async def send(channel: aio_pika.abc.AbstractChannel, queue: str, bodies: list[bytes]) -> None:
    """Publish persistently, all confirms awaited together."""
    exchange = channel.default_exchange
    await asyncio.gather(
        *(
            exchange.publish(
                aio_pika.Message(
                    body,
                    message_id=uuid.uuid4().hex,
                    delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                ),
                queue,
            )
            for body in bodies
        )
    )


async def save(
    client: Any, collection: str, documents: list[dict[str, Any]], rows: list[dict[str, Any]]
) -> None:
    """Inbox, documents and outbox in one transaction; the outbox rows go after the confirms."""
    db = client["twin"]
    marks = [InsertOne({"_id": f"{collection}:{document['_id']}"}) for document in documents]
    durable = WriteConcern("majority", j=True)
    async with (
        await client.start_session() as session,
        session.start_transaction(write_concern=durable),
    ):
        await db["inbox"].bulk_write(marks, session=session)
        await db[collection].insert_many(documents, session=session)
        await db["outbox"].insert_many(rows, session=session)


async def hop(
    read: str, work: Callable[[list[AbstractIncomingMessage]], Awaitable[None]], channel: Any
) -> None:
    """Consume in batches, acknowledge with one frame a batch."""
    arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
    await channel.set_qos(prefetch_count=2 * BATCH)
    queue = await channel.get_queue(read)
    await queue.consume(arrived.put)
    while True:
        batch = [await arrived.get()]
        await asyncio.sleep(0.004)
        while len(batch) < BATCH and not arrived.empty():
            batch.append(arrived.get_nowait())
        await work(batch)
        await batch[-1].ack(multiple=True)


async def door(port: int) -> None:
    """Take the same posts as the product: read the file, publish it with confirm, answer 202."""
    connection = await aio_pika.connect_robust(os.environ["AMQP_URL"])
    channel = await connection.channel(publisher_confirms=True)

    async def post(request: web.Request) -> web.Response:
        part = await (await request.multipart()).next()
        assert isinstance(part, BodyPartReader)
        await send(channel, "twin.one", [bytes(await part.read())])
        return web.json_response({}, status=202)

    app = web.Application(client_max_size=2**26)
    app.router.add_post("/v1/deposits", post)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


async def main(name: str) -> None:
    """Be the door, the first or the second hop."""
    if name.isdigit():
        return await door(int(name))
    client: Any = AsyncIOMotorClient(os.environ["MONGO_URL"])
    connection = await aio_pika.connect_robust(os.environ["AMQP_URL"])
    channel = await connection.channel(publisher_confirms=True)
    await declare(channel)

    async def one(batch: list[AbstractIncomingMessage]) -> None:
        documents, bodies = [], []
        for message in batch:
            invoice = parse(message.body)
            documents.append(
                {"_id": message.message_id, "data": message.body, "number": invoice.number}
            )
            bodies.append(invoice.model_dump_json().encode())
        rows = [{"_id": uuid.uuid4().hex, "body": body} for body in bodies]
        await save(client, "deposits", documents, rows)
        await send(channel, "twin.two", bodies)
        await client["twin"]["outbox"].delete_many({"_id": {"$in": [row["_id"] for row in rows]}})

    async def two(batch: list[AbstractIncomingMessage]) -> None:
        invoices = [Bare.model_validate_json(message.body) for message in batch]
        documents = [
            {"_id": message.message_id, **invoice.model_dump(mode="json")}
            for message, invoice in zip(batch, invoices, strict=True)
        ]
        events = [
            f'{{"number": "{invoice.number}", "sequence": {sequence}, "gross": "1"}}'.encode()
            for invoice in invoices
            for sequence in (1, 2, 3)
        ]
        rows = [{"_id": uuid.uuid4().hex, "body": event} for event in events]
        await save(client, "invoices", documents, rows)
        await send(channel, "twin.events", events)
        await client["twin"]["outbox"].delete_many({"_id": {"$in": [row["_id"] for row in rows]}})

    read, work = {"one": ("twin.one", one), "two": ("twin.two", two)}[name]
    await hop(read, work, channel)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
