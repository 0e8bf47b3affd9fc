"""Statuses that a body's own system hands in as a file: each is a move, and has its result."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from shared.clock import new_id
from shared.contracts.finding import Finding
from shared.contracts.message import Depositor
from shared.contracts.reported import ReportedStatus, StatusesReported, StatusesTaken, TakenStatus
from shared.contracts.status import InvoiceStatus as S
from tests.builders import AT, SELLER_SIRET, an_invoice, an_invoice_read
from tests.component.acting import BUYER, MAIN, do, life, seen, workflow
from tests.component.neighbours import House, house
from tests.component.test_workflow import opened
from tests.conftest import Broker, Mongo
from tests.fixtures.pivot import statuses

__all__ = ["workflow"]
UBL = (Path(__file__).parents[1] / "fixtures/ubl/invoice.xml").read_bytes()


def said(number: str, status: S | None, **more: Any) -> ReportedStatus:
    return ReportedStatus(
        number=number, status=status, code=status.pivot or "" if status else "17", **more
    )


async def report(workflow: House, *said: ReportedStatus, treats: str = BUYER) -> StatusesTaken:
    """What became of the statuses of a file."""
    told = StatusesReported(
        deposit_id=new_id(),
        realm="live",
        depositor=Depositor(subject="erp", structure=BUYER, treats=(treats,)),
        received_at=AT,
        statuses=said,
    )
    await workflow.learn(told)

    def answers() -> list[StatusesTaken]:
        return [t for t in workflow.of(StatusesTaken) if t.deposit_id == told.deposit_id]

    await workflow.until(answers, "the file is taken")
    return answers()[0]


def codes(taken: StatusesTaken) -> list[str | None]:
    return [next((f.code for f in item.findings), None) for item in taken.items]


async def test_each_status_of_a_file_is_recorded_in_its_order_or_refused_by_itself(
    workflow: House,
) -> None:
    first, second = await opened(workflow, an_invoice_read(), an_invoice_read())
    one, two = first.header.number, second.header.number
    taken = await report(
        workflow,
        said(one, S.SERVICE_DONE, seller=SELLER_SIRET[:9]),
        said("NOWHERE", S.POSTED),
        said(two, S.SUSPENDED),
        said(one, S.PAYMENT_ORDERED, mandate_number="M-1"),
        said(two, None),
        said(two, S.COMPLETED),
        said(two, S.MISROUTED),
        said(one, S.PAYMENT_ORDERED),
        said(one, S.PAYMENT_SENT, seller="999999999"),
        said(one, S.POSTED, issue_date=first.header.issue_date),
    )
    wrong = ["FAC-MOVE-006", "FAC-MOVE-001", "FAC-MOVE-008", "FAC-MOVE-008", "FAC-MOVE-006"]
    assert codes(taken) == [None, *wrong[:2], None, *wrong[2:4], None, None, wrong[4], None]
    assert taken.items[0].invoice_id == first.invoice_id
    steps = await life(workflow, first, BUYER)
    assert steps[3:] == ["SERVICE_DONE", "PAYMENT_ORDERED", "POSTED"], "a repeat is no step"
    view = await seen(workflow, second, BUYER)
    assert view["status"]["code"] == "MISROUTED"
    status, _ = await do(workflow, first, BUYER, "send_payment")
    assert status == 200, "people go on from where the file left it"


async def test_who_does_not_treat_an_invoice_cannot_report_of_it_and_learns_nothing(
    workflow: House,
) -> None:
    header = an_invoice(buyer_reference="DGS").header()
    (told,) = await opened(workflow, an_invoice_read(header=header))
    mine = said(header.number, S.REJECTED, reason="Double emploi")
    for other in (MAIN, told.seller, f"{BUYER} DRH"):
        refused = await report(workflow, mine, treats=other)
        assert (codes(refused), refused.items[0].invoice_id) == (["FAC-MOVE-006"], None)
    assert (await life(workflow, told, BUYER))[-1] == "MADE_AVAILABLE"
    assert codes(await report(workflow, mine, treats=f"{BUYER} DGS")) == [None]
    assert (await life(workflow, told, BUYER))[-1] == "REJECTED"


@pytest.fixture
async def ingest(mongo: Mongo, broker: Broker) -> AsyncIterator[House]:
    """The service that reads files."""
    async with house("ingest", mongo, broker) as inhabited:
        yield inhabited


async def hand_in(ingest: House, file: bytes, **rights: Any) -> tuple[dict[str, str], str]:
    """Somebody whose grant has these spaces hands a file in: who, and the deposit."""
    grant = {"structure": BUYER, "role": "user", "departments": ["DGS"], **rights}
    form = aiohttp.FormData()
    form.add_field("file", file, filename="statuts.xml")
    who = ingest.token(BUYER, grants=[grant])
    async with ingest.http.post("/v1/deposits", data=form, headers=who) as answer:
        assert answer.status == 202, await answer.text()
        return who, (await answer.json())["id"]


async def report_of(ingest: House, who: dict[str, str], deposit: str) -> Any:
    path = f"/v1/deposits/{deposit}?wait=10"
    async with ingest.http.get(path, headers=who) as answer:
        assert answer.status == 200
        return await answer.json()


async def test_an_office_that_only_treats_hands_in_statuses_and_reads_what_became_of_each(
    ingest: House,
) -> None:
    treats: Any = {"spaces": {"received_invoices": "write"}}
    who, deposit = await hand_in(ingest, statuses("07", "05"), **treats)
    await ingest.until(lambda: ingest.of(StatusesReported), "the file is read")
    (told,) = ingest.of(StatusesReported)
    assert (told.depositor.structures, told.depositor.treats) == ((), (f"{BUYER} DGS",))
    why = Finding(code="FAC-MOVE-008", pointer="/status", label="Statut", message="Impossible.")
    items = (TakenStatus(invoice_id="i-0"), TakenStatus(invoice_id="i-1", findings=(why,)))
    await ingest.learn(StatusesTaken(deposit_id=deposit, realm="live", items=items))
    report = await report_of(ingest, who, deposit)
    assert report["state"] == "PARTLY_INTEGRATED"
    shown = [(i["number"], i["status"], i["state"], i["invoice_id"]) for i in report["items"]]
    assert shown == [
        ("F0", "SERVICE_DONE", "INTEGRATED", "i-0"),
        ("F1", "REJECTED", "REJECTED", "i-1"),
    ]
    assert report["items"][1]["findings"][0]["message"] == "Impossible."

    who, deposit = await hand_in(ingest, UBL, **treats)
    report = await report_of(ingest, who, deposit)
    assert report["items"][0]["findings"][0]["code"] == "FAC-READ-033", "it issues no invoices"
