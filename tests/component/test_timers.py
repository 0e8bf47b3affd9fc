"""Delays on a real database, under a clock that the test moves; schedulers race and die."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from services.workflow.adapters import Adapters
from services.workflow.domain import lifecycle
from services.workflow.domain.acts import act
from services.workflow.domain.lapse import lapse
from services.workflow.domain.steps import Said, after
from services.workflow.handlers.opening import open_invoice
from services.workflow.handlers.timekeeping import effect, see_to
from services.workflow.store import COLLECTIONS, INDEXES, LEASE, Store, documents
from services.workflow.store.changes import Moved, change
from shared.context import Context
from shared.contracts.invoice import Party
from shared.contracts.structures import Requirements, Structure, StructureChanged
from shared.contracts.workflow import ActionAwaited, Done, InvoiceOpened, StatusChanged
from shared.files import Files
from shared.outbox import Change
from tests.builders import a_structure, an_invoice, an_invoice_read
from tests.component.kernel import Kernel, kernel
from tests.component.neighbours import house
from tests.component.test_workflow import knows, opened
from tests.conftest import Broker, Mongo

START = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
MAIN_SIRET = "40483304800022"
MAIN = f"live/siret/{MAIN_SIRET}"


@dataclass
class Platform:
    """workflow without its process: its store, what was told, and no clock of its own."""

    kernel: Kernel
    told: list[Any] = field(default_factory=list)

    @property
    def store(self) -> Store:
        """A store that remembers nothing, as after a restart."""
        return Store(self.kernel.db)

    async def apply(self, made: Change) -> bool:
        """Apply a change, and remember what it told if it had its effect."""
        fresh = await self.kernel.outbox.apply(made)
        if fresh:
            self.told += made.tell
        return fresh

    def context(self, at: datetime) -> Context[Store, Adapters]:
        return Context(self.store, Adapters(), at, Files(self.kernel.files))

    async def open(self, at: datetime = START, **header: Any) -> str:
        """An invoice that waits for the visa of its validator."""
        given = {"process": "A9", "validator": Party(siret=MAIN_SIRET), **header}
        read = an_invoice_read(header=an_invoice(**given).header(), received_at=at)
        await self.apply(await open_invoice(read, self.context(at)))
        return next(t.invoice_id for t in reversed(self.told) if isinstance(t, InvoiceOpened))

    async def at(self, at: datetime, schedulers: int = 2) -> None:
        """What so many schedulers, all just started, do at a time."""
        while sum(
            await asyncio.gather(*(see_to(self.store, self.apply, at) for _ in range(schedulers)))
        ):
            continue

    def of(self, message: type[Any]) -> list[Any]:
        return [told for told in self.told if isinstance(told, message)]

    async def statuses(self, invoice_id: str) -> list[str]:
        record = await self.store.invoice(invoice_id)
        assert record
        return [step.status.value for step in record.steps]


def a_company(siret: str) -> Structure:
    return a_structure(identifier=siret, public=False, requirements=Requirements(), departments=())


@asynccontextmanager
async def platform(mongo: Mongo, broker: Broker) -> AsyncIterator[Platform]:
    async with kernel(mongo, broker) as k:
        await k.db.ensure(COLLECTIONS)
        await k.db.prepare(INDEXES)
        made = Platform(k)
        for sheet in (a_structure(), a_company(MAIN_SIRET)):
            await made.apply(Change([await made.store.learn(sheet)]))
        yield made


async def test_each_second_around_each_delay_it_has_its_effect_once_and_not_before(
    mongo: Mongo, broker: Broker
) -> None:
    async with platform(mongo, broker) as p:
        invoice_id = await p.open()
        assert [f.days for f in p.of(ActionAwaited)] == [0]
        for days, reminders in ((7, [0, 7]), (13, [0, 7, 13])):
            for second in range(-5, 0):
                await p.at(START + days * DAY + second * SECOND)
                assert [f.days for f in p.of(ActionAwaited)] == reminders[:-1]
            for second in range(6):
                await p.at(START + days * DAY + second * SECOND)
                assert [f.days for f in p.of(ActionAwaited)] == reminders
        for second in range(-5, 0):
            await p.at(START + 15 * DAY + second * SECOND)
            assert await p.statuses(invoice_id) == ["TO_VALIDATE_1"]
        for second in range(6):
            await p.at(START + 15 * DAY + second * SECOND)
            assert await p.statuses(invoice_id) == [
                *("TO_VALIDATE_1", "NO_VALIDATION_1", "DEPOSITED", "IN_TRANSIT", "MADE_AVAILABLE")
            ]
        (changed,) = p.of(StatusChanged)
        assert {step.at for step in changed.steps} == {START + 15 * DAY}
        assert await p.kernel.count("timers") == 0


async def test_what_was_due_while_everything_was_down_happens_in_its_order_with_its_own_date(
    mongo: Mongo, broker: Broker
) -> None:
    async with platform(mongo, broker) as p:
        invoice_id = await p.open()
        await p.at(START + 40 * DAY)
        assert sorted(f.days for f in p.of(ActionAwaited)) == [0, 7, 13]
        record = await p.store.invoice(invoice_id)
        assert record and record.steps[1].at == START + 15 * DAY


async def test_a_scheduler_that_dies_with_a_delay_in_hand_leaves_it_to_another(
    mongo: Mongo, broker: Broker
) -> None:
    async with platform(mongo, broker) as p:
        invoice_id = await p.open()
        due = START + 15 * DAY
        await p.at(due - SECOND)
        taken = await p.store.claim(due)
        assert taken and taken.days == 15
        for second in range(int(LEASE.total_seconds())):
            await p.at(due + second * SECOND)
            assert await p.statuses(invoice_id) == ["TO_VALIDATE_1"], "it is leased"
        await p.at(due + LEASE)
        assert len(await p.statuses(invoice_id)) == 5
        late = await effect(taken, p.store)
        assert not await p.apply(late), "the dead one comes back: its mark is known"
        assert len(await p.statuses(invoice_id)) == 5


async def test_of_many_that_see_to_one_delay_at_once_one_wins(mongo: Mongo, broker: Broker) -> None:
    async with platform(mongo, broker) as p:
        ids = [await p.open() for _ in range(5)]
        await p.at(START + 14 * DAY)
        for invoice_id in ids:
            record = await p.store.invoice(invoice_id)
            timer = await p.store.claim(START + 15 * DAY)
            assert record and timer
            outcomes = await asyncio.gather(
                *(effect_of(p, timer.invoice_id) for _ in range(10)), return_exceptions=True
            )
            assert [o for o in outcomes if o is True] == [True]
        assert Counter(t.invoice_id for t in p.of(StatusChanged)) == dict.fromkeys(ids, 1)


async def effect_of(p: Platform, invoice_id: str) -> bool:
    """The end of a visa's delay, decided on a fresh look."""
    record = await p.store.invoice(invoice_id)
    assert record
    timer = next(t for t in await running(p, invoice_id) if t.days == 15)
    moved = Moved(lapse(record, timer).record, record, save=(p.store.over(timer),))
    return await p.apply(await change(p.store, moved, timer.mark))


async def running(p: Platform, invoice_id: str) -> list[Any]:
    found = await p.kernel.db["timers"].find({"invoice": invoice_id}).to_list(None)
    return [documents.timer(document) for document in found]


async def test_a_visa_that_comes_between_the_look_and_the_commit_wins(
    mongo: Mongo, broker: Broker
) -> None:
    async with platform(mongo, broker) as p:
        invoice_id = await p.open()
        await p.at(START + 14 * DAY)
        timer = await p.store.claim(START + 15 * DAY)
        assert timer
        decided = await effect(timer, p.store)
        record = await p.store.invoice(invoice_id)
        assert record
        await p.apply(Change(p.store.moved(record.noted(_seen(record)), record)))
        outcome = await asyncio.gather(p.apply(decided), return_exceptions=True)
        assert isinstance(outcome[0], Exception), "the invoice is another one by now"
        await p.at(START + 15 * DAY + LEASE)
        assert len(await p.statuses(invoice_id)) == 5, "the lease brought the delay back"


def _seen(record: Any) -> Done:
    return Done(
        action="acknowledge",
        chorus_code="ACQUITTEMENT_REJET",
        label="x",
        at=START,
        by="seller",
        sequence=1,
    )


async def test_a_rejected_invoice_is_asked_about_after_seven_days_unless_it_was_seen(
    mongo: Mongo, broker: Broker
) -> None:
    async with platform(mongo, broker) as p:
        for seen in (False, True):
            p.told.clear()
            invoice_id = await p.open(process="A1")
            record = await p.store.invoice(invoice_id)
            assert record
            rejected = await rejecting(p, record)
            if seen:
                row = act(rejected.steps[-1], (), "acknowledge", ["seller"])
                done = Done(
                    action=row.action,
                    chorus_code=row.chorus,
                    label=row.label,
                    at=START,
                    by="seller",
                    sequence=4,
                )
                await p.apply(Change(p.store.moved(rejected.noted(done), rejected)))
            await p.at(START + 7 * DAY - SECOND)
            assert p.of(ActionAwaited) == []
            await p.at(START + 7 * DAY)
            told = [(f.action, f.days) for f in p.of(ActionAwaited)]
            assert told == ([] if seen else [("acknowledge", 7)])


async def rejecting(p: Platform, record: Any) -> Any:
    """The invoice, rejected by its buyer at the start."""
    row = lifecycle.move(record.status, "reject", ["buyer"], record.circuit())
    steps = after(record.steps[-1], row, record.circuit(), at=START, said=Said(reason="x"))
    moved = Moved(record.stepped(steps), record)
    await p.apply(await change(p.store, moved))
    return moved.record


async def test_two_processes_that_are_killed_and_started_again_see_to_each_delay_once(
    mongo: Mongo, broker: Broker
) -> None:
    async with house("workflow", mongo, broker) as first:
        await knows(
            first,
            StructureChanged(structure=a_structure()),
            StructureChanged(structure=a_company(MAIN_SIRET)),
        )
        reads = [
            an_invoice_read(
                header=an_invoice(process="A9", validator=Party(siret=MAIN_SIRET)).header()
            )
            for _ in range(60)
        ]
        told = await opened(first, *reads)
        soon = datetime.now(UTC) + 2 * SECOND
        for n, invoice in enumerate(told):  # the clock is moved by moving what it is compared to
            due = soon + n * timedelta(milliseconds=50)
            await first.db["timers"].update_many(
                {"invoice": invoice.invoice_id}, {"$set": {"due": due, "lease": due}}
            )
        async with house("workflow", mongo, broker) as second:
            os.kill(second.pid, signal.SIGKILL)
            async with house("workflow", mongo, broker):
                await first.until(
                    lambda: len(first.of(StatusChanged)) >= 60, "every visa became tacit"
                )
                await first.quiet()
        counts = Counter(changed.invoice_id for changed in first.of(StatusChanged))
        assert counts == {invoice.invoice_id: 1 for invoice in told}
        reminded = Counter(f.invoice_id for f in first.of(ActionAwaited) if f.days)
        assert set(reminded.values()) <= {1, 2} and len(reminded) <= 60
        async for document in first.db["invoices"].find({}):
            assert [s["sequence"] for s in document["steps"]] == [1, 2, 3, 4, 5]
        assert await first.db["timers"].count_documents({}) == 0
