"""A flow of invoices whose sender keeps a journal, and the count of what became of them.

The oracle is the sender's own journal of acknowledged deposits, the databases, the buyer's queue
and
the mailbox; never a counter of ours. It counts only when everything has come to rest.
"""

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aio_pika
import aiohttp
from pymongo import AsyncMongoClient

from deploy.local.city import STRICT
from deploy.local.door import Refused
from deploy.local.handle import Stack
from deploy.local.samples import Company
from shared.contracts.structures import Department
from tests.bench.documents import ubl
from tests.scenarios.steps import Party, Scene, scene

SELLER = Company("99910001900010", "Atelier du flux (fictif)", "1 rue", "31000", "Toulouse")
BUYER = Company("22310001700423", "Département", "1 bd", "31090", "Toulouse")
DEPARTMENTS = (Department(code="DRT", name="Routes", order_required=True),)
FAULTY_EVERY = 20
"""One invoice in so many names no order, is refused, and its sender gets a mail."""
STATUSES = ["DEPOSITED", "IN_TRANSIT", "MADE_AVAILABLE"]
SERVICES = ("accounts", "structures", "ingest", "workflow", "notifications")


@dataclass
class Flow:
    """One sender, one buyer, and the journal of what was acknowledged."""

    play: Scene
    seller: Party
    buyer: Party
    amqp_url: str
    queue: str
    journal: dict[str, str] = field(default_factory=dict)
    """Invoice number to the deposit that was acknowledged for it."""
    retries: int = 0

    async def send(self, count: int, *, at_once: int = 50, pace: float = 0.0) -> None:
        """Hand in so many invoices; what is not acknowledged is sent again under the same key."""
        numbers = iter(range(count))

        async def one() -> None:
            for n in numbers:
                await self._deposit(n)
                await asyncio.sleep(pace)

        await asyncio.gather(*(one() for _ in range(at_once)))

    async def _deposit(self, n: int) -> None:
        number = f"FLUX-{n:05}"
        order = "" if faulty(n) else "CP2020/X123456/1"
        data = ubl(number, seller=SELLER.siret, buyer=BUYER.siret, order=order, lines=2)
        reason: object = None
        for attempt in range(100):
            try:
                answer = await self.seller.program.deposit(f"{number}.xml", data, key=number)
            except (aiohttp.ClientError, TimeoutError) as error:
                reason = error
            except Refused as refused:
                if refused.status < 500 and refused.status != 409:
                    raise
                reason = refused
            else:
                known = self.journal.setdefault(number, answer["id"])
                assert known == answer["id"], f"{number} was acknowledged as two deposits"
                return
            self.retries += 1
            await asyncio.sleep(min(0.1 * 2**attempt, 2.0))
        raise AssertionError(f"{number} was never taken: {reason}")

    async def at_rest(self, *, limit: float = 180.0) -> None:
        """Wait until no deposit is under way, no message waits anywhere, and nothing changes."""
        async with (
            asyncio.timeout(limit),
            AsyncMongoClient[Any](self.play.stack.mongo_url) as mongo,
        ):
            still = 0
            before: object = None
            while still < 4:
                await asyncio.sleep(0.5)
                try:
                    now = await self._moving(mongo)
                except Exception:  # a server that was killed is coming back
                    still = 0
                    continue
                still = still + 1 if now == before and not any(now[:2]) else 0
                before = now

    async def _moving(self, mongo: Any) -> tuple[int, ...]:
        under_way = await mongo["chorale_ingest"]["deposits"].count_documents(
            {"realm": self.play.realm, "state": {"$in": ["RECEIVED", "READING"]}}
        )
        rows = [await mongo[f"chorale_{name}"]["outbox"].count_documents({}) for name in SERVICES]
        sent = await mongo["chorale_notifications"]["deliveries"].count_documents(
            {"realm": self.play.realm, "state": "sent"}
        )
        return under_way, sum(rows), sent, await depth(self.amqp_url, self.queue)

    async def verify(self, count: int) -> None:
        """Each acknowledged invoice exactly once in each place where it belongs, nothing else."""
        refused = {number(n) for n in range(count) if faulty(n)}
        taken = {number(n) for n in range(count)} - refused
        assert set(self.journal) == taken | refused
        await self._verify_deposits(taken, refused)
        await self._verify_events(taken)
        await self._verify_mails(refused)

    async def _verify_deposits(self, taken: set[str], refused: set[str]) -> None:
        async with AsyncMongoClient[Any](self.play.stack.mongo_url) as mongo:
            own = {"realm": self.play.realm}
            deposits = await mongo["chorale_ingest"]["deposits"].find(own).to_list()
            invoices = await mongo["chorale_workflow"]["invoices"].find(own).to_list()
        assert {d["_id"] for d in deposits} == set(self.journal.values())
        states = {d["items"][0]["header"]["number"]: d["state"] for d in deposits}
        assert {n for n, state in states.items() if state == "REJECTED"} == refused
        assert {n for n, state in states.items() if state == "INTEGRATED"} == taken
        numbers = Counter(invoice["number"] for invoice in invoices)
        assert set(numbers) == taken and set(numbers.values()) == {1}

    async def _verify_events(self, taken: set[str]) -> None:
        bodies = await drain(self.amqp_url, self.queue)
        events = {body["id"]: body for body in bodies}
        seen: dict[str, list[tuple[int, str]]] = {}
        for body in events.values():
            data = body["data"]
            seen.setdefault(data["number"], []).append((body["sequence"], data["status"]))
        assert set(seen) == taken
        for of_one in seen.values():
            assert sorted(of_one) == list(enumerate(STATUSES, 1))

    async def _verify_mails(self, refused: set[str]) -> None:
        mails = await self.play.anybody.mails(self.seller.email)
        about = Counter(
            next((n for n in refused if n in mail["text"]), "something else") for mail in mails
        )
        assert set(about) == refused, f"{set(about) ^ refused}"
        doubled = sum(about.values()) - len(refused)
        assert doubled <= self.play.stack.restarts("notifications"), about


def number(n: int) -> str:
    """The number of the n-th invoice."""
    return f"FLUX-{n:05}"


def faulty(n: int) -> bool:
    """Whether the n-th invoice is one that must be refused."""
    return n % FAULTY_EVERY == 0


@asynccontextmanager
async def flow(stack: Stack) -> AsyncIterator[Flow]:
    """A sender and a buyer in a sandbox of their own."""
    async with scene(stack) as play:
        seller = await play.party(SELLER)
        buyer = await play.party(BUYER, public=True, requirements=STRICT, departments=DEPARTMENTS)
        events = await play.events(buyer)
        yield Flow(play, seller, buyer, events.amqp_url, events.queue)


async def while_breaking(
    work: Awaitable[None],
    damage: Callable[[], Awaitable[None]],
    pauses: tuple[float, float],
    seed: int,
) -> int:
    """Do the work while something breaks again and again; returns how often it broke."""
    chance = random.Random(seed)
    done = asyncio.ensure_future(work)
    broken = 0
    while not done.done():
        await asyncio.wait([done], timeout=chance.uniform(*pauses))
        if not done.done():
            await damage()
            broken += 1
    await done
    return broken


async def depth(url: str, queue: str) -> int:
    """How many messages wait in a queue."""
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        declared = await channel.get_queue(queue)
        return declared.declaration_result.message_count or 0


async def drain(url: str, queue: str) -> list[dict[str, Any]]:
    """Everything in a queue, acknowledged."""
    found: list[dict[str, Any]] = []
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        heard = await channel.get_queue(queue, ensure=False)
        while (message := await heard.get(fail=False)) is not None:
            found.append(json.loads(message.body))
            await message.ack()
    return found
