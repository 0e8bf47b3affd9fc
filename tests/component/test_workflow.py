"""workflow on real servers, through its API and its messages only."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from shared.contracts.ingest import InvoiceRead
from shared.contracts.notifications import ConnectorClosed, ConnectorOpened, connector_key
from shared.contracts.structures import StructureChanged
from shared.contracts.workflow import (
    InvoiceOpened,
    InvoiceRefused,
    StatusChanged,
)
from tests.builders import (
    BUYER_SIRET,
    SANDBOX,
    SELLER_SIRET,
    a_structure,
    an_invoice,
    an_invoice_read,
)
from tests.component.neighbours import House, fact, house
from tests.conftest import Broker, Mongo

SELLER, BUYER = f"live/siret/{SELLER_SIRET}", f"live/siret/{BUYER_SIRET}"
CANTEEN = "22310001700456"
STAND_IN = f"{SANDBOX}/siret/{BUYER_SIRET}"


@pytest.fixture
async def workflow(mongo: Mongo, broker: Broker) -> AsyncIterator[House]:
    """The service, with a buyer and its canteen in its copy of the directory."""
    async with house("workflow", mongo, broker) as inhabited:
        await knows(
            inhabited,
            StructureChanged(structure=a_structure()),
            StructureChanged(structure=a_structure(identifier=CANTEEN, name="Restauration")),
        )
        yield inhabited


async def knows(workflow: House, *messages: StructureChanged | ConnectorOpened) -> None:
    """Tell the service of structures or connectors, and wait until it has learned them."""
    await workflow.learn(*messages)
    for message in messages:
        if isinstance(message, StructureChanged):
            name, key, version = "directory", message.structure.key, message.structure.version
        else:
            key, version = connector_key(message.structure, message.department), message.version
            name = "connectors"
        await workflow.until(
            partial(workflow.db[name].find_one, {"_id": key, "version": {"$gte": version}}),
            f"{key} is learned",
        )


async def opened(workflow: House, *reads: InvoiceRead) -> list[InvoiceOpened]:
    """Invoices that went through, in the order of their deposits."""
    await workflow.learn(*reads)
    wanted = {(read.deposit_id, read.item): i for i, read in enumerate(reads)}

    def found() -> list[InvoiceOpened]:
        told = workflow.of(InvoiceOpened)
        return sorted(
            (t for t in told if (t.deposit_id, t.item) in wanted),
            key=lambda t: wanted[t.deposit_id, t.item],
        )

    await workflow.until(lambda: len(found()) >= len(reads), "every invoice is opened")
    return found()


async def ask(
    workflow: House, method: str, path: str, who: dict[str, str], **more: Any
) -> tuple[int, Any, Any]:
    """One request: status, body, headers."""
    headers = {**who, **more.pop("headers", {})}
    async with workflow.http.request(method, path, headers=headers, **more) as answer:
        json = answer.content_type.endswith("json")
        return answer.status, (await answer.json() if json else await answer.read()), answer.headers


async def test_what_comes_twice_and_shuffled_is_opened_once(workflow: House) -> None:
    await knows(
        workflow, ConnectorOpened(realm="live", structure=BUYER, queue="events.x", version=1)
    )
    reads = [an_invoice_read() for _ in range(500)]
    facts = [fact(read) for read in reads]
    again = [fact(read) for read in random.sample(reads, 100)]
    shuffled = [*facts, *facts, *again]
    random.Random(7).shuffle(shuffled)
    await workflow.hear(*shuffled)
    await workflow.until(lambda: len(workflow.of(InvoiceOpened)) >= 500, "500 are opened")
    await workflow.until(lambda: len(workflow.events) >= 1500, "1500 events are published")
    await workflow.quiet()

    told = workflow.of(InvoiceOpened)
    assert {t.deposit_id for t in told} == {read.deposit_id for read in reads}
    assert (len(told), len(workflow.of(InvoiceRefused))) == (500, 0)
    assert await workflow.db["invoices"].count_documents({}) == 500
    assert len(workflow.events) == 1500
    by_invoice: dict[str, list[int]] = {}
    for _, event in workflow.events:
        by_invoice.setdefault(event["subject"], []).append(event["sequence"])
    assert set(by_invoice) == {t.invoice_id for t in told}
    assert all(sequence == [1, 2, 3] for sequence in by_invoice.values())
    message, event = workflow.events[0]
    assert message.routing_key == f"invoice.status-changed.{BUYER_SIRET}"
    assert message.headers["CC"] == ["events.x"]
    assert message.content_type == "application/cloudevents+json"
    assert message.message_id == event["id"]


async def test_a_department_hears_of_its_own_invoices_until_its_queue_is_closed(
    workflow: House,
) -> None:
    def queue(name: str, department: str | None, version: int = 1) -> ConnectorOpened:
        return ConnectorOpened(
            realm="live", structure=BUYER, queue=name, department=department, version=version
        )

    await knows(workflow, queue("whole", None), queue("own", "DGS"), queue("other", "RH"))
    await workflow.learn(an_invoice_read())
    await workflow.until(lambda: len(workflow.events) == 3, "its events are published")
    assert all(message.headers["CC"] == ["whole", "own"] for message, _ in workflow.events)
    closed = ConnectorClosed(realm="live", structure=BUYER, department="DGS", version=2)
    await workflow.learn(closed)
    stored = workflow.db["connectors"]

    async def forgotten() -> bool:
        found = await stored.find_one({"_id": f"{BUYER}#DGS"})
        return found is not None and found["queue"] is None

    await workflow.until(forgotten, "the queue is forgotten")
    await workflow.learn(an_invoice_read())
    await workflow.until(lambda: len(workflow.events) == 6, "its events are published")
    assert workflow.events[-1][0].headers["CC"] == ["whole"]


async def test_an_item_that_is_told_again_with_another_number_stays_what_it_was(
    workflow: House,
) -> None:
    read = an_invoice_read()
    (told,) = await opened(workflow, read)
    again = read.model_copy(update={"header": an_invoice().header()})
    await workflow.learn(again)
    (after,) = await opened(workflow, an_invoice_read())
    await workflow.quiet()
    assert [t.invoice_id for t in workflow.of(InvoiceOpened)] == [told.invoice_id, after.invoice_id]
    assert workflow.of(InvoiceRefused) == []
    _, view, _ = await ask(
        workflow, "GET", f"/v1/invoices/{told.invoice_id}", workflow.token(SELLER)
    )
    assert view["number"] == read.header.number
    assert await workflow.db["inbox"].count_documents({"_id": {"$regex": "open_invoice"}}) == 3


async def test_of_many_with_one_number_one_is_opened_and_the_others_name_it(
    workflow: House,
) -> None:
    header = an_invoice(number="FA-DOUBLE").header()
    reads = [an_invoice_read(header=header) for _ in range(30)]
    await workflow.learn(*reads)
    await workflow.until(
        lambda: len(workflow.of(InvoiceOpened)) + len(workflow.of(InvoiceRefused)) >= 30,
        "all are decided",
    )
    await workflow.quiet()
    refused = workflow.of(InvoiceRefused)
    assert (len(workflow.of(InvoiceOpened)), len(refused)) == (1, 29)
    assert {f.code for r in refused for f in r.findings} == {"FAC-DUP-001"}
    assert "12/03/2026" in refused[0].findings[0].message


async def test_a_refused_number_stays_free_and_all_faults_are_told(workflow: House) -> None:
    wrong = an_invoice(number="FA-9", buyer_reference=None, order_reference="x y")
    bad = an_invoice_read(header=wrong.header())
    await workflow.learn(bad)
    await workflow.until(lambda: workflow.of(InvoiceRefused), "it is refused")
    (refused,) = workflow.of(InvoiceRefused)
    assert (refused.deposit_id, refused.item) == (bad.deposit_id, bad.item)
    assert [f.code for f in refused.findings] == ["FAC-ROUTE-005", "FAC-ROUTE-009"]
    good = an_invoice_read(header=an_invoice(number="FA-9").header())
    (told,) = await opened(workflow, good)
    assert [step.sequence for step in told.steps] == [1, 2, 3]


async def test_an_older_sheet_of_a_structure_is_ignored(workflow: House) -> None:
    await knows(workflow, StructureChanged(structure=a_structure(version=5, active=False)))
    await workflow.learn(StructureChanged(structure=a_structure(version=4)))
    await workflow.learn(an_invoice_read())
    await workflow.until(lambda: workflow.of(InvoiceRefused), "it is refused")
    assert workflow.of(InvoiceRefused)[0].findings[0].code == "FAC-ROUTE-004"


async def test_of_twenty_moves_at_once_one_wins(workflow: House) -> None:
    (told,) = await opened(workflow, an_invoice_read())
    path, who = f"/v1/invoices/{told.invoice_id}", workflow.token(BUYER)
    body = {"action": "order_payment", "mandate_number": "2026-1"}
    answers = await asyncio.gather(
        *(ask(workflow, "POST", f"{path}/moves", who, json=body) for _ in range(20))
    )
    assert Counter(status for status, _, _ in answers) == {200: 1, 409: 19}
    _, history, _ = await ask(workflow, "GET", f"{path}/history", who)
    last = history["items"][-1]
    assert len(history["items"]) == 4
    assert (last["sequence"], last["status"], last["by"]) == (4, "PAYMENT_ORDERED", "buyer")
    assert (last["chorus_status"], last["label"], last["mandate_number"]) == (
        "MANDATEE",
        "Mandatée",
        "2026-1",
    )
    await workflow.until(lambda: workflow.of(StatusChanged), "it is told")
    await workflow.quiet()
    (changed,) = workflow.of(StatusChanged)
    assert [step.status for step in changed.steps] == ["PAYMENT_ORDERED"]


async def test_a_repeated_request_is_one_move_and_a_stale_one_is_refused(workflow: House) -> None:
    (told,) = await opened(workflow, an_invoice_read())
    path, who = f"/v1/invoices/{told.invoice_id}/moves", workflow.token(BUYER)
    suspend = {"action": "suspend", "reason": "Bon de livraison absent"}
    key = {"Idempotency-Key": "k1"}
    answers = [await ask(workflow, "POST", path, who, json=suspend, headers=key) for _ in range(3)]
    answers += await asyncio.gather(
        *(ask(workflow, "POST", path, who, json=suspend, headers=key) for _ in range(5))
    )
    assert {(status, headers["ETag"]) for status, _, headers in answers} == {(200, '"2"')}
    other = {"action": "reject", "reason": "non"}
    status, problem, _ = await ask(workflow, "POST", path, who, json=other, headers=key)
    assert (status, problem["code"]) == (409, "idempotency-key-reused")
    stale = {"If-Match": '"1"'}
    status, problem, _ = await ask(workflow, "POST", path, who, json=other, headers=stale)
    assert (status, problem["code"]) == (412, "version-conflict")
    fresh = {"If-Match": '"2"'}
    status, view, _ = await ask(workflow, "POST", path, who, json=other, headers=fresh)
    assert (status, view["status"]["code"], view["version"]) == (200, "REJECTED", 3)
    paid = {"action": "send_payment"}
    status, problem, _ = await ask(workflow, "POST", path, who, json=paid)
    assert (status, problem["code"]) == (409, "invalid-transition")


async def test_each_party_sees_and_does_what_is_its_own(workflow: House) -> None:
    (told,) = await opened(workflow, an_invoice_read())
    path = f"/v1/invoices/{told.invoice_id}"
    seller, buyer = workflow.token(SELLER), workflow.token(BUYER)
    _, moves, _ = await ask(workflow, "GET", f"{path}/moves", seller)
    assert moves["items"] == []
    _, moves, _ = await ask(workflow, "GET", f"{path}/moves", buyer)
    assert {"suspend": ["reason"], "order_payment": ["mandate_number"], "post": []}.items() <= {
        m["action"]: m["requires"] for m in moves["items"]
    }.items()
    move = {"action": "reject", "reason": "non"}
    status, _, _ = await ask(workflow, "POST", f"{path}/moves", seller, json=move)
    assert status == 403
    status, problem, _ = await ask(
        workflow, "POST", f"{path}/moves", buyer, json={"action": "reject"}
    )
    assert (status, problem["errors"][0]["pointer"]) == (422, "/reason")


async def test_what_is_absent_and_what_is_anothers_look_the_same(workflow: House) -> None:
    (told,) = await opened(workflow, an_invoice_read())
    absent = "0199a0e0-0000-7000-8000-000000000000"
    strangers = (
        workflow.token("live/siret/1"),
        workflow.token(),
        workflow.token(BUYER, realm=SANDBOX),
    )
    for who in strangers:
        for method, rest in (
            ("GET", ""),
            ("GET", "/history"),
            ("GET", "/moves"),
            ("POST", "/moves"),
        ):
            more = {"json": {"action": "post"}} if method == "POST" else {}
            answers = []
            for invoice_id in (absent, told.invoice_id):
                path = f"/v1/invoices/{invoice_id}{rest}"
                status, problem, _ = await ask(workflow, method, path, who, **more)
                problem.pop("trace_id")
                answers.append((status, problem))
            assert answers[0] == answers[1]
            assert answers[0][0] == 404
        _, page, _ = await ask(workflow, "GET", "/v1/invoices", who)
        assert page["items"] == []
