"""Passkeys, with a device that says yes by itself: added, shown for a password, removed."""

import pytest
from playwright.async_api import BrowserContext, Page, expect

from deploy.local.handle import Stack
from tests.browser.steps import SEND, enter, seat
from tests.scenarios.steps import PASSWORD

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(120)]
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
}
BY_KEY = "form[data-passkey] button"


async def device(context: BrowserContext, page: Page) -> None:
    """A device that says yes by itself."""
    cdp = await context.new_cdp_session(page)
    await cdp.send("WebAuthn.enable")
    await cdp.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})


async def test_a_passkey_is_added_signs_in_alone_or_second_and_is_removed(
    stack: Stack, context: BrowserContext
) -> None:
    async with seat(stack, context) as at:
        site, page = at.site, at.site.page
        await device(context, page)
        await at.sign_in()
        await site.go("/compte/securite")
        await page.fill("#nom-cle", "Ordinateur du bureau")
        await page.fill("#password-cle", "mauvais")
        await page.click("form[action='/compte/securite/cle'] button[type=submit]:not(.link)")
        await expect(page.locator("#password-cle-faute")).to_be_visible()
        await page.fill("#nom-cle", "Ordinateur du bureau")
        await page.fill("#password-cle", PASSWORD)
        await page.click("form[action='/compte/securite/cle'] button[type=submit]:not(.link)")
        await expect(page.locator("[data-without-passkey]")).to_be_hidden()
        await site.look("cle-d-acces")
        await page.click(BY_KEY)
        await expect(page.locator("h1")).to_have_text("Second facteur enregistré")
        codes = await page.locator("main li").all_text_contents()
        assert len(codes) == 10
        await site.look("codes-de-secours")

        await context.clear_cookies()
        await site.go("/connexion?next=/compte/securite")
        await page.click(BY_KEY)
        await page.wait_for_url("**/compte/securite")
        await expect(page.locator("main")).to_contain_text("Ordinateur du bureau")

        await context.clear_cookies()
        await site.go("/connexion")
        await page.fill("#email", at.seller.email)
        await page.fill("#password", PASSWORD)
        await page.click(SEND)
        await expect(page.locator("h1")).to_have_text("Montrez votre second facteur")
        await site.look("second-facteur")
        await page.click(BY_KEY)
        await page.wait_for_url("**/accueil")

        await site.go("/compte/securite")
        await site.look("securite-cle")
        await page.click("summary >> text=Retirer")
        await page.fill("[id^=retirer-]", PASSWORD)
        await page.click("text=Retirer ce facteur")
        await expect(page.locator("main")).not_to_contain_text("Ordinateur du bureau")
        await context.clear_cookies()
        await site.go("/connexion")
        await page.click(BY_KEY)
        await expect(page.locator("[role=alert]")).to_contain_text("ne convient pas")
        await expect(page.locator("#email")).to_be_visible()


async def test_without_scripts_there_is_no_passkey_and_every_other_way_in(
    stack: Stack, context: BrowserContext
) -> None:
    browser = context.browser
    assert browser is not None
    bare = await browser.new_context(java_script_enabled=False, locale="fr-FR")
    try:
        async with seat(stack, bare) as at:
            page = at.site.page
            await at.site.go("/connexion")
            await expect(page.locator(BY_KEY)).to_be_hidden()
            await enter(at.site, at.seller.email, PASSWORD)
            await at.site.go("/compte/securite")
            await page.fill("#password-cle", PASSWORD)
            await page.click("form[action='/compte/securite/cle'] button")
            await expect(page.locator(BY_KEY)).to_be_hidden()
            await expect(page.locator("main")).to_contain_text("une application de codes")
    finally:
        await bare.close()
