"""A seller's first hour: from the mail of activation to the money."""

import pytest
from playwright.async_api import BrowserContext, FilePayload, expect

from deploy.local.city import STRICT
from deploy.local.door import Door
from deploy.local.handle import Stack
from tests.browser.looking import Watched
from tests.browser.steps import DEPARTMENTS, SEND, confirm, drop, enter
from tests.scenarios.steps import PASSWORD, Scene, scene
from tests.scenarios.test_seller_is_paid import BUYER, SAMPLE

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]
EMAIL = "gerante@menuiserie.example"


async def activated(play: Scene, site: Watched) -> str:
    """Open an account in a sandbox and follow the mail; the name of the sandbox."""
    await site.go("/")
    await site.page.click("main a.button >> text=Ouvrir un compte")
    await site.page.fill("#email", EMAIL)
    await site.page.fill("#siret", "999 400 047 00018")
    await site.page.check("#sandbox-1")
    await site.page.click(SEND)
    await expect(site.page.locator("h1")).to_have_text("Consultez votre messagerie")
    mail = await play.expect_mail(EMAIL, "/activation/")
    await site.page.goto(next(link for link in mail["links"] if "/activation/" in link))
    await site.page.fill("#password", PASSWORD)
    await site.page.fill("#again", PASSWORD)
    await site.look("activation")
    await site.page.click(SEND)
    await expect(site.page.locator("h1")).to_have_text("Votre compte est actif")
    await enter(site, EMAIL, PASSWORD)
    door = await play.anybody.person(EMAIL, PASSWORD)
    realm: str = (await door.get("/v1/me"))["realm"]
    return realm


async def test_a_seller_goes_from_the_mail_of_activation_to_the_money(
    stack: Stack, context: BrowserContext
) -> None:
    site = Watched(await context.new_page(), stack.base_url)
    async with scene(stack) as outside:
        realm = await activated(outside, site)
        play = Scene(stack, realm, outside.anybody, outside.operator)
        await site.look("premier-accueil")
        buyer = await play.party(
            BUYER, public=True, requirements=STRICT, departments=DEPARTMENTS, stands_in=True
        )
        await drop(site)
        await site.look("formulaire")
        vat = await site.page.input_value("#total_vat")
        await site.page.fill("#total_vat", "3,00")
        await expect(site.page.locator("[data-equation]")).to_contain_text("différence")
        await site.page.click("button[value=send]")
        await expect(site.page.locator("[data-focus] a").first).to_be_visible()
        await site.look("formulaire-refuse")
        await site.page.fill("#total_vat", vat)
        await site.page.click("button[value=send]")
        await expect(site.page.locator("dialog")).to_contain_text(SAMPLE.number)
        await site.look("confirmation")
        await site.page.keyboard.press("Escape")
        invoice = await confirm(site)
        await expect(site.page.locator("h1")).to_contain_text("en cours de transmission")
        await site.look("recapitulatif")

        await site.page.click("text=Suivre cette facture")
        await expect(site.page.locator("[data-live]")).to_contain_text("Mise à disposition")
        id = invoice.rsplit("/", 1)[1]
        await suspended(buyer.person, id)
        await expect(site.page.locator("[data-live]")).to_contain_text("Suspendue")
        await site.page.click("summary >> text=Compléter")
        await site.look("facture-suspendue")
        paper = FilePayload(name="bon.pdf", mimeType="application/pdf", buffer=b"%PDF-1.4\n%%EOF")
        await site.page.set_input_files("#piece", paper)
        await site.page.click("text=Joindre")
        await site.page.click("summary >> text=Compléter")
        await site.page.fill("#complete-comment", "Voici le bon de livraison.")
        await site.page.click("button >> text=Compléter")
        await expect(site.page.locator("[data-live]")).to_contain_text("Complétée")
        await buyer.person.move(id, "order_payment", mandate_number="2026-17")
        await buyer.person.move(id, "send_payment")
        await expect(site.page.locator("[data-live]")).to_contain_text("Mise en paiement")
        await site.look("facture-payee")


async def suspended(buyer: Door, id: str) -> None:
    """The public body asks for a missing document."""
    moves = (await buyer.get(f"/v1/invoices/{id}/moves"))["items"]
    move = next(one for one in moves if one["action"] == "suspend")
    evidence = {"reason": "Bon de livraison absent"}
    if "reason_code" in (*move["requires"], *move["accepts"]):
        evidence["reason_code"] = move["reasons"][0]["code"]
    await buyer.move(id, "suspend", **evidence)
