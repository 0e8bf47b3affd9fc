"""What a search reads of a filled store, as the database explains it; and counts folded at once."""

import asyncio
from collections.abc import Iterator
from datetime import date
from typing import Any

from services.workflow.domain.scopes import scope
from services.workflow.domain.summary import summary
from services.workflow.store import COLLECTIONS, INDEXES
from services.workflow.store.lists import Order
from services.workflow.store.queries import Search, query
from services.workflow.store.tallies import LOOSE
from shared.contracts.workflow import InvoiceQuery
from shared.errors import Conflict
from shared.mongo import Count
from shared.outbox import Change
from tests.component.kernel import kernel
from tests.conftest import Broker, Mongo
from tests.filled import BUYER, Filled, filters

COUNT, LIMIT, MOST = 1500, 25, 300
"""Invoices in the store, half of them the buyer's; in a page; read for a page at most."""


def stages(plan: Any) -> Iterator[str]:
    """Every stage of a plan."""
    if isinstance(plan, dict):
        if "stage" in plan:
            yield plan["stage"]
        for part in plan.values():
            yield from stages(part)
    elif isinstance(plan, list):
        for part in plan:
            yield from stages(part)


async def test_every_search_is_answered_from_an_index_and_reads_little_more_than_it_shows(
    mongo: Mongo, broker: Broker
) -> None:
    async with kernel(mongo, broker) as k:
        await k.db.ensure(COLLECTIONS)
        await k.db.prepare(INDEXES)
        filled = Filled(k)
        await filled.prepare()
        await filled.up_to(COUNT)
        for given in filters():
            wanted = InvoiceQuery.model_validate(given)
            search = Search("live", (scope("buyer", BUYER),), wanted, date(2026, 3, 1))
            order = Order.of(wanted)
            explained = await k.db.native.command(
                {
                    "explain": {
                        "find": "invoices",
                        "filter": query(search),
                        "sort": dict(order.keys()),
                        "limit": LIMIT + 1,
                    },
                    "verbosity": "executionStats",
                }
            )
            used = set(stages(explained["queryPlanner"]["winningPlan"]))
            assert "IXSCAN" in used and "COLLSCAN" not in used, (given, used)
            stats = explained["executionStats"]
            assert stats["totalDocsExamined"] <= MOST, (given, stats["totalDocsExamined"], used)
            records, _ = await filled.store.lists.page(search, order, None, LIMIT)
            assert len(records) == min(stats["nReturned"], LIMIT), given


async def test_of_two_folds_at_once_one_succeeds_and_nothing_is_counted_twice(
    mongo: Mongo, broker: Broker
) -> None:
    async with kernel(mongo, broker) as k:
        await k.db.ensure(COLLECTIONS)
        await k.db.prepare(INDEXES)
        filled = Filled(k)
        await filled.prepare()
        for count in (3, 6):
            await filled.commit(
                *[await filled.opening(filled.store, n) for n in range(count - 3, count)]
            )
            both = [await filled.store.tallies.fold() for _ in range(2)]
            outcomes = await asyncio.gather(
                *(k.outbox.apply(fold) for fold in both if fold), return_exceptions=True
            )
            assert sorted(map(type, outcomes), key=str) == sorted([bool, Conflict], key=str)
            assert await k.count(LOOSE) == 0
            months = await filled.store.tallies.months([scope("buyer", BUYER)])
            (side,) = summary(months, date(2026, 3, 1))
            assert side.count == (count + 1) // 2


async def test_a_fold_is_short_however_much_waits_and_leaves_nothing(
    mongo: Mongo, broker: Broker
) -> None:
    async with kernel(mongo, broker) as k:
        await k.db.ensure(COLLECTIONS)
        rows = {(f"buyer {BUYER} 20{n:02}-01", "01.DEPOSITED.n"): 1 for n in range(99)}
        for _ in range(60):
            await k.outbox.apply(Change([Count(LOOSE, rows)]))
        tallies, folds = Filled(k).store.tallies, 0
        while fold := await tallies.fold():
            assert len(fold.save) < 200
            await k.outbox.apply(fold)
            folds += 1
        assert (folds, await k.count(LOOSE)) == (3, 0)
        months = await tallies.months([scope("buyer", BUYER)])
        assert {month["01"]["DEPOSITED"]["n"] for month in months} == {60}
