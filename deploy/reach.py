"""How a command of ours reaches a platform: whose, as which client, and for how long it insists."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

import aiohttp

from deploy.local.door import Door, Refused
from deploy.local.place import ROOT

T = TypeVar("T")
AGAIN = {429, 502, 503, 504}
"""Answers that say: not now."""
LONGEST_PAUSE = 30.0
UNREACHABLE = 3
"""The exit status of a command that reaches nothing."""


class NoAccess(Exception):
    """Nobody said which platform and as whom."""


@dataclass(frozen=True, slots=True)
class Access:
    """A platform and a technical client of it."""

    url: str
    client_id: str
    client_secret: str


def access(url: str | None = None) -> Access:
    """CHORALE_URL, CHORALE_CLIENT_ID and CHORALE_CLIENT_SECRET, else the demo of `make up`."""
    found = [os.environ.get(f"CHORALE_{name}") for name in ("CLIENT_ID", "CLIENT_SECRET")]
    url = url or os.environ.get("CHORALE_URL")
    if found[0] and found[1] and url:
        return Access(url.rstrip("/"), found[0], found[1])
    try:
        demo = json.loads((ROOT / ".local/demo.json").read_text())
    except FileNotFoundError:
        raise NoAccess(
            "indiquez CHORALE_URL, CHORALE_CLIENT_ID et CHORALE_CLIENT_SECRET"
            " (ou lancez make up pour la démonstration)"
        ) from None
    seller = demo["seller"]
    return Access(url or demo["base_url"], seller["client_id"], seller["client_secret"])


class Caller:
    """A client that signs in again when its token ends, and comes again when it is told to."""

    def __init__(self, door: Door, wanted: Access, patience: float) -> None:
        self._door, self._wanted, self._patience = door, wanted, patience
        self._signing = asyncio.Lock()

    async def sign_in(self) -> None:
        """Take a token. Raises Refused when the client is unknown."""
        self._door = await self._door.client(self._wanted.client_id, self._wanted.client_secret)

    async def insist(self, work: Callable[[Door], Awaitable[T]]) -> T:
        """Do it as the client; a busy platform or a cut network is tried again until patience ends.

        Raises Refused, or the error of the network.
        """
        loop = asyncio.get_running_loop()
        until, pause = loop.time() + self._patience, 0.5
        while True:
            door = self._door
            try:
                return await work(door)
            except Refused as refused:
                if refused.status == 401:
                    await self._renew(door)
                elif refused.status not in AGAIN or loop.time() > until:
                    raise
                else:
                    pause = refused.wait or pause
            except (aiohttp.ClientError, asyncio.TimeoutError):
                if loop.time() > until:
                    raise
            await asyncio.sleep(min(pause, LONGEST_PAUSE))
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _renew(self, used: Door) -> None:
        """One of those whose token has ended takes the next one. Raises Refused."""
        async with self._signing:
            if self._door is used:
                await self.sign_in()


@asynccontextmanager
async def caller(wanted: Access, *, connections: int, patience: float) -> AsyncIterator[Caller]:
    """A caller that is signed in. Raises Refused, or the error of the network."""
    connector = aiohttp.TCPConnector(limit=connections)
    async with aiohttp.ClientSession(connector=connector) as session:
        made = Caller(Door(wanted.url, session), wanted, patience)
        await made.sign_in()
        yield made
