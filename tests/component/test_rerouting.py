"""Wrong addresses and unknown parties, on real servers; and pages of a list."""

from typing import Any

from shared.contracts.invoice import Party
from shared.contracts.notifications import ConnectorOpened
from shared.contracts.structures import Requirements, StructureChanged
from shared.contracts.workflow import InvoiceReaddressed, PartyMet, StatusChanged
from tests.builders import SANDBOX, a_party, a_structure, an_invoice, an_invoice_read
from tests.component.neighbours import House
from tests.component.test_workflow import (
    BUYER,
    CANTEEN,
    SELLER,
    STAND_IN,
    ask,
    knows,
    opened,
    workflow,
)

__all__ = ["workflow"]


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
