"""The journal on a real database: written with each change, sealed once, and nothing hidden."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from deploy.ledger import Ledger, Report
from services.workflow.domain import journal
from services.workflow.store.journal import HEADS, JOURNAL, read
from shared.contracts.proof import HeadPage
from shared.outbox import Change
from tests.component.test_timers import DAY, START, Platform, platform
from tests.conftest import Broker, Mongo

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def p(mongo: Mongo, broker: Broker) -> AsyncIterator[Platform]:
    async with platform(mongo, broker) as made:
        await made.apply(Change(await made.store.journal.ring.first(START)))
        yield made


async def seal(p: Platform, at: Any = START) -> int:
    """Seal everything; how many heads that made."""
    made = 0
    while change := await p.store.journal.seal(at):
        await p.apply(change)
        made += 1
    return made


async def lives(p: Platform, count: int = 3) -> list[str]:
    """Invoices whose validators let the delay pass."""
    ids = [await p.open(number=f"J-{n}") for n in range(count)]
    await p.at(START + 16 * DAY)
    return ids


async def checked(p: Platform) -> Report:
    return await Ledger(p.kernel.db).check()


async def places(p: Platform) -> list[str]:
    return [fault.place for fault in (await checked(p)).faults]


async def test_each_change_is_an_entry_that_follows_the_one_before(p: Platform) -> None:
    ids = await lives(p)
    await seal(p, START + 16 * DAY)
    report = await checked(p)
    assert report.faults == []
    assert (report.invoices, report.entries, report.heads, report.unsealed) == (3, 6, 1, 0)
    for id in ids:
        chain = [read(row) for row in await p.store.journal.chain(id, 0, 10)]
        told = [step["status"] for step in journal.steps(chain)]
        assert told == await p.statuses(id)
        assert [step["sequence"] for step in journal.steps(chain)] == [1, 2, 3, 4, 5]


def other_status(content: str) -> str:
    return content.replace("TO_VALIDATE_1", "MADE_AVAILABLE")


async def test_what_is_done_to_an_entry_in_the_database_is_found(p: Platform) -> None:
    """Removed, altered or inserted: the first false entry is named, and no other invoice."""
    _, id, _ = await lives(p)
    await seal(p, START + 16 * DAY)
    entries = p.kernel.db[JOURNAL]
    rows = {row["_id"]: row async for row in entries.find({})}
    first, second, third = (f"{id}/00000{n}" for n in (1, 2, 3))
    altered = {**rows[first], "content": other_status(rows[first]["content"])}
    inserted = {"_id": third, "content": "{}", "hash": journal.digest("{}"), "head": 1}
    for tampering, named in (
        ({first: None}, first),
        ({second: None}, second),
        ({first: altered}, first),
        ({first: {**altered, "hash": journal.digest(altered["content"])}}, first),
        ({third: inserted}, third),
        ({first: {**rows[second], "_id": first}, second: {**rows[first], "_id": second}}, first),
    ):
        for place, row in tampering.items():
            await entries.delete_one({"_id": place})
            if row:
                await entries.insert_one(row)
        found = await places(p)
        assert found[0] == named
        assert not [place for place in found if id not in place]
        for place in tampering:
            await entries.delete_one({"_id": place})
            if place in rows:
                await entries.insert_one(rows[place])
        assert await places(p) == []


async def test_an_altered_entry_whose_hashes_are_all_made_anew_is_found_by_its_head(
    p: Platform,
) -> None:
    """Whoever has the database but not the key cannot make a chain that the heads accept."""
    _, id, _ = await lives(p)
    await seal(p, START + 16 * DAY)
    db, was, before = p.kernel.db, journal.START, journal.START
    for row in await p.store.journal.chain(id, 0, 10):
        content = other_status(row["content"]).replace(was, before)
        was, before = row["hash"], journal.digest(content)
        new = {"content": content, "hash": before}
        await db[JOURNAL].update_one({"_id": row["_id"]}, {"$set": new})
    await db["invoices"].update_one({"_id": id}, {"$set": {"chain": before}})
    assert (await places(p))[0] == f"{id}/000001"


async def test_an_invoice_that_is_removed_with_its_whole_chain_is_found(p: Platform) -> None:
    _, id, _ = await lives(p)
    await seal(p, START + 16 * DAY)
    await p.kernel.db["invoices"].delete_one({"_id": id})
    await p.kernel.db[JOURNAL].delete_many({"_id": {"$regex": f"^{id}"}})
    assert await places(p) == [f"{id}/000001", f"{id}/000002"]


async def test_an_invoice_that_is_changed_without_the_journal_is_found(p: Platform) -> None:
    _, id, _ = await lives(p)
    invoices = p.kernel.db["invoices"]
    stored = await invoices.find_one({"_id": id})
    assert stored
    for field, value in (("status", "PAID"), ("header", "{}"), ("steps", []), ("seller", "x")):
        await invoices.update_one({"_id": id}, {"$set": {field: value}})
        report = await checked(p)
        assert [fault.place for fault in report.faults] == [f"invoice {id}"]
        assert field in report.faults[0].what
        await invoices.replace_one({"_id": id}, stored)
    assert await places(p) == []


async def test_heads_that_are_removed_altered_or_cut_off_are_found(p: Platform) -> None:
    heads = p.kernel.db[HEADS]
    for day in range(4):
        await p.open(START + day * DAY, number=f"H-{day}")
        await seal(p, START + day * DAY)
    published = [row async for row in heads.find({}, {"leaves": 0}).sort("_id", 1)]
    assert await places(p) == []
    second = await heads.find_one_and_delete({"_id": 2})
    assert (await places(p))[0] == "head 2"
    assert second
    await heads.insert_one({**second, "root": "0" * 64})
    assert (await places(p))[0] == "head 2"
    await heads.replace_one({"_id": 2}, second)
    assert await places(p) == []
    await heads.delete_one({"_id": 4})
    assert await places(p), "an entry says that a head seals it which is not there"
    await p.kernel.db[JOURNAL].update_many({"head": 4}, {"$set": {"head": 0}})
    assert await places(p) == [], "cut off as a whole: only who kept the head can tell"
    kept = HeadPage.model_validate({"items": [{**h, "number": h["_id"]} for h in published]}).items
    faults = (await Ledger(p.kernel.db).check(kept)).faults
    assert [fault.place for fault in faults] == ["head 4"]


async def test_sealers_that_race_seal_each_entry_once(p: Platform) -> None:
    for n in range(40):
        await p.open(number=f"R-{n}")

    async def sealer() -> int:
        made = 0
        while change := await p.store.journal.seal(START):
            try:
                await p.apply(change)
                made += 1
            except Exception:
                await asyncio.sleep(0.01)
        return made

    made = await asyncio.gather(*(sealer() for _ in range(4)))
    report = await checked(p)
    assert report.faults == [] and report.unsealed == 0
    assert report.heads == sum(made)
    leaves = [leaf[0] async for h in p.kernel.db[HEADS].find({}) for leaf in h["leaves"]]
    assert sorted(leaves) == sorted(set(leaves)) and len(leaves) == 40


async def test_an_entry_that_is_committed_late_is_sealed_by_the_next_head(p: Platform) -> None:
    """Its time is older than the head that missed it; what counts is that nothing seals it."""
    late = await p.open(START + DAY, number="L-1")
    rows = await p.kernel.db[JOURNAL].find({}).to_list(None)
    await p.kernel.db[JOURNAL].delete_many({})
    await p.open(START + 2 * DAY, number="L-2")
    await seal(p, START + 2 * DAY)
    await p.kernel.db[JOURNAL].insert_many(rows)
    await seal(p, START + 2 * DAY + MINUTE)
    report = await checked(p)
    assert (report.faults, report.unsealed, report.heads) == ([], 0, 2)
    (row,) = await p.store.journal.chain(late, 0, 10)
    assert row["head"] == 2


async def test_each_day_is_closed_by_a_head_under_a_clock_that_the_test_moves(p: Platform) -> None:
    await p.open()
    days = [START + n * DAY for n in range(4)]
    for at in days:
        for _ in range(2):
            await seal(p, at)
    closing = await p.store.journal.page(None, 10, daily=True)
    assert [head["closes"] for head in closing] == ["2026-03-04", "2026-03-03", "2026-03-02"]
    assert await places(p) == []


async def test_old_heads_verify_after_the_key_has_changed_and_after_it_was_stolen(
    p: Platform,
) -> None:
    store = p.store
    for number, at in enumerate((START, START + DAY, START + 2 * DAY)):
        await p.open(at, number=f"K-{number}")
        await p.apply(Change(await store.journal.ring.rotation(at, at)))
        store.journal.ring.forget()
        await p.apply((await store.journal.seal(at)) or Change())
    keys = (await store.journal.ring.published()).keys
    assert len({key.kid for key in keys}) == 4
    assert await places(p) == []
    second = keys[1]
    await p.apply(Change(await store.journal.ring.compromise(second.kid, START + 3 * DAY, START)))
    assert await places(p) == [], "a good key signed a head over those of the stolen one"
    last = keys[3]
    await p.apply(Change(await store.journal.ring.compromise(last.kid, START + 3 * DAY, START)))
    assert await places(p) == ["head 3"]
    await p.apply((await p.store.journal.seal(START + 4 * DAY)) or Change())
    assert await places(p) == [], "the next head vouches for it"
    assert len((await p.store.journal.ring.published()).keys) == 5
