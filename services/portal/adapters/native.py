"""Calls to our own public APIs, with the token of whoever visits."""

import asyncio
from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import quote

import aiohttp
from pydantic import BaseModel, ValidationError

from shared import errors
from shared.contracts.finding import Finding
from shared.errors import Problem, Unavailable

M = TypeVar("M", bound=BaseModel)
Source = Mapping[str, str]
"""Headers that say whom a call is made for."""
KINDS: dict[int, type[Problem]] = {
    kind.status: kind
    for kind in (
        errors.BadRequest,
        errors.Unauthorized,
        errors.Forbidden,
        errors.NotFound,
        errors.Conflict,
        errors.Gone,
        errors.Invalid,
        errors.TooMany,
        errors.Unavailable,
    )
}


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
        data = await self._send(method, path, token, body, query, source)
        try:
            return answer.model_validate_json(data)
        except ValidationError as error:
            raise Unavailable("La plateforme a répondu quelque chose d'inattendu.") from error

    async def tell(
        self, method: str, path: str, *, token: str | None = None, source: Source | None = None
    ) -> None:
        """One call whose answer is empty."""
        await self._send(method, path, token, None, None, source)

    async def _send(
        self,
        method: str,
        path: str,
        token: str | None,
        body: BaseModel | None,
        query: Mapping[str, str] | None,
        source: Source | None,
    ) -> bytes:
        headers = {"Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        headers |= source or {}
        try:
            async with self._http.request(
                method,
                self._url + path,
                headers=headers,
                params=query,
                json=body.model_dump(mode="json", exclude_unset=True) if body else None,
                allow_redirects=False,
            ) as reply:
                data = await reply.read()
                if reply.status >= 300:
                    raise _refusal(reply.status, data, reply.headers.get("Retry-After"))
                return data
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            raise Unavailable("La plateforme ne répond pas ; réessayez dans un instant.") from error


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
