"""Posting events to addresses that others chose: checked, bounded, and never followed elsewhere."""

import asyncio
import socket
import time
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from services.notifications.domain.webhooks import fault_of, reachable
from shared.contracts.webhooks import Attempt

SECONDS, CONNECT_SECONDS = 10.0, 5.0
ANSWER_BYTES, SHOWN = 16 * 1024, 500
CONTENT_TYPE = "application/cloudevents+json"
AGENT = "Chorale-Webhooks/1"


class Inward(OSError):
    """A name leads to an address that is not on the public internet."""


class Outside(AbstractResolver):
    """Resolves names, and refuses what leads inside; what was checked is what is connected to."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Every address of a name. Raises Inward when one of them is ours or a neighbour's."""
        found = await asyncio.get_running_loop().getaddrinfo(
            host, port, family=family, type=socket.SOCK_STREAM
        )
        addresses = [(one[0], one[4][0]) for one in found]
        if not all(reachable(str(address)) for _, address in addresses):
            raise Inward("l'adresse n'est pas sur l'internet public")
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=kind,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for kind, address in addresses
        ]

    async def close(self) -> None:
        """Nothing is kept."""


class Poster:
    """Posts events; `inside` lets it call this machine, for the demo and for tests."""

    def __init__(self, inside: bool) -> None:
        self.inside = inside
        self._http: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Hang up."""
        if self._http:
            await self._http.close()

    async def post(
        self, url: str, headers: dict[str, str], body: str, at: datetime
    ) -> tuple[Attempt, timedelta | None]:
        """One try: what came of it, and how long the receiver asks to be left alone."""
        fault = fault_of(url, inside=self.inside)
        if fault:
            return Attempt(at=at, milliseconds=0, error=fault), None
        started = time.perf_counter()

        def attempt(status: int | None, answer: str | None, error: str | None) -> Attempt:
            spent = round((time.perf_counter() - started) * 1000)
            return Attempt(at=at, status=status, milliseconds=spent, answer=answer, error=error)

        sent = {**headers, "Content-Type": CONTENT_TYPE, "User-Agent": AGENT}
        try:
            async with self._session().post(
                url, data=body.encode(), headers=sent, allow_redirects=False
            ) as answer:
                text = await _beginning(answer)
                error = "redirection refusée" if 300 <= answer.status < 400 else None
                return attempt(answer.status, text, error), _retry_after(answer)
        except TimeoutError:
            return attempt(None, None, f"pas de réponse en {SECONDS:.0f} s"), None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return attempt(None, None, _why(error, urlsplit(url).hostname or "")), None

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            resolver = None if self.inside else Outside()
            self._http = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=0, use_dns_cache=False, resolver=resolver, keepalive_timeout=15
                ),
                timeout=aiohttp.ClientTimeout(total=SECONDS, connect=CONNECT_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                max_line_size=8190,
                max_field_size=8190,
            )
        return self._http


async def _beginning(answer: aiohttp.ClientResponse) -> str:
    """The beginning of an answer; a longer one is cut, and its connection with it."""
    data = b""
    while len(data) <= ANSWER_BYTES and (chunk := await answer.content.read(ANSWER_BYTES)):
        data += chunk
    if len(data) > ANSWER_BYTES:
        answer.close()
    return data[:SHOWN].decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


def _retry_after(answer: aiohttp.ClientResponse) -> timedelta | None:
    asked = answer.headers.get("Retry-After", "")
    return timedelta(seconds=int(asked)) if asked.isdecimal() and len(asked) < 6 else None


def _why(error: Exception, host: str) -> str:
    cause = error.__cause__ or error.__context__ or error
    if isinstance(error, Inward) or isinstance(cause, Inward):
        return "l'adresse n'est pas sur l'internet public"
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
        return "certificat refusé"
    if isinstance(error, aiohttp.ClientConnectorError | OSError):
        return f"{host[:100]} ne répond pas"
    return f"réponse illisible ({type(error).__name__})"
