"""What a second ingest process gives, on XML and on PDF, against what the cores allow."""

import asyncio
import statistics
import time
import uuid
from collections.abc import Callable
from typing import Any

import psutil
from pymongo import AsyncMongoClient

from deploy.local.handle import Stack
from tests.bench.documents import ubl
from tests.bench.journey import Product
from tests.bench.push import push, request
from tests.fixtures.make_pdf import draw_invoice
from tests.fixtures.pdf.layouts import LAYOUTS

SECOND = "ingest-2"
LAYOUTS_DRAWN = 24
WARM = 100
"""Documents before each measure, so that every process has begun."""


async def measure(stack: Stack, count: int, pairs: int) -> list[dict[str, Any]]:
    """The figures; the stack has two ingest processes, of which one is stopped half of the time."""
    product = Product(stack)
    pages = [draw_invoice(n, LAYOUTS[n % len(LAYOUTS)])[0] for n in range(LAYOUTS_DRAWN)]

    def xml(n: int) -> bytes:
        siret = product.demo["seller"]["siret"], product.demo["buyer"]["siret"]
        return ubl(f"S{uuid.uuid4().hex[:12]}", seller=siret[0], buyer=siret[1])

    def pdf(n: int) -> bytes:
        return pages[n % len(pages)] + f"%{uuid.uuid4().hex}\n".encode()

    return [
        await _kind(product, "xml", xml, count, pairs),
        await _kind(product, "pdf", pdf, count // 4, pairs),
    ]


async def _kind(
    product: Product, kind: str, document: Callable[[int], bytes], count: int, pairs: int
) -> dict[str, Any]:
    ones, twos, costs = [], [], []
    for _ in range(pairs):
        await product.stack.stop(SECOND)
        await _rate(product, document, WARM)
        rate, cost = await _rate(product, document, count)
        ones.append(rate)
        costs.append(cost)
        await product.stack.start(SECOND)
        await _rate(product, document, WARM)
        twos.append((await _rate(product, document, count))[0])
    one, cost = statistics.median(ones), statistics.median(costs)
    cores = psutil.cpu_count() or 1
    return {
        "bench": f"ingest-1-to-2-{kind}",
        "value": round(statistics.median(twos), 1),
        "unit": "documents/s",
        "ratio": round(statistics.median(b / a for a, b in zip(ones, twos, strict=True)), 3),
        "against": f"one ingest process, {one:.0f}/s",
        "ceiling": round(cores / cost / one, 2),
        "cpu_ms": round(cost * 1000, 3),
        "pairs": pairs,
        "documents": count,
    }


async def _rate(
    product: Product, document: Callable[[int], bytes], count: int
) -> tuple[float, float]:
    """Documents a second from the first deposit until all are read; CPU seconds for each."""
    await product.sign_in()
    url, token = product.stack.base_url, product.token
    requests = [request(url, token, f"{n}", document(n)) for n in range(count)]
    before, started = sum(product.cpu().values()), time.perf_counter()
    statuses = await push(url, requests)
    assert set(statuses) == {202}, sorted(set(statuses))
    await _until_read(product)
    elapsed = time.perf_counter() - started
    spent = product.cpu()
    return count / elapsed, (sum(spent.values()) - before) / count


async def _until_read(product: Product) -> None:
    async with AsyncMongoClient[Any](product.stack.mongo_url) as mongo, asyncio.timeout(300):
        deposits = mongo["chorale_ingest"]["deposits"]
        under_way = {"state": {"$in": ["RECEIVED", "READING"]}}
        while await deposits.find_one(under_way):
            await asyncio.sleep(0.02)
