"""One Chromium a session; a context, and so a visitor, of its own for each test."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, async_playwright

from deploy.local.provision import chromium
from tests.browser.looking import WIDTHS

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The browser."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(
            executable_path=chromium(), headless=True, args=list(FLAGS)
        )
        yield opened
        await opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A visitor who speaks French."""
    made = await browser.new_context(
        locale="fr-FR", viewport={"width": WIDTHS[-1], "height": 900}, reduced_motion="reduce"
    )
    made.set_default_timeout(15_000)
    yield made
    await made.close()
