"""Work of two speeds: who hears a queue is the operator's choice, and long work travels alone."""

from typing import Any

from shared.contracts.ingest import DepositReceived, ScanFound
from shared.contracts.message import Depositor
from shared.listener import Listener
from shared.outbox import Change
from shared.parcel import unpack
from shared.service import on
from tests.component.kernel import Kernel, kernel


async def never(message: ScanFound, context: Any) -> Change:
    raise AssertionError("nobody hears this here")


def fact(kind: type[DepositReceived], n: int, at: Any) -> DepositReceived:
    return kind(
        deposit_id=f"d{n}",
        realm="live",
        depositor=Depositor(subject="client"),
        sha256="0" * 64,
        size=1,
        filename="scan.pdf",
        received_at=at,
    )


async def unheard(k: Kernel) -> str:
    listener = Listener("test", on(ScanFound, never), k.broker, k.outbox, k._context, 200)
    await listener.start(hear=False)
    await listener.finish()
    return listener.queue


async def test_what_a_process_does_not_hear_waits_for_one_that_does(
    mongo: Any, broker: Any
) -> None:
    async with kernel(mongo, broker) as k:
        queue = await unheard(k)
        await k.outbox.apply(Change(tell=[fact(ScanFound, 1, k._context("").at)]))

        async def waits() -> bool:
            return await k.depth(queue) == 1

        await k.until(waits)


async def test_each_scan_travels_alone_and_quick_facts_together(mongo: Any, broker: Any) -> None:
    async with kernel(mongo, broker) as k:
        queue, at = await unheard(k), k._context("").at
        await k.broker.declare_queue("test.quick", [DepositReceived.TOPIC])
        scans = [fact(ScanFound, n, at) for n in range(3)]
        quick = [fact(DepositReceived, n, at) for n in range(3)]
        await k.outbox.apply(Change(tell=[*scans, *quick]))

        async def arrived() -> bool:
            return (await k.depth(queue), await k.depth("test.quick")) == (3, 1)

        await k.until(arrived)
        assert len(unpack((await k.take(queue)).body)) == 1
        assert len(unpack((await k.take("test.quick")).body)) == 3
