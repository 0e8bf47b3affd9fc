"""A public body in its browser: it sees what came in, pays several at once, opens its connector."""

from dataclasses import replace

import pytest
from playwright.async_api import BrowserContext, expect

from deploy.local.demo import WRITERS
from deploy.local.handle import Stack
from tests.browser.steps import enter, seat
from tests.scenarios.steps import PASSWORD, eventually
from tests.scenarios.test_seller_is_paid import SAMPLE

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]


async def test_a_buyer_sees_what_came_in_and_pays_several_at_once(
    stack: Stack, context: BrowserContext
) -> None:
    async def come_in(*numbers: str) -> None:
        for number in numbers:
            data = WRITERS["ubl"][0](replace(SAMPLE, number=number))
            (item,) = (await at.play.deposit(at.seller, f"{number}.xml", data))["items"]
            await at.play.expect_status(at.buyer, item["invoice_id"], "MADE_AVAILABLE")

    async with seat(stack, context) as at:
        site, page = at.site, at.site.page
        await enter(site, at.buyer.email, PASSWORD)
        await site.go("/a-valider")
        await site.look("a-valider-vide")
        await come_in("F-RECUE-1", "F-RECUE-2", "F-RECUE-3")
        await page.click("nav.spaces >> text=Factures reçues")
        await site.look("recues")
        await page.check("role=checkbox[name='Choisir la facture F-RECUE-1']")
        await page.check("role=checkbox[name='Choisir la facture F-RECUE-2']")
        await page.click("text=Donner un statut aux factures choisies")
        await page.click("summary >> text=Mandater")
        await site.look("recues-statut")
        await page.fill("#order_payment-mandate_number", "2026-17")
        await page.click("button >> text=Mandater")
        await expect(page.locator("h1")).to_contain_text("facture par facture")
        await site.look("recues-resultat")
        await page.click("text=Retour à la liste")
        await expect(page.locator("tbody tr")).to_have_count(1)
        await page.click("text=Toutes")
        await site.look("recues-recherche")
        await page.click("a >> text=F-RECUE-3")
        await site.look("facture-recue")
        await page.click("nav.spaces >> text=Connecteur")
        await site.look("connecteur-vide")
        await page.click("main button >> text=Ouvrir la file")
        await site.look("connecteur-secret")
        hook = {"structure": at.buyer.key, "url": "https://erp.exemple.fr/factures"}
        await at.buyer.person.post("/v1/webhooks", hook)
        await come_in("F-RECUE-4")
        (queue,) = (await at.buyer.person.get("/v1/connectors"))["items"]

        async def waits() -> bool | None:
            seen = await at.buyer.person.get(f"/v1/connectors/{queue['queue']}")
            return seen["waiting"] > 0 or None

        await eventually(waits, "the event waits in the queue")
        await page.click("text=J'ai copié l'adresse")
        await expect(page.locator("main .notice")).to_contain_text("non récupéré")
        await page.click("summary >> text=Changer le mot de passe")
        await site.look("connecteur")
