"""What the people of a journey do, and the sellers and buyers that they are."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from playwright.async_api import BrowserContext, FilePayload

from deploy.local import paper
from deploy.local.city import STRICT
from deploy.local.handle import Stack
from shared.contracts.structures import Department
from tests.browser.looking import Watched
from tests.scenarios.steps import PASSWORD, Party, Scene, scene
from tests.scenarios.test_seller_is_paid import BUYER, SAMPLE, SELLER

DEPARTMENTS = (Department(code="DRT", name="Routes", order_required=True),)
SEND = "main form button[type=submit]:not(.link)"


@dataclass(frozen=True)
class Seat:
    """Somebody in front of the site, in a sandbox with a public body."""

    play: Scene
    seller: Party
    buyer: Party
    site: Watched

    async def sign_in(self) -> None:
        """Sign in as the seller."""
        await enter(self.site, self.seller.email, PASSWORD)


@asynccontextmanager
async def seat(stack: Stack, context: BrowserContext) -> AsyncIterator[Seat]:
    """A seller who has an account, beside a public body that is strict."""
    async with scene(stack) as play:
        seller = await play.party(SELLER)
        buyer = await play.party(
            BUYER, public=True, requirements=STRICT, departments=DEPARTMENTS, stands_in=True
        )
        site = Watched(await context.new_page(), stack.base_url)
        yield Seat(play, seller, buyer, site)


async def enter(site: Watched, email: str, password: str) -> None:
    """Sign in."""
    await site.go("/connexion")
    await site.page.fill("#email", email)
    await site.page.fill("#password", password)
    await site.page.click(SEND)
    await site.page.wait_for_url("**/accueil")


async def drop(site: Watched, number: str = SAMPLE.number) -> str:
    """Drop the page of an invoice and wait for its form; the id of its deposit."""
    await site.go("/depot")
    data = paper.pdf(replace(SAMPLE, number=number))
    file = FilePayload(name=f"{number}.pdf", mimeType="application/pdf", buffer=data)
    await site.page.set_input_files("#file", file)
    await site.page.wait_for_selector("form.paper")
    return site.page.url.rsplit("/", 1)[1]


async def confirm(site: Watched) -> str:
    """Send what the form says and read the receipt; the address of the invoice."""
    await site.page.click("button[value=send]")
    await site.page.click("dialog button[type=submit]")
    link = site.page.locator("a", has_text="Suivre cette facture")
    await link.wait_for()
    return str(await link.get_attribute("href"))
