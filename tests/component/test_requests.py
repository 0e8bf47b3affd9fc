"""Requests for help on real servers: both sides, their rights, their turn, and who is told."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import aiohttp

from shared.contracts.requests import RequestChanged
from shared.contracts.workflow import InvoiceOpened
from tests.builders import an_invoice, an_invoice_read
from tests.component.acting import BUYER, MAIN, SELLER, workflow
from tests.component.neighbours import House
from tests.component.test_workflow import ask, opened

__all__ = ["workflow"]
QUESTION = {
    "category": "issued",
    "topic": "payment",
    "title": "Date de paiement",
    "text": "Quand cette facture sera-t-elle payée ?",
}
HELP = {"category": "technical", "topic": "fault", "title": "Une page", "text": "Elle est vide."}


def asker(house: House, **more: Any) -> dict[str, str]:
    return house.token(SELLER, **{"subject": "ann", "email": "ann@exemple.fr"} | more)


def buyer(house: House, **more: Any) -> dict[str, str]:
    return house.token(BUYER, **{"subject": "bob", "email": "bob@exemple.fr"} | more)


def support(house: House, name: str = "operator") -> dict[str, str]:
    return house.token(subject=name, kind="operator", email=f"{name}@exemple.fr")


async def one(house: House) -> InvoiceOpened:
    (told,) = await opened(house, an_invoice_read(header=an_invoice().header()))
    return told


async def asked(house: House, who: dict[str, str], **more: Any) -> Any:
    status, body, _ = await ask(house, "POST", "/v1/requests", who, json=QUESTION | more)
    assert status == 201, body
    return body


async def write(house: House, id: str, who: dict[str, str], text: str, **more: Any) -> Any:
    path = f"/v1/requests/{id}/messages"
    status, body, _ = await ask(house, "POST", path, who, json={"text": text, **more})
    assert status == 201, body
    return body


async def test_a_seller_asks_the_body_of_an_invoice_and_both_see_one_thread(
    workflow: House,
) -> None:
    invoice = await one(workflow)
    ann, bob = asker(workflow), buyer(workflow)
    request = await asked(workflow, ann, invoice_id=invoice.invoice_id)
    assert (request["state"], request["to"], request["body"]) == ("OPEN", "body", BUYER)
    about = request["invoice"]
    assert about["number"] == invoice.header.number and about["status"]["code"] == "MADE_AVAILABLE"
    path = f"/v1/requests/{request['id']}"

    _, page, _ = await ask(workflow, "GET", "/v1/requests?box=received&to_answer=true", bob)
    assert [item["id"] for item in page["items"]] == [request["id"]]
    assert page["items"][0]["to_answer"] is True
    answered = await write(workflow, request["id"], bob, "Le 28 novembre.")
    assert answered["state"] == "WAITING_FOR_ASKER" and answered["to_answer"] is False
    _, seen, _ = await ask(workflow, "GET", path, ann)
    assert [e["text"] for e in seen["entries"]] == [QUESTION["text"], "Le 28 novembre."]
    assert seen["to_answer"] is True and "bob@exemple.fr" not in str(seen)
    assert seen["entries"][0]["by"] == "ann@exemple.fr", "one's own side is named"
    assert (await write(workflow, request["id"], ann, "Merci."))["state"] == "WAITING_FOR_ANSWERER"

    status, closed, _ = await ask(
        workflow, "POST", path + "/moves", bob, json={"action": "close", "text": "Réglé."}
    )
    assert (status, closed["state"], closed["actions"]) == (200, "CLOSED", ["reopen"])
    status, refused, _ = await ask(workflow, "POST", path + "/messages", ann, json={"text": "Ah"})
    assert (status, refused["code"]) == (409, "invalid-transition")
    _, again, _ = await ask(workflow, "POST", path + "/moves", ann, json={"action": "reopen"})
    assert again["state"] == "REOPENED"

    await workflow.quiet()
    told = [(f.event, f.by, f.number) for f in workflow.of(RequestChanged)]
    assert told == [
        ("opened", "asker", 1),
        ("answered", "answerer", 2),
        ("answered", "asker", 3),
        ("closed", "answerer", 4),
        ("reopened", "asker", 5),
    ]
    assert all(QUESTION["text"] not in str(fact.body) for fact in workflow.told), "words stay here"
    _, counts, _ = await ask(workflow, "GET", "/v1/requests/counts", bob)
    assert counts["received"] == {"to_answer": 1, "waiting": 0, "closed": 0}
    _, counts, _ = await ask(workflow, "GET", "/v1/requests/counts", ann)
    assert counts["sent"] == {"to_answer": 0, "waiting": 1, "closed": 0}
    assert counts["support"] is None


async def test_what_is_anothers_does_not_exist_and_rights_say_who_writes(workflow: House) -> None:
    invoice = await one(workflow)
    request = await asked(workflow, asker(workflow), invoice_id=invoice.invoice_id)
    path = f"/v1/requests/{request['id']}"
    department = invoice.header.buyer_reference
    space = {"questions_received": "read"}
    reader = {"structure": BUYER, "role": "user", "spaces": space}
    for name, who, expected in (
        ("a stranger", workflow.token(MAIN), 404),
        ("an operator, of what is not for support", support(workflow), 404),
        ("the seller in a sandbox", asker(workflow, realm="sandbox-1"), 404),
        ("a member without the space", buyer(workflow, grants=[reader | {"spaces": {}}]), 404),
        (
            "a member of another department",
            buyer(workflow, grants=[reader | {"departments": ["NOPE"]}]),
            404,
        ),
        ("a member who reads", buyer(workflow, grants=[reader]), 403),
        (
            "a member of the department",
            buyer(workflow, grants=[reader | {"departments": [department]}]),
            403,
        ),
    ):
        read = 200 if expected == 403 else 404
        assert (await ask(workflow, "GET", path, who))[0] == read, name
        for tail, body in (("messages", {"text": "Ah"}), ("moves", {"action": "close"})):
            status, _, _ = await ask(workflow, "POST", f"{path}/{tail}", who, json=body)
            assert status == expected, (name, tail)
        _, page, _ = await ask(workflow, "GET", "/v1/requests?box=received", who)
        assert len(page["items"]) == (read == 200), name

    foreign = QUESTION | {"invoice_id": invoice.invoice_id}
    status, _, _ = await ask(workflow, "POST", "/v1/requests", workflow.token(MAIN), json=foreign)
    assert status == 404, "an invoice of others does not exist"
    status, body, _ = await ask(workflow, "POST", "/v1/requests", buyer(workflow), json=foreign)
    assert (status, body["errors"][0]["pointer"]) == (422, "/invoice_id"), "nobody asks oneself"
    status, body, _ = await ask(workflow, "POST", "/v1/requests", asker(workflow), json=QUESTION)
    assert (status, body["errors"][0]["pointer"]) == (422, "/invoice_id")


async def test_support_answers_whoever_asks_and_shares_the_work(workflow: House) -> None:
    nobody = workflow.token(subject="new", email="new@exemple.fr", realm="sandbox-7")
    request = await asked(workflow, nobody, **HELP)
    assert (request["asker"], request["to"]) == (None, "support")
    eve, tom = support(workflow, "eve"), support(workflow, "tom")
    path = f"/v1/requests/{request['id']}"
    status, taken, headers = await ask(
        workflow, "POST", path + "/moves", eve, json={"action": "take"}
    )
    assert (status, taken["assigned_to"]) == (200, "eve@exemple.fr")
    _, mine, _ = await ask(workflow, "GET", "/v1/requests?box=support&mine=true", tom)
    assert mine["items"] == []
    _, mine, _ = await ask(workflow, "GET", "/v1/requests?box=support&mine=true", eve)
    assert len(mine["items"]) == 1
    await write(workflow, request["id"], tom, "Videz le cache.")
    status, _, _ = await ask(
        workflow,
        "POST",
        path + "/moves",
        eve,
        json={"action": "close"},
        headers={"If-Match": headers["ETag"]},
    )
    assert status == 412, "somebody wrote meanwhile"
    _, seen, _ = await ask(workflow, "GET", path, nobody)
    assert "tom@exemple.fr" not in str(seen) and seen["assigned_to"] is None
    other = workflow.token(subject="other", email="other@exemple.fr", realm="sandbox-7")
    assert (await ask(workflow, "GET", path, other))[0] == 404, "it is the person's alone"
    status, _, _ = await ask(workflow, "POST", path + "/moves", nobody, json={"action": "take"})
    assert status == 403


async def test_a_repeat_has_one_effect_and_another_body_under_one_key_is_refused(
    workflow: House,
) -> None:
    ann = asker(workflow)
    keyed = {"headers": {"Idempotency-Key": "k1"}}
    tries = [ask(workflow, "POST", "/v1/requests", ann, json=HELP, **keyed) for _ in range(5)]
    answers = await asyncio.gather(*tries)
    assert {status for status, _, _ in answers} == {201}
    assert len({body["id"] for _, body, _ in answers}) == 1
    other = HELP | {"title": "Autre page"}
    status, body, _ = await ask(workflow, "POST", "/v1/requests", ann, json=other, **keyed)
    assert (status, body["code"]) == (409, "idempotency-key-reused")
    path = f"/v1/requests/{answers[0][1]['id']}/messages"
    for _ in range(2):
        status, body, _ = await ask(workflow, "POST", path, ann, json={"text": "Alors ?"}, **keyed)
        assert (status, len(body["entries"])) == (201, 2)
    await workflow.quiet()
    assert len(workflow.of(RequestChanged)) == 2


async def test_a_file_is_seen_by_the_other_side_once_a_message_shows_it(workflow: House) -> None:
    request = await asked(workflow, asker(workflow), **HELP)
    path = f"/v1/requests/{request['id']}/attachments"
    ann, eve = asker(workflow), support(workflow)

    async def upload(name: str, data: bytes) -> tuple[int, Any]:
        form = aiohttp.FormData()
        form.add_field("file", data, filename=name)
        status, body, _ = await ask(workflow, "POST", path, ann, data=form)
        return status, body

    status, added = await upload("ecran.png", b"\x89PNG")
    assert status == 201
    assert (await upload("ecran.png", b"\x89PNG"))[1] == added, "the same file is one"
    assert (await upload("virus.exe", b"MZ"))[0] == 422
    file = f"{path}/{added['sha256']}"
    assert (await ask(workflow, "GET", file, eve))[0] == 404
    shown = await write(workflow, request["id"], ann, "Voici.", attachments=[added["sha256"]])
    assert shown["entries"][1]["attachments"][0]["name"] == "ecran.png"
    status, data, headers = await ask(workflow, "GET", file, eve)
    assert (status, data) == (200, b"\x89PNG") and "attachment" in headers["Content-Disposition"]
    status, _, _ = await ask(
        workflow,
        "POST",
        f"/v1/requests/{request['id']}/messages",
        ann,
        json={"text": "Et", "attachments": ["0" * 64]},
    )
    assert status == 404


async def test_nobody_floods_the_other_side(workflow: House) -> None:
    ann = asker(workflow)
    request = await asked(workflow, ann, **HELP)
    for number in range(9):
        await write(workflow, request["id"], ann, f"Et {number} ?")
    path = f"/v1/requests/{request['id']}/messages"
    status, body, _ = await ask(workflow, "POST", path, ann, json={"text": "Et là ?"})
    assert (status, body["code"]) == (409, "answer-awaited")
    await write(workflow, request["id"], support(workflow), "Un instant.")
    await write(workflow, request["id"], ann, "Merci.")
    since = datetime.now(UTC)
    rows = [
        {"_id": f"z{n}", "asked_by": "ann", "opened_at": since, "realm": "live"} for n in range(29)
    ]
    await workflow.db["requests"].insert_many(rows)
    status, _, headers = await ask(workflow, "POST", "/v1/requests", ann, json=HELP)
    assert status == 429 and int(headers["Retry-After"]) > 0


async def test_every_request_is_listed_once_page_by_page(workflow: House) -> None:
    ann = asker(workflow)
    made = [(await asked(workflow, ann, **HELP))["id"] for _ in range(7)]
    found: list[str] = []
    path = "/v1/requests?limit=3"
    while True:
        _, page, _ = await ask(workflow, "GET", path, ann)
        found += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        path = f"/v1/requests?limit=3&cursor={page['next_cursor']}"
    assert found == made[::-1]
    _, categories, _ = await ask(workflow, "GET", "/v1/requests/categories", ann)
    topics = [topic for item in categories["items"] for topic in item["topics"]]
    assert {"Question pour une entité publique"} <= {topic["label"] for topic in topics}
