"""Looking at a screen: at each width and in both schemes, for people and by rules."""

import asyncio
from pathlib import Path
from typing import Any, Literal

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, Response

SCREENS = Path(__file__).resolve().parents[2] / ".local" / "screens"
WIDTHS = (320, 768, 1280)
LOOKS: tuple[tuple[int, Literal["light", "dark"]], ...] = (
    (320, "light"),
    (768, "dark"),
    (1280, "dark"),
    (1280, "light"),
)
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "RGAAv4", "best-practice"]
}
LARGEST = 100_000
"""Bytes of a page with its styles and scripts, without the image of an invoice."""


class Watched:
    """A page of the browser; what it fetches from elsewhere or too large fails the test."""

    def __init__(self, page: Page, base_url: str) -> None:
        self.page, self.base_url = page, base_url
        self.foreign: list[str] = []
        self.broken: list[str] = []
        self.sizes: dict[str, int] = {}
        page.on("response", self._seen)
        page.on("pageerror", lambda error: self.broken.append(str(error)))
        page.on("console", self._said)

    def _seen(self, response: Response) -> None:
        if not response.url.startswith((self.base_url, "data:", "blob:")):
            self.foreign.append(response.url)

    def _said(self, message: Any) -> None:
        if "Content Security Policy" in message.text:
            self.broken.append(message.text)

    async def go(self, path: str) -> Response | None:
        """Open a page of the site."""
        return await self.page.goto(self.base_url + path)

    async def look(self, name: str) -> None:
        """Take its picture in every look and apply the rules of accessibility to each."""
        SCREENS.mkdir(parents=True, exist_ok=True)
        faults: list[str] = []
        for width, scheme in LOOKS:
            await self.page.set_viewport_size({"width": width, "height": 900})
            await self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            await asyncio.sleep(0.05)
            path = SCREENS / f"{name}-{width}-{scheme}.png"
            await self.page.screenshot(path=path, full_page=True)
            faults += [f"{width} {scheme}: {fault}" for fault in await self._faults()]
        assert not faults, f"{name}: " + "\n".join(dict.fromkeys(faults))
        assert not self.foreign, f"{name} asks third parties: {self.foreign}"
        assert not self.broken, f"{name}: {self.broken}"
        assert await self._weight() < LARGEST, f"{name} is too heavy"

    async def _faults(self) -> list[str]:
        found = await Axe().run(self.page, options=RULES)
        faults = [
            f"{rule['id']}: {node['target']} {node['html'][:160]} {node.get('failureSummary')}"
            for rule in found.response["violations"]
            for node in rule["nodes"]
        ]
        wide = await self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return [*faults, f"scrolls sideways by {wide} px"] if wide > 0 else faults

    async def _weight(self) -> int:
        """What the page and its styles and scripts weigh, as they travelled."""
        measured: int = await self.page.evaluate(
            "performance.getEntriesByType('navigation').concat("
            "performance.getEntriesByType('resource').filter(e => !/image|pages/.test(e.name)))"
            ".reduce((sum, entry) => sum + entry.decodedBodySize, 0)"
        )
        return measured
