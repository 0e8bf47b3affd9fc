"""Who hands in a thousand files waits behind oneself; scans, archives and pages wait apart."""

from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from services.ingest.adapters.turns import Turns
from shared.contracts.ingest import (
    ArchiveReceived,
    BulkReceived,
    DepositReceived,
    InvoiceRead,
    PageReceived,
)
from shared.contracts.message import Depositor
from tests.bench.documents import ubl
from tests.component.neighbours import House, house
from tests.conftest import Broker, Mongo
from tests.unit.test_archive import zipped

FLOODING, OTHER = "live/siret/40483304800022", "live/siret/73282932000074"
FLOOD = 600


async def handed_in(ingest: House, sender: str, name: str, data: bytes) -> str:
    """The deposit that a file became."""
    form = aiohttp.FormData()
    form.add_field("file", data, filename=name)
    headers = ingest.token(sender)
    async with ingest.http.post("/v1/deposits", data=form, headers=headers) as answer:
        assert answer.status == 202, await answer.text()
        return str((await answer.json())["id"])


def invoice(n: int, seller: str) -> bytes:
    """An invoice of a few lines."""
    return ubl(f"L-{n}", seller=seller[-14:], buyer="22310001700423", lines=3)


async def test_one_invoice_is_read_before_a_flood_of_somebody_else_is_half_done(
    mongo: Mongo, broker: Broker
) -> None:
    async with house("ingest", mongo, broker) as ingest:
        flood = zipped(*((f"{n}.xml", invoice(n, FLOODING)) for n in range(FLOOD)))
        await handed_in(ingest, FLOODING, "lot.zip", flood)
        await ingest.until(lambda: ingest.of(BulkReceived), "the archive is open")
        single = await handed_in(ingest, OTHER, "seule.xml", invoice(FLOOD, OTHER))

        def read() -> list[Any]:
            return ingest.of(InvoiceRead)

        await ingest.until(lambda: any(one.deposit_id == single for one in read()), "it is read")
        before = [one.deposit_id for one in read()].index(single)
        assert before < FLOOD // 2, f"{before} of {FLOOD} went first"
        await ingest.until(lambda: len(read()) == FLOOD + 1, "all are read")


async def test_files_of_all_kinds_are_read_from_the_lane_of_their_name(
    mongo: Mongo, broker: Broker
) -> None:
    async with house("ingest", mongo, broker, CHORALE_SINGLE_FILES="3") as ingest:
        names = ("a.xml", "a.pdf", "a.zip", "b.xml")
        for n, name in enumerate(names):
            await handed_in(ingest, FLOODING, name, invoice(n, FLOODING))
        await ingest.until(lambda: len(ingest.of(InvoiceRead)) == len(names), "all are read")
        kinds = (DepositReceived, PageReceived, ArchiveReceived, BulkReceived)
        assert [one.filename for kind in kinds for one in ingest.of(kind)] == list(names)


@pytest.mark.parametrize("name", ["f.xml", "f.PDF", "lot.zip"])
def test_more_than_a_few_files_of_one_sender_wait_apart_and_those_of_another_do_not(
    name: str,
) -> None:
    turns = Turns(singles=5)
    file = DepositReceived(
        deposit_id="d1",
        realm="live",
        depositor=Depositor(subject="one"),
        sha256="0" * 64,
        size=1,
        filename=name,
        received_at=datetime(2026, 11, 2, tzinfo=UTC),
    )
    lanes = [type(turns.placed("one", file)) for _ in range(8)]
    assert BulkReceived not in lanes[:5] and lanes[5:] == [BulkReceived] * 3
    assert type(turns.placed("another", file)) is lanes[0]
