"""The journey, from a deposit accepted to the status event in the buyer's queue, beside its bare
twin.
"""

import asyncio
import json
import os
import socket
import statistics
import sys
import time
import uuid
from collections.abc import Sequence
from typing import Any

import aio_pika
import aiohttp
import psutil

from deploy.local.handle import Stack
from tests.bench import twin
from tests.bench.documents import ubl
from tests.bench.push import push, request

EVENTS = 3
"""Status events an invoice: deposited, in transit, made available."""
PARTS = ("mongod", "rabbitmq", "nginx", "ingest", "workflow", "notifications")


class Product:
    """The product, as a client of the demo sees it."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.demo = json.loads((stack.place.folder / "demo.json").read_text())
        self.token = ""

    async def sign_in(self) -> None:
        """Ask for a token."""
        seller = self.demo["seller"]
        form = {
            "grant_type": "client_credentials",
            "client_id": seller["client_id"],
            "client_secret": seller["client_secret"],
        }
        url = f"{self.stack.base_url}/oauth2/token"
        async with aiohttp.ClientSession() as http, http.post(url, data=form) as answer:
            self.token = (await answer.json())["access_token"]

    def deposits(self, count: int) -> list[bytes]:
        """Requests for so many invoices that nobody has seen."""
        run = uuid.uuid4().hex[:8].upper()
        seller, buyer = self.demo["seller"]["siret"], self.demo["buyer"]["siret"]
        return [
            request(
                self.stack.base_url,
                self.token,
                f"{n}.xml",
                ubl(f"B{run}-{n}", seller=seller, buyer=buyer),
            )
            for n in range(count)
        ]

    def cpu(self) -> dict[str, float]:
        """Seconds of processor that each part used so far, with its children."""
        spent: dict[str, float] = {}
        for name in self.stack.names:
            for process in self.stack.processes(name):
                times = process.cpu_times()
                part = name.split("-")[0]
                spent[part] = spent.get(part, 0.0) + times.user + times.system
        return spent

    def memory(self) -> dict[str, int]:
        """The peak of resident memory of each part's largest process, in MB (VmHWM)."""
        return {
            name: max(_peak(process) for process in self.stack.processes(name)) // 1024
            for name in self.stack.names
        }


def _peak(process: psutil.Process) -> int:
    with open(f"/proc/{process.pid}/status") as status:
        return next((int(line.split()[1]) for line in status if line.startswith("VmHWM")), 0)


class Events:
    """What arrives in a queue, with its time."""

    def __init__(self, url: str, queue: str) -> None:
        self._url, self._queue = url, queue
        self.count = 0
        self.bodies: list[tuple[float, bytes]] = []

    async def __aenter__(self) -> "Events":
        self._connection = await aio_pika.connect(self._url)
        channel = await self._connection.channel()
        await channel.set_qos(prefetch_count=1000)
        queue = await channel.get_queue(self._queue, ensure=False)
        await queue.consume(self._arrived)
        return self

    async def _arrived(self, message: aio_pika.abc.AbstractIncomingMessage) -> None:
        self.count += 1
        self.bodies.append((time.time(), message.body))
        if self.count % 50 == 0:
            await message.ack(multiple=True)

    async def reach(self, count: int, limit: float = 300.0) -> None:
        """Wait for so many. Raises TimeoutError."""
        async with asyncio.timeout(limit):
            while self.count < count:
                await asyncio.sleep(0.005)

    async def __aexit__(self, *_: object) -> None:
        await self._connection.close()


async def product_rate(product: Product, count: int) -> tuple[float, dict[str, float]]:
    """Invoices a second, and CPU milliseconds an invoice by part."""
    buyer = product.demo["buyer"]
    requests = product.deposits(count)
    async with Events(buyer["amqp_url"], buyer["queue"]) as events:
        await asyncio.sleep(0.5)
        before, first, started = product.cpu(), events.count, time.perf_counter()
        statuses = await push(product.stack.base_url, requests)
        await events.reach(first + EVENTS * count)
        elapsed = time.perf_counter() - started
    assert set(statuses) == {202}, sorted(set(statuses))
    after = product.cpu()
    return count / elapsed, {p: (after[p] - before.get(p, 0.0)) / count * 1000 for p in PARTS}


async def twin_rate(stack: Stack, count: int, *, by_door: bool) -> float:
    """Invoices a second of the bare twin on the same servers, posted or put into its queue."""
    environment = {**os.environ, "MONGO_URL": stack.mongo_url, "AMQP_URL": stack.amqp_url}
    connection = await aio_pika.connect(stack.amqp_url)
    channel = await connection.channel(publisher_confirms=True)
    await twin.declare(channel)
    await twin.empty(channel)
    port = free_port()
    parts = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.bench.twin", part, env=environment
        )
        for part in ("one", "two", str(port))
    ]
    bodies = [
        ubl(f"T{uuid.uuid4().hex[:8]}-{n}", seller="1" * 14, buyer="2" * 14) for n in range(count)
    ]
    url = f"http://127.0.0.1:{port}"
    posts = [request(url, "none", f"{n}.xml", body) for n, body in enumerate(bodies)]
    try:
        async with Events(stack.amqp_url, "twin.events") as events:
            await twin.send(channel, "twin.one", bodies[:100])  # both hops are up and warm
            await events.reach(EVENTS * 100)
            await until_open(port)
            started = time.perf_counter()
            if by_door:
                await push(url, posts)
            else:
                for start in range(0, count, 500):
                    await twin.send(channel, "twin.one", bodies[start : start + 500])
            await events.reach(EVENTS * (100 + count))
            return count / (time.perf_counter() - started)
    finally:
        for process in parts:
            process.terminate()
            await process.wait()
        await connection.close()


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def until_open(port: int) -> None:
    """Wait until somebody listens."""
    async with asyncio.timeout(20):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return


async def latency(product: Product, rate: float, count: int) -> list[float]:
    """Seconds from the deposit's time of reception to its last event, at a steady rate."""
    buyer = product.demo["buyer"]
    requests = product.deposits(count)
    async with Events(buyer["amqp_url"], buyer["queue"]) as events:
        await asyncio.sleep(0.5)
        first, sent, tasks = events.count, {}, []
        started = time.time()
        for n in range(count):
            await asyncio.sleep(max(0.0, started + n / rate - time.time()))
            sent[n] = time.time()
            tasks.append(asyncio.create_task(push(product.stack.base_url, [requests[n]], 1)))
        await asyncio.gather(*tasks)
        await events.reach(first + EVENTS * count)
        return [at - sent[n] for at, n in _last(events.bodies, sent)]


def _last(bodies: Sequence[tuple[float, bytes]], sent: dict[int, float]) -> list[tuple[float, int]]:
    found = []
    for at, body in bodies:
        event: dict[str, Any] = json.loads(body)
        number = event["data"]["number"]
        if (
            event["sequence"] == EVENTS
            and number.startswith("B")
            and int(number.split("-")[1]) in sent
        ):
            found.append((at, int(number.split("-")[1])))
    return found


async def measure(stack: Stack, count: int, pairs: int) -> list[dict[str, Any]]:
    """The figures of the journey."""
    product = Product(stack)
    await product.sign_in()
    await product_rate(product, min(count, 300))  # warm
    ratios, rates, twins, costs, doorless = [], [], [], [], []
    for _ in range(pairs):
        rate, cost = await product_rate(product, count)
        bare = await twin_rate(stack, count, by_door=True)
        rates.append(rate)
        twins.append(bare)
        ratios.append(rate / bare)
        doorless.append(rate / await twin_rate(stack, count, by_door=False))
        costs.append(cost)
    half = statistics.median(rates) / 2
    await product.sign_in()
    times = sorted(await latency(product, half, 2000))
    cost = {p: round(statistics.median(c[p] for c in costs), 3) for p in PARTS}
    return [
        {
            "bench": "journey",
            "value": round(statistics.median(rates), 1),
            "unit": "invoices/s",
            "ratio": round(statistics.median(ratios), 3),
            "against": f"bare twin, {statistics.median(twins):.0f}/s, batches of {twin.BATCH}",
            "spread": [round(min(ratios), 3), round(max(ratios), 3)],
            "ratio_to_twin_without_door": round(statistics.median(doorless), 3),
            "pairs": pairs,
            "invoices": count,
        },
        {
            "bench": "journey-cpu",
            "value": round(sum(cost.values()), 3),
            "unit": "ms/invoice",
            "parts": cost,
        },
        {
            "bench": "journey-latency-half-load",
            "value": round(times[len(times) // 2] * 1000, 1),
            "unit": "ms p50",
            "p99": round(times[int(len(times) * 0.99)] * 1000, 1),
            "samples": len(times),
            "rate": round(half, 1),
        },
        {
            "bench": "memory-peak",
            "value": max(product.memory().values()),
            "unit": "MB",
            "parts": product.memory(),
        },
    ]
