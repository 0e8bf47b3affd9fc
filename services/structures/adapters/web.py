"""Official registers on the network: the State's public search, and INSEE's API with a key."""

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import aiohttp

from services.structures.domain.official import (
    Official,
    from_insee,
    from_search,
    successor_from_insee,
)

LONGEST_ANSWER = 512 * 1024
JSON = Mapping[str, Any]


class Pace:
    """At most so many questions a second to a register; more are not asked at all."""

    def __init__(self, per_second: float) -> None:
        self._gap, self._next = 1 / per_second, 0.0

    def take(self) -> bool:
        """Whether one more question may be asked now; a few may come at once."""
        now = time.monotonic()
        self._next = max(self._next, now - 3 * self._gap)
        if self._next > now:
            return False
        self._next += self._gap
        return True


class TooFast(RuntimeError):
    """The register is asked too often; it is not asked."""


class Search:
    """The State's public search of companies; it needs no key."""

    name = "search"

    def __init__(self, http: aiohttp.ClientSession, url: str, pace: Pace) -> None:
        self._http, self._url, self._pace = http, url.rstrip("/"), pace

    async def lookup(self, siret: str, today: date) -> Official | None:
        """The establishment, if the search finds it."""
        query = {"q": siret, "page": "1", "per_page": "1"}
        answer = await _get(self._http, self._pace, f"{self._url}/search", query, {})
        return from_search(answer, siret, today) if answer else None


class Insee:
    """INSEE's API Sirene; it needs a key."""

    name = "insee"

    def __init__(self, http: aiohttp.ClientSession, url: str, key: str, pace: Pace) -> None:
        self._http, self._url, self._pace = http, url.rstrip("/"), pace
        self._headers = {"X-INSEE-Api-Key-Integration": key}

    async def lookup(self, siret: str, today: date) -> Official | None:
        """The establishment, with its successor when it has closed."""
        answer = await self._get(f"/siret/{siret}", {})
        official = from_insee(answer, today) if answer else None
        if official is None or not official.closed:
            return official
        query = {"q": f"siretEtablissementPredecesseur:{siret}"}
        links = await self._get("/siret/liensSuccession", query)
        return replace(official, successor=successor_from_insee(links)) if links else official

    async def _get(self, path: str, query: Mapping[str, str]) -> JSON | None:
        return await _get(self._http, self._pace, self._url + path, query, self._headers)


async def _get(
    http: aiohttp.ClientSession,
    pace: Pace,
    url: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
) -> JSON | None:
    """The JSON object at an address; None when it answers that there is none.

    Raises what makes the answer worthless: a status, a size, no JSON, or too many questions.
    """
    if not pace.take():
        raise TooFast(url)
    async with http.get(url, params=query, headers=headers, allow_redirects=False) as reply:
        if reply.status == 404:
            return None
        if reply.status != 200:
            raise ValueError(f"status {reply.status}")
        data = await reply.content.read(LONGEST_ANSWER + 1)
        while len(data) <= LONGEST_ANSWER and (more := await reply.content.read(65536)):
            data += more
        if len(data) > LONGEST_ANSWER:
            raise ValueError("the answer is too long")
        answer = json.loads(data)
        if not isinstance(answer, dict):
            raise ValueError("no JSON object")
        return answer
