"""What a seller sees from day to day, in every look, and what is never shown."""

import pytest
from playwright.async_api import BrowserContext, expect

from deploy.local.handle import Stack
from tests.browser.steps import drop, seat
from tests.scenarios.steps import PASSWORD
from tests.scenarios.test_seller_is_paid import SELLER

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]
SCREENS = {
    "accueil": "/accueil",
    "synthese": "/factures",
    "tableau-de-bord": "/factures/tableau-de-bord",
    "recherche": "/factures/recherche?q=introuvable",
    "depot": "/depot",
    "compte": "/compte",
    "securite": "/compte/securite",
    "rattachements": "/rattachements?q=Conseil",
    "assistant": "/assistant?q=contacter+un+agent",
    "aide": "/aide",
}


async def test_the_screens_of_a_seller_can_be_used_by_everybody(
    stack: Stack, context: BrowserContext
) -> None:
    async with seat(stack, context) as at:
        await at.sign_in()
        await drop(at.site)
        for name, path in SCREENS.items():
            await at.site.go(path)
            await at.site.look(name)
        await at.site.go("/compte/securite")
        await at.site.page.fill("#password-totp", PASSWORD)
        await at.site.page.click("text=Continuer")
        await expect(at.site.page.locator("h1")).to_have_text("Ajouter une application de codes")
        await at.site.look("application-de-codes")
        await at.site.go(f"/structure/siret/{SELLER.siret}")
        await at.site.look("structure")
        await at.site.go("/saisie")
        await at.site.page.click("text=Commencer une facture")
        await at.site.page.fill("[name=lines-0-name]", "Porte")
        await at.site.page.fill("[name=lines-0-quantity]", "2")
        await at.site.page.fill("[name=lines-0-price]", "100,50")
        await at.site.page.fill("[name=lines-0-vat_rate]", "20")
        await at.site.page.click("text=Calculer les montants")
        await expect(at.site.page.locator("#total_with_vat")).to_have_value("241,20")
        await at.site.look("saisie")


async def test_a_deposit_is_left_and_taken_up_again_and_nobody_else_sees_it(
    stack: Stack, context: BrowserContext
) -> None:
    async with seat(stack, context) as at:
        await at.sign_in()
        deposit = await drop(at.site, "F-REPRISE-1")
        page = at.site.page
        await page.fill("#contract_reference", "MARCHE-9")
        await expect(page.locator("[data-saved]")).to_contain_text("Enregistré")
        await at.site.go("/accueil")
        await page.click("text=F-REPRISE-1")
        await expect(page.locator("#contract_reference")).to_have_value("MARCHE-9")
        await context.clear_cookies()
        await page.goto(f"{stack.base_url}/connexion")
        await page.fill("#email", at.buyer.email)
        await page.fill("#password", PASSWORD)
        await page.click("main form button[type=submit]:not(.link)")
        await page.wait_for_url("**/accueil")
        for path in ("", "/envoi", "/pages/1", "/mots/1", "/etapes", "/certificat"):
            answer = await at.site.go(f"/depot/{deposit}{path}")
            assert answer is not None and answer.status == 404, path
