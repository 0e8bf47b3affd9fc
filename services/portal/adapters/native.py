"""Calls to our own public APIs, with the token of whoever visits."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

import aiohttp
from pydantic import BaseModel, ValidationError

from shared import errors
from shared.contracts.finding import Finding
from shared.errors import Problem, Unavailable

M = TypeVar("M", bound=BaseModel)
Source = Mapping[str, str]
"""Headers that say whom a call is made for."""
CHUNK = 65_536
KINDS: dict[int, type[Problem]] = {
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
        errors.TooMany,
        errors.Unavailable,
    )
}


@dataclass(frozen=True)
class Download:
    """A file on its way through: how it came, and its bytes as they arrive."""

    headers: Mapping[str, str]
    body: AsyncIterator[bytes]


class Native:
    """The public origin; a refusal comes back as the same Problem that the service raised."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http, self._url = http, url.rstrip("/")

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
        data = await self._read(method, path, token, source, params=query, json=_written(body))
        return _parsed(answer, data)

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

    async def hand_in(
        self,
        answer: type[M],
        path: str,
        name: str,
        content: AsyncIterator[bytes],
        *,
        token: str,
        source: Source,
    ) -> M:
        """Send a file on while it arrives, as the part `file` of a form."""
        form = aiohttp.FormData()
        form.add_field("file", content, filename=name, content_type="application/octet-stream")
        return _parsed(answer, await self._read("POST", path, token, source, data=form))

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
    ) -> bytes:
        async with self._open(method, path, token, source, **request) as reply:
            return await reply.read()

    @asynccontextmanager
    async def _open(
        self, method: str, path: str, token: str | None, source: Source | None, **request: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        headers = {"Accept": "application/json"} | dict(source or {})
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            async with self._http.request(
                method, self._url + path, headers=headers, allow_redirects=False, **request
            ) as reply:
                if reply.status >= 300:
                    said = await reply.read()
                    raise _refusal(reply.status, said, reply.headers.get("Retry-After"))
                yield reply
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            raise Unavailable("La plateforme ne répond pas ; réessayez dans un instant.") from error


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
