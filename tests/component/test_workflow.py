"""workflow on real servers, through its API and its messages only."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from shared.contracts.ingest import InvoiceRead
from shared.contracts.invoice import Party
from shared.contracts.notifications import ConnectorOpened
from shared.contracts.structures import Requirements, StructureChanged
from shared.contracts.workflow import (
    InvoiceOpened,
    InvoiceReaddressed,
    InvoiceRefused,
    PartyMet,
    StatusChanged,
)
from tests.builders import (
    BUYER_SIRET,
    SANDBOX,
    SELLER_SIRET,
    a_party,
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
            name, key, version = "connectors", message.structure, message.version
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


async def test_pages_show_every_invoice_once_newest_first(workflow: House) -> None:
    reads = [an_invoice_read() for _ in range(7)]
    told = await opened(workflow, *reads)
    who, seen, more = workflow.token(SELLER), list[str](), ""
    page: dict[str, Any] = {}
    for size in (3, 3, 1):
        status, page, _ = await ask(workflow, "GET", f"/v1/invoices?limit=3{more}", who)
        assert (status, len(page["items"])) == (200, size)
        seen += [item["id"] for item in page["items"]]
        more = f"&cursor={page['next_cursor']}"
    assert page["next_cursor"] is None
    assert seen == sorted((t.invoice_id for t in told), reverse=True)
    number = told[2].header.number
    for query, count in (
        (f"number={number}", 1),
        ("status=MADE_AVAILABLE", 7),
        ("status=REJECTED", 0),
        ("as=seller", 7),
        ("as=buyer", 0),
    ):
        _, page, _ = await ask(workflow, "GET", f"/v1/invoices?{query}", who)
        assert (query, len(page["items"])) == (query, count)
    for query in ("limit=101", "limit=0", "cursor=x", "status=PAID", "skip=3"):
        status, _, _ = await ask(workflow, "GET", f"/v1/invoices?{query}", who)
        assert (query, status) == (query, 400)


async def test_a_misrouted_invoice_finds_another_buyer_under_the_same_number(
    workflow: House,
) -> None:
    (told,) = await opened(workflow, an_invoice_read())
    path = f"/v1/invoices/{told.invoice_id}"
    seller, buyer = workflow.token(SELLER), workflow.token(BUYER)
    back = {"action": "misroute", "reason": "Destinée à la restauration"}
    assert (await ask(workflow, "POST", f"{path}/moves", buyer, json=back))[0] == 200
    wrong = {"action": "reroute", "buyer_siret": CANTEEN, "buyer_reference": "NADA"}
    status, problem, _ = await ask(workflow, "POST", f"{path}/moves", seller, json=wrong)
    assert (status, problem["errors"][0]["code"]) == (422, "FAC-ROUTE-006")
    right = {"action": "reroute", "buyer_siret": CANTEEN}
    status, view, _ = await ask(workflow, "POST", f"{path}/moves", seller, json=right)
    assert (status, view["status"]["code"]) == (200, "MADE_AVAILABLE")
    assert (view["number"], view["invoice"]["buyer"]["name"]) == (
        told.header.number,
        "Restauration",
    )
    assert view["buyer"] == f"live/siret/{CANTEEN}"
    assert (await ask(workflow, "GET", path, buyer))[0] == 404
    _, history, _ = await ask(workflow, "GET", f"{path}/history", workflow.token(view["buyer"]))
    assert [(s["sequence"], s["status"]) for s in history["items"][3:]] == [
        (4, "MISROUTED"),
        (5, "DEPOSITED"),
        (6, "IN_TRANSIT"),
        (7, "MADE_AVAILABLE"),
    ]
    await workflow.until(lambda: len(workflow.of(StatusChanged)) == 2, "both moves are told")
    assert [step.sequence for step in workflow.of(StatusChanged)[1].steps] == [5, 6, 7]
    await workflow.until(lambda: workflow.of(InvoiceReaddressed), "its readers are told")
    (readdressed,) = workflow.of(InvoiceReaddressed)
    assert set(readdressed.readers) == {SELLER, view["buyer"]}
    assert (readdressed.sequence, readdressed.item) == (7, told.item)
    assert readdressed.header.buyer.siret == CANTEEN
    assert set(told.readers) == {SELLER, BUYER}


async def test_in_a_sandbox_unknown_parties_are_met_once_and_the_stand_in_plays_the_buyer(
    workflow: House,
) -> None:
    await knows(
        workflow,
        StructureChanged(structure=a_structure(realm=SANDBOX, stands_in=True)),
    )
    await knows(
        workflow,
        ConnectorOpened(realm=SANDBOX, structure=STAND_IN, queue="events.sandbox", version=1),
    )
    buyer, seller = Party(name="Mairie de Rien"), a_party(siret="00000000000000")
    first, second, third = (
        an_invoice_read(realm=SANDBOX, header=an_invoice(buyer=buyer, seller=seller).header())
        for _ in range(3)
    )
    await opened(workflow, first)
    (told,) = await opened(workflow, second)
    await workflow.quiet()
    assert {(p.identifier, p.kind, p.public) for p in workflow.of(PartyMet)} == {
        ("mairie-de-rien", "name", True),
        ("00000000000000", "siret", False),
    }
    assert len(workflow.of(PartyMet)) == 2
    assert told.buyer == f"{SANDBOX}/name/mairie-de-rien"
    await knows(
        workflow,
        StructureChanged(
            structure=a_structure(
                realm=SANDBOX,
                kind="name",
                identifier="mairie-de-rien",
                departments=(),
                requirements=Requirements(),
            )
        ),
    )
    (told,) = await opened(workflow, third)
    await workflow.until(lambda: len(workflow.events) == 9, "the stand-in hears of all three")
    assert workflow.events[-1][0].headers["CC"] == ["events.sandbox"]
    who = workflow.token(STAND_IN, realm=SANDBOX)
    move = {"action": "service_done"}
    path = f"/v1/invoices/{told.invoice_id}"
    status, view, _ = await ask(workflow, "POST", f"{path}/moves", who, json=move)
    assert (status, view["status"]["code"]) == (200, "SERVICE_DONE")
    await workflow.until(lambda: len(workflow.events) == 10, "the stand-in hears of its own move")
    assert workflow.events[-1][1]["sequence"] == 4
