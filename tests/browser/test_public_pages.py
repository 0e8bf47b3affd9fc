"""What everybody may see, in every look."""

import pytest
from playwright.async_api import BrowserContext

from deploy.local.handle import Stack
from tests.browser.looking import Watched

pytestmark = pytest.mark.asyncio(loop_scope="session")
PAGES = {
    "accueil-public": "/",
    "connexion": "/connexion",
    "inscription": "/inscription",
    "recuperation": "/recuperation",
    "introuvable": "/nulle-part",
    "aide-page": "/aide/deposer",
    "certificat": "/certificat",
    "accessibilite": "/accessibilite",
}


@pytest.mark.parametrize("name", PAGES)
async def test_a_public_page_can_be_read_by_everybody(
    stack: Stack, context: BrowserContext, name: str
) -> None:
    watched = Watched(await context.new_page(), stack.base_url)
    await watched.go(PAGES[name])
    await watched.look(name)
