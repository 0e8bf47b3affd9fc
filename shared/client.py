"""Calls to our own public APIs over HTTP, typed: what a service answers, or the Problem it raised.

Connections are pooled and kept, every wait is bounded, and a call that changes nothing, or says by
its `Idempotency-Key` that it may come twice, is repeated when a service is away for a moment. The
request id of the request in hand travels along.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import aiohttp
import structlog
from pydantic import BaseModel, ValidationError

from shared import clock, errors
from shared.contracts.finding import Finding
from shared.errors import Problem, Unavailable

M = TypeVar("M", bound=BaseModel)
Source = Mapping[str, str]
"""Headers that say whom a call is made for, or on which conditions."""
SECONDS = 15.0
CONNECT_SECONDS = 3.0
CONNECTIONS = 100
PAUSES = (0.1, 0.5)
"""Before each further try."""
PATIENCE = 5.0
"""Seconds after which nothing is tried again."""
LARGEST = 160 * 1024 * 1024
"""Bytes of an answer that is read whole."""
CHUNK = 65_536
UNCHANGED = 304
KINDS: Mapping[int, type[Problem]] = {
    kind.status: kind
    for kind in (
        errors.BadRequest,
        errors.Unauthorized,
        errors.Forbidden,
        errors.NotFound,
        errors.Conflict,
        errors.Gone,
        errors.Outdated,
        errors.TooLarge,
        errors.Unsupported,
        errors.Invalid,
        errors.Unconditional,
        errors.TooMany,
        errors.Unavailable,
    )
}


@dataclass(frozen=True)
class Reply:
    """An answer that was read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Seen(Generic[M]):
    """What stood at a path, and the version that it had (`ETag`)."""

    tag: str | None
    view: M


@dataclass(frozen=True)
class Download:
    """A file on its way through: how it came, and its bytes as they arrive."""

    headers: Mapping[str, str]
    body: AsyncIterator[bytes]


class Client:
    """One origin; a refusal comes back as the same Problem that the service raised."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http, self._url = http, url.rstrip("/")

    @classmethod
    @asynccontextmanager
    async def opened(cls, url: str, seconds: float = SECONDS) -> AsyncIterator["Client"]:
        """A client with connections of its own; a call takes `seconds` at most."""
        timeout = aiohttp.ClientTimeout(total=seconds, connect=CONNECT_SECONDS)
        jar = aiohttp.DummyCookieJar()  # callers share it: nothing of one may reach another
        pool = aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=30)
        async with aiohttp.ClientSession(timeout=timeout, cookie_jar=jar, connector=pool) as http:
            yield cls(http, url)

    async def ask(
        self,
        answer: type[M],
        method: str,
        path: str,
        *,
        token: str | None = None,
        body: BaseModel | None = None,
        query: Mapping[str, str] | None = None,
        source: Source | None = None,
    ) -> M:
        """One call and its answer. Raises the Problem that the service answered, or Unavailable."""
        sent = {"params": query, "json": _written(body)}
        return _parsed(answer, (await self._read(method, path, token, source, **sent)).body)

    async def tell(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        body: BaseModel | None = None,
        source: Source | None = None,
    ) -> None:
        """One call whose answer does not matter."""
        await self._read(method, path, token, source, json=_written(body))

    async def get(
        self,
        path: str,
        *,
        token: str | None = None,
        query: Mapping[str, str] | None = None,
        source: Source | None = None,
    ) -> Reply:
        """The bytes at a path, and how they came."""
        return await self._read("GET", path, token, source, params=query)

    async def refresh(
        self, answer: type[M], path: str, *, token: str, seen: Seen[M] | None
    ) -> Seen[M]:
        """What stands at a path; what was seen of it, when that is still so."""
        source = {"If-None-Match": seen.tag} if seen and seen.tag else None
        reply = await self._read("GET", path, token, source)
        if seen and reply.status == UNCHANGED:
            return seen
        return Seen(reply.headers.get("ETag"), _parsed(answer, reply.body))

    async def pass_on(self, method: str, path: str, data: bytes, source: Source) -> Reply:
        """One call as it came and its answer as it is, refusals too. Raises Unavailable."""
        async with self._sent(method, path, source, data=data) as reply:
            return Reply(reply.status, reply.headers, await _bounded(reply))

    async def hand_in(
        self,
        answer: type[M],
        path: str,
        name: str,
        content: AsyncIterator[bytes] | bytes,
        *,
        token: str,
        source: Source | None = None,
    ) -> M:
        """Send a file on, while it arrives or whole, as the part `file` of a form."""
        form = aiohttp.FormData()
        part = BytesIO(content) if isinstance(content, bytes) else content
        form.add_field("file", part, filename=name, content_type="application/octet-stream")
        async with self._open("POST", path, token, source, data=form) as reply:
            return _parsed(answer, await _bounded(reply))

    async def fetch(
        self,
        path: str,
        *,
        token: str | None,
        query: Mapping[str, str] | None = None,
        source: Source | None = None,
    ) -> Download:
        """A file, passed on as it comes. Raises the Problem that the service answered."""
        opened = self._open("GET", path, token, source, params=query)
        reply = await opened.__aenter__()

        async def body() -> AsyncIterator[bytes]:
            try:
                async for chunk in reply.content.iter_chunked(CHUNK):
                    yield chunk
            finally:
                await opened.__aexit__(None, None, None)

        return Download(reply.headers, body())

    async def _read(
        self, method: str, path: str, token: str | None, source: Source | None, **request: Any
    ) -> Reply:
        """One call whose answer is read whole; repeated when that can do no harm."""
        again = method in ("GET", "PUT", "DELETE") or "Idempotency-Key" in (source or {})
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE
        for pause in (*PAUSES, None) if again else (None,):
            try:
                async with self._open(method, path, token, source, **request) as reply:
                    return Reply(reply.status, reply.headers, await _bounded(reply))
            except Unavailable:
                if pause is None or loop.time() > until:
                    raise
                await asyncio.sleep(clock.jitter(pause))
        raise AssertionError("the last try has no pause")

    @asynccontextmanager
    async def _open(
        self, method: str, path: str, token: str | None, source: Source | None, **request: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        headers = {"Accept": "application/json", **(source or {})}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        async with self._sent(method, path, headers, **request) as reply:
            if reply.status >= 300 and reply.status != UNCHANGED:
                said = await _bounded(reply)
                raise _refusal(reply.status, said, reply.headers.get("Retry-After"))
            yield reply

    @asynccontextmanager
    async def _sent(
        self, method: str, path: str, headers: Source, **request: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        try:
            async with self._http.request(
                method,
                self._url + path,
                headers={**_trace(), **headers},
                allow_redirects=False,
                **request,
            ) as reply:
                yield reply
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            raise Unavailable("La plateforme ne répond pas ; réessayez dans un instant.") from error


async def _bounded(reply: aiohttp.ClientResponse) -> bytes:
    data = bytearray()
    async for chunk in reply.content.iter_chunked(CHUNK):
        data += chunk
        if len(data) > LARGEST:
            raise errors.TooLarge("La réponse est trop volumineuse.")
    return bytes(data)


def _trace() -> Source:
    """The id of the request in hand, so that one search in the logs finds the whole way."""
    trace = structlog.contextvars.get_contextvars().get("trace_id")
    return {"X-Request-Id": trace} if trace else {}


def _written(body: BaseModel | None) -> Any:
    return body.model_dump(mode="json", exclude_unset=True) if body else None


def _parsed(answer: type[M], data: bytes) -> M:
    try:
        return answer.model_validate_json(data)
    except ValidationError as error:
        raise Unavailable("La plateforme a répondu quelque chose d'inattendu.") from error


def _refusal(status: int, data: bytes, retry_after: str | None) -> Problem:
    """The Problem that a service answered."""
    try:
        said = _Said.model_validate_json(data)
    except ValidationError:
        said = _Said()
    kind = KINDS.get(status, Unavailable if status >= 500 else errors.BadRequest)
    headers = {"Retry-After": retry_after} if retry_after else {}
    return kind(said.detail, code=said.code, errors=said.errors, headers=headers)


class _Said(BaseModel):
    detail: str = "La plateforme a refusé cette demande."
    code: str | None = None
    errors: tuple[Finding, ...] = ()


def quoted(part: str) -> str:
    """A part of a path, as it travels."""
    return quote(part, safe="")
