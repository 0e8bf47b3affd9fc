"""Many moves at once, and two people at once: each is told what became of the invoice."""

import asyncio
import random
from typing import Any

from shared.contracts.workflow import InvoiceOpened
from tests.builders import an_invoice, an_invoice_read
from tests.component.acting import BUYER, SELLER, do, life, seen, workflow
from tests.component.neighbours import House
from tests.component.test_workflow import ask, opened

__all__ = ["workflow"]


async def bulk(
    workflow: House, items: list[dict[str, Any]], who: str = BUYER, key: str | None = None
) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    status, answer, _ = await ask(
        workflow, "POST", "/v1/moves", workflow.token(who), json={"items": items}, headers=headers
    )
    assert status == 200, answer
    return answer


def item(told: InvoiceOpened, action: str, **evidence: Any) -> dict[str, Any]:
    return {"invoice_id": told.invoice_id, "action": action, **evidence}


async def test_a_body_reports_many_statuses_in_any_order_and_each_is_recorded(
    workflow: House,
) -> None:
    told = await opened(workflow, *(an_invoice_read() for _ in range(30)))
    steps = [("service_done", {}), ("order_payment", {"mandate_number": "1"}), ("post", {})]
    items = [item(t, action, **more) for t in told for action, more in steps]
    random.Random(3).shuffle(items)
    wanted = {
        t.invoice_id: [i["action"] for i in items if i["invoice_id"] == t.invoice_id] for t in told
    }
    answer = await bulk(workflow, items, key="lot-1")
    assert (answer["done"], answer["refused"], answer["again"]) == (90, 0, 0)
    assert [(i["invoice_id"], i["action"]) for i in answer["items"]] == [
        (i["invoice_id"], i["action"]) for i in items
    ]
    words = {"service_done": "SERVICE_DONE", "order_payment": "PAYMENT_ORDERED", "post": "POSTED"}
    for t in told:
        assert (await life(workflow, t, BUYER))[3:] == [words[a] for a in wanted[t.invoice_id]]
    again = await bulk(workflow, items, key="lot-1")
    assert again["done"] == 90
    assert len(await life(workflow, told[0], BUYER)) == 6, "what was done is not done twice"


async def test_what_fails_in_a_bulk_hinders_nothing_else_and_says_why(workflow: House) -> None:
    first, second = await opened(workflow, an_invoice_read(), an_invoice_read())
    absent = {"invoice_id": "0199a0e0-0000-7000-8000-000000000000", "action": "post"}
    items = [
        item(first, "reject"),
        absent,
        item(second, "service_done"),
        item(first, "complete", comment="x"),
        item(second, "fly"),
    ]
    answer = await bulk(workflow, items)
    assert [(i["outcome"], i["code"]) for i in answer["items"]] == [
        ("refused", "evidence-missing"),
        ("refused", "not-found"),
        ("done", None),
        ("refused", "forbidden"),
        ("refused", "unknown-action"),
    ]
    assert answer["items"][0]["errors"][0]["pointer"] == "/reason"
    assert answer["items"][2]["status"] == "SERVICE_DONE"
    status, problem, _ = await ask(
        workflow, "POST", "/v1/moves", workflow.token(BUYER), json={"items": [absent] * 501}
    )
    assert (status, problem["errors"][0]["pointer"]) == (422, "/items")


async def test_of_two_people_at_once_one_wins_and_the_other_is_told_what_changed(
    workflow: House,
) -> None:
    told = await opened(workflow, *(an_invoice_read() for _ in range(12)))
    overtaken = 0
    for t in told:
        both = await asyncio.gather(
            do(workflow, t, BUYER, "suspend", reason="Bon de livraison absent"),
            do(workflow, t, BUYER, "reject", reason="Double emploi"),
        )
        statuses = sorted(status for status, _ in both)
        if statuses == [200, 409]:
            overtaken += 1
            ((_, problem),) = [answer for answer in both if answer[0] == 409]
            if problem["code"] == "version-conflict":
                (finding,) = problem["errors"]
                assert "« Suspendue »" in finding["message"] or "« Rejetée »" in finding["message"]
                assert "par le destinataire : " in finding["message"]
        else:  # one after the other: suspended, then rejected
            assert statuses == [200, 200]
    assert overtaken, "two at once met at least once"

    path = f"/v1/invoices/{told[0].invoice_id}"
    _, view, headers = await ask(workflow, "GET", path, workflow.token(SELLER))
    stale = {"If-Match": '"1"'}
    status, problem, _ = await ask(
        workflow,
        "POST",
        f"{path}/moves",
        workflow.token(BUYER),
        json={"action": "post"},
        headers=stale,
    )
    assert (status, problem["code"]) == (412, "version-conflict")
    assert view["status"]["label"] in problem["errors"][0]["message"]


async def test_an_invoice_issued_anew_replaces_the_refused_one_and_says_that_it_was_dealt_with(
    workflow: House,
) -> None:
    (first,) = await opened(workflow, an_invoice_read())
    number = first.header.number
    early = an_invoice_read(header=an_invoice(preceding_invoice=number).header())
    (early_one,) = await opened(workflow, early)
    assert (await do(workflow, first, BUYER, "reject", reason="Montant erroné"))[0] == 200
    again = [
        an_invoice_read(header=an_invoice(preceding_invoice=number).header()) for _ in range(2)
    ]
    (second,) = await opened(workflow, again[0])
    (third,) = await opened(workflow, again[1])
    was = await seen(workflow, first, SELLER)
    now = await seen(workflow, second, SELLER)
    assert (was["replaced_by"], now["replaces"]) == (second.invoice_id, first.invoice_id)
    assert was["links"]["replaced_by"] == f"/v1/invoices/{second.invoice_id}"
    assert was["status"]["code"] == "REJECTED", "a rejection never erases the history"
    assert was["acknowledgement"]["given_at"]
    path = f"/v1/invoices/{first.invoice_id}/history"
    _, history, _ = await ask(workflow, "GET", path, workflow.token(BUYER))
    assert [done["action"] for done in history["actions"]] == ["acknowledge", "deal_with_rejection"]
    for other in (early_one, third):
        assert (await seen(workflow, other, SELLER))["replaces"] is None, "one replaces it, once"
    _, todo, _ = await ask(workflow, "GET", "/v1/invoices/todo", workflow.token(SELLER))
    assert todo["items"] == []
