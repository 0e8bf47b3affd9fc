"""The pages of a public body: received invoices, one status for many, its connector."""

import re
from collections.abc import Mapping
from dataclasses import replace
from html import unescape
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from deploy.local.city import STRICT
from deploy.local.demo import WRITERS
from deploy.local.handle import Stack
from deploy.local.samples import Company
from tests.component.house import Reply, http
from tests.component.test_portal import HTML, SAME, Outline, post
from tests.scenarios.steps import PASSWORD, Party, Scene, scene
from tests.scenarios.test_seller_is_paid import ARRIVAL, BUYER, DEPARTMENTS, SAMPLE, SELLER

pytestmark = pytest.mark.timeout(120)
OTHER = Company("21310555400017", "Mairie", "1 place du Capitole", "31000", "Toulouse")
MAIN = Company("40483304800022", "Bâtisseurs d'Oc", "3 rue Large", "31000", "Toulouse")
Cookie = Mapping[str, str]


def signed_in(stack: Stack, party: Party) -> Cookie:
    """The cookie of somebody of a party."""
    reply = post(f"{stack.base_url}/connexion", email=party.email, password=PASSWORD)
    return {"Cookie": reply.headers["Set-Cookie"].split(";")[0]}


def look(stack: Stack, who: Cookie, path: str) -> Reply:
    """A page as somebody sees it."""
    return http("GET", stack.base_url + path, headers={**HTML, **who})


def send(stack: Stack, who: Cookie, path: str, *fields: tuple[str, str]) -> Reply:
    """A form with repeated fields, from one of our own pages."""
    return http("POST", stack.base_url + path, headers={**SAME, **who}, form=urlencode(fields))


async def body(play: Scene) -> Party:
    """A public body that receives invoices."""
    return await play.party(
        BUYER, public=True, requirements=STRICT, departments=DEPARTMENTS, stands_in=True
    )


async def received(play: Scene, seller: Party, buyer: Party, *numbers: str) -> list[str]:
    """The ids of invoices that have come in at a buyer's."""
    found = []
    for number in numbers:
        data = WRITERS["ubl"][0](replace(SAMPLE, number=number))
        report = await play.deposit(seller, f"{number}.xml", data)
        (item,) = report["items"]
        await play.expect_status(buyer, item["invoice_id"], "MADE_AVAILABLE")
        found.append(item["invoice_id"])
    return found


def ticked(ids: list[str]) -> list[tuple[str, str]]:
    """The boxes of a list."""
    return [("invoice", id) for id in ids]


async def test_a_buyer_pays_in_bulk_and_is_told_what_became_of_each_invoice(stack: Stack) -> None:
    async with scene(stack) as play:
        seller, buyer = await play.party(SELLER), await body(play)
        ids = await received(play, seller, buyer, "F-LOT-1", "F-LOT-2", "F-LOT-3")
        who = signed_in(stack, buyer)
        home = look(stack, who, "/accueil").text
        assert 'href="/recues"' in home and 'href="/connecteur"' in home
        waiting = look(stack, who, "/recues?tout=1")
        boxes = [box for box in Outline(waiting.text).all("input") if box["type"] == "checkbox"]
        assert {box["value"] for box in boxes} == set(ids) and all("checked" in b for b in boxes)
        await buyer.person.move(ids[2], "reject", reason="Doublon", reason_code="AUTRE")
        assert "F-LOT-3" not in look(stack, who, "/recues").text
        chosen = look(stack, who, "/recues/statut?" + urlencode(ticked(ids)))
        assert chosen.status == 200 and "Mandater" in chosen.text and "F-LOT-2" in chosen.text
        fields = Outline(chosen.text).all("input")
        once = next(str(field["value"]) for field in fields if field["name"] == "once")
        named = [field["id"] for field in fields if field.get("id")]
        assert len(set(named)) == len(named)
        one = look(stack, who, f"/factures/{ids[0]}").text
        assert 'href="/recues" aria-current="page"' in one
        pay = [("action", "order_payment"), ("once", once), *ticked(ids)]
        bare = send(stack, who, "/recues/statut", *pay)
        assert bare.text.count("refusée<") == 3 and "mandat" in bare.text
        pay = [("action", "order_payment"), ("mandate_number", "2026-17"), *ticked(ids)]
        pay = [*pay, ("once", str(uuid4()))]
        told = [send(stack, who, "/recues/statut", *pay) for _ in range(2)][1]
        assert told.status == 200, "sent twice by an impatient hand, it is done once"
        assert told.text.count("enregistrée<") == 2 and told.text.count("refusée<") == 1
        again = re.search(r'href="(/recues/statut\?[^"]*)"', told.text)
        assert again and ids[2] in again[1] and ids[0] not in again[1]
        for id in ids[:2]:
            steps = (await seller.program.get(f"/v1/invoices/{id}/history"))["items"]
            assert [step["status"] for step in steps] == [*ARRIVAL, "PAYMENT_ORDERED"]
            assert steps[-1]["mandate_number"] == "2026-17"


async def test_received_invoices_are_found_by_filters_and_exported(stack: Stack) -> None:
    async with scene(stack) as play:
        seller, buyer = await play.party(SELLER), await body(play)
        await received(play, seller, buyer, "F-TRI-1")
        who = signed_in(stack, buyer)
        for query, there in (
            ("buyer_reference=DRT&seller=Menuiserie&status=MADE_AVAILABLE&late=false", True),
            ("buyer_reference=AUTRE", False),
            ("amount_from=999999", False),
            ("received_from=2000-01-01&received_to=2000-01-02", False),
        ):
            assert ("F-TRI-1" in look(stack, who, f"/recues/recherche?{query}").text) is there
        wrong = look(stack, who, "/recues/recherche?received_from=hier&amount_from=x")
        assert wrong.status == 400 and 'href="#received_from"' in wrong.text
        file = look(stack, who, "/recues/export/csv?seller=Menuiserie")
        assert file.status == 200 and "F-TRI-1" in file.text
        assert "attachment" in file.headers["Content-Disposition"]


async def test_what_is_not_ones_own_does_not_exist_and_is_not_moved(stack: Stack) -> None:
    async with scene(stack) as play:
        seller, buyer = await play.party(SELLER), await body(play)
        other = await play.party(OTHER, public=True)
        (id,) = await received(play, seller, buyer, "F-AUTRUI-1")
        who, stranger = signed_in(stack, buyer), signed_in(stack, other)
        assert look(stack, stranger, f"/recues/statut?invoice={id}").status == 404
        pay = [("action", "order_payment"), ("mandate_number", "1"), *ticked([id])]
        assert send(stack, stranger, "/recues/statut", *pay).status == 404
        assert send(stack, who, "/recues/statut", *pay, *ticked(["x" * 36])).status == 404
        foreign = {**SAME, **who, "Sec-Fetch-Site": "cross-site"}
        url = f"{stack.base_url}/recues/statut"
        assert http("POST", url, headers=foreign, form=urlencode(pay)).status == 403
        await play.expect_status(buyer, id, "MADE_AVAILABLE")
        sells = signed_in(stack, seller)
        assert look(stack, sells, "/recues").status == 403
        assert 'href="/recues"' not in look(stack, sells, "/accueil").text
        assert "attend ici" in look(stack, sells, "/a-valider").text
        assert look(stack, {}, "/recues").headers["Location"] == "/connexion?next=%2Frecues"
        many = "&".join(f"invoice={number}" for number in range(51))
        assert look(stack, who, f"/recues/statut?{many}").status == 400


async def test_a_connector_is_opened_given_another_password_and_closed(stack: Stack) -> None:
    async with scene(stack) as play:
        buyer, other = await body(play), await play.party(OTHER, public=True)
        who, stranger = signed_in(stack, buyer), signed_in(stack, other)
        assert "Aucune file ouverte" in look(stack, who, "/connecteur").text
        opening = ("structure", buyer.key)
        made = [send(stack, who, "/connecteur", opening) for _ in range(2)]
        first, second = (re.findall(r"amqps?://[^<\s\"]+", unescape(one.text))[0] for one in made)
        assert first != second and made[0].headers["Cache-Control"] == "no-store"
        shown = look(stack, who, "/connecteur").text
        await buyer.person.post(
            "/v1/webhooks", {"structure": buyer.key, "url": "https://erp.exemple.fr/factures"}
        )
        assert "https://erp.exemple.fr/factures" in look(stack, who, "/connecteur").text
        assert "erp.exemple.fr" not in look(stack, stranger, "/connecteur").text
        queue = (await buyer.person.get("/v1/connectors"))["items"][0]["queue"]
        assert queue in shown and "amqp:" not in shown and "Dernière récupération" in shown
        assert queue not in look(stack, stranger, "/connecteur").text
        assert send(stack, stranger, "/connecteur", opening).status == 404
        closing = ("/connecteur/fermeture", ("queue", queue))
        assert send(stack, stranger, *closing).status == 404
        cross = {**who, "Sec-Fetch-Site": "cross-site"}
        assert send(stack, cross, *closing).status == 403
        assert send(stack, who, *closing).status == 303
        assert "Aucune file ouverte" in look(stack, who, "/connecteur").text


async def test_a_validator_gives_a_visa_to_what_waits_for_it(stack: Stack) -> None:
    async with scene(stack) as play:
        seller, buyer, main = await play.party(SELLER), await body(play), await play.party(MAIN)
        dropped = await play.deposit(seller, "a.pdf", WRITERS["pdf"][0](SAMPLE))
        named = {"process": "A9", "validator_name": MAIN.name, "validator_siret": MAIN.siret}
        await seller.program.confirm(dropped["id"], **named)
        (item,) = (await seller.program.settled(dropped["id"]))["items"]
        id = item["invoice_id"]
        await play.expect_status(main, id, "TO_VALIDATE_1")
        who = signed_in(stack, main)
        assert SAMPLE.number in look(stack, who, "/a-valider").text
        assert 'href="/a-valider" aria-current="page"' in look(stack, who, f"/factures/{id}").text
        chosen = look(stack, who, f"/a-valider/statut?invoice={id}").text
        assert "Valider<" in chosen and "Mandater" not in chosen
        told = send(stack, who, "/a-valider/statut", ("action", "validate"), ("invoice", id))
        assert told.text.count("enregistrée<") == 1, told.text
        await play.expect_status(buyer, id, "MADE_AVAILABLE")
        assert SAMPLE.number not in look(stack, who, "/a-valider").text
