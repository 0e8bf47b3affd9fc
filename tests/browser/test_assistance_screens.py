"""A question about an invoice, from its page to the answer, in every look."""

import pytest
from playwright.async_api import BrowserContext, FilePayload, expect

from deploy.local.handle import Stack
from tests.browser.steps import confirm, drop, enter, seat
from tests.scenarios.steps import PASSWORD

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]
TITLE = "Date de paiement de la facture"


async def test_a_seller_asks_the_public_body_of_an_invoice_which_answers(
    stack: Stack, context: BrowserContext
) -> None:
    async with seat(stack, context) as at:
        page = at.site.page
        await at.sign_in()
        await at.site.go("/assistance")
        await at.site.look("assistance-vide")
        await at.site.go("/compte/courriels")
        await at.site.look("courriels")
        await drop(at.site)
        invoice = await confirm(at.site)
        await at.play.expect_status(at.seller, invoice.rsplit("/", 1)[1], "MADE_AVAILABLE")
        await at.site.go(invoice)
        await page.click("text=Poser une question")
        await expect(page.locator("h1")).to_have_text("Poser une question")
        await page.select_option("#topic", "issued/payment")
        await page.fill("#title", TITLE)
        await page.fill("#text", "Quand cette facture sera-t-elle payée ?\n\nMerci d'avance.")
        await at.site.look("question")
        await page.click("main form button >> text=Envoyer")
        await expect(page.locator(".talk")).to_contain_text("Merci d'avance.")
        await at.site.look("fil-attente")
        thread = page.url.partition("?")[0].removeprefix(stack.base_url)

        await context.clear_cookies()
        await enter(at.site, at.buyer.email, PASSWORD)
        await at.site.go("/assistance?boite=received")
        await at.site.look("assistance-recues")
        await page.click(f"text={TITLE}")
        await page.fill("#text", "Le 28 novembre.")
        paper = FilePayload(name="avis.pdf", mimeType="application/pdf", buffer=b"%PDF-1.4\n%%EOF")
        await page.set_input_files("#file", paper)
        await page.click("main form button >> text=Envoyer")
        await expect(page.locator(".talk")).to_contain_text("avis.pdf")

        await context.clear_cookies()
        await enter(at.site, at.seller.email, PASSWORD)
        await at.site.go("/assistance")
        await expect(page.locator("#repondre")).to_be_visible()
        await at.site.look("assistance-a-repondre")
        await at.site.go(thread)
        await at.site.look("fil-repondu")
        await page.click("button >> text=Clore la demande")
        await expect(page.locator("h2 >> text=Rouvrir la demande")).to_be_visible()
        await at.site.look("fil-clos")
