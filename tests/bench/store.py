"""What reads, lists, dashboards and moves cost as the store grows: `python -m tests.bench.store`.

The store is filled by workflow's own writers to each size in turn, and measured there: the ratio is
against the first size. Sizes are arguments: `10000 100000` when none is given.
"""

import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

from deploy.local.handle import Stack
from services.workflow.domain.scopes import scope
from services.workflow.domain.summary import summary
from services.workflow.domain.todo import asks
from services.workflow.store import COLLECTIONS, INDEXES
from services.workflow.store.lists import Order
from services.workflow.store.queries import Search
from shared.contracts.status import InvoiceStatus
from shared.contracts.workflow import InvoiceQuery
from tests.component.kernel import kernel
from tests.component.town import ground
from tests.filled import BUYER, SELLER, Filled, filters

SIZES = (10_000, 100_000)
ROUNDS = 15
TODAY = date(2026, 3, 1)
Work = Callable[[], Awaitable[Any]]


async def measure(mongo: Any, broker: Any, sizes: tuple[int, ...]) -> None:
    """Fill, measure, fill further."""
    first: dict[str, float] = {}
    async with kernel(mongo, broker) as k:
        await k.db.ensure(COLLECTIONS)
        await k.db.prepare(INDEXES)
        filled = Filled(k)
        await filled.prepare()
        for size in sizes:
            began = time.perf_counter()
            written = size - filled.count
            await filled.up_to(size)
            rate = written / (time.perf_counter() - began)
            _print(
                {"bench": "store-fill", "value": round(rate), "unit": "invoices/s", "size": size}
            )
            for name, work in works(filled):
                value = await _median(work)
                against = first.setdefault(name, value)
                ratio = round(value / against, 2)
                figure = {"value": round(value * 1000, 2), "unit": "ms", "ratio": ratio}
                _print({"bench": name, **figure, "against": sizes[0], "size": size})


def works(filled: Filled) -> list[tuple[str, Work]]:
    """What people do, for the greatest body and for one of its sellers."""
    chance = random.Random(5)
    store = filled.store

    def search(scopes: tuple[str, ...], given: dict[str, Any]) -> Work:
        wanted = InvoiceQuery.model_validate(given)
        asked = Search("live", scopes, wanted, TODAY)
        return lambda: store.lists.page(asked, Order.of(wanted), None, wanted.limit)

    async def read() -> None:
        wanted = InvoiceQuery(
            sort="number", number=f"S{chance.randrange(filled.count // 2) * 2:08}"
        )
        asked = Search("live", (scope("buyer", BUYER),), wanted, TODAY)
        (record,), _ = await store.lists.page(asked, Order.of(wanted), None, 1)
        assert await store.readable(record.id, "live", [BUYER])

    async def move() -> None:
        number = f"S{chance.randrange(filled.count // 14) * 14:08}"
        asked = Search("live", (scope("buyer", BUYER),), InvoiceQuery(number=number), TODAY)
        (record,), _ = await store.lists.page(asked, Order.of(asked.wanted), None, 1)
        action = "post" if record.status is InvoiceStatus.SERVICE_DONE else "service_done"
        made = await filled.move(store, record.id, (action,), 0)
        assert made
        await filled.commit(made)

    async def board() -> None:
        summary(await store.tallies.months([scope("buyer", BUYER)]), TODAY)

    todo = [asks("treat", scope("buyer", BUYER))]
    named: list[tuple[str, Work]] = [("read", read), ("move", move), ("dashboard", board)]
    named += [("todo", lambda: store.lists.asked(todo, 1000, 5))]
    both = ((("buyer", BUYER)), ("seller", SELLER))
    for side, key in both:
        for given in filters():
            label = ",".join(f"{k}={v}" for k, v in given.items()) or "all"
            named.append((f"list-{side}-{label}", search((f"{side} {key}",), given)))
    return named


async def _median(work: Work) -> float:
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken[1:])


def _print(figure: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(figure, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Measure on servers of our own."""
    sizes = tuple(int(size) for size in sys.argv[1:]) or SIZES
    with (
        tempfile.TemporaryDirectory(prefix="chorale-bench-") as folder,
        Stack(Path(folder), ingest=1, only=()) as servers,
        ground(servers) as (mongo, broker),
    ):
        asyncio.run(measure(mongo, broker, sizes))


if __name__ == "__main__":
    main()
