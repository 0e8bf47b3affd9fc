"""What the subject of a token may do now, as accounts says.

An answer is remembered until accounts lists its subject among those whose rights changed. That list
is read again before a request that comes `FRESH_SECONDS` after the last reading; when it cannot be
read for `TRUST_SECONDS`, nothing that is remembered is believed any more.
"""

import asyncio
import hashlib
import time
from collections import OrderedDict
from typing import TypeVar

import aiohttp
from pydantic import BaseModel, ValidationError

from shared.auth import REMEMBERED, Claims, Identity, proved_at, refused
from shared.contracts.accounts import Me, RightsChanges
from shared.errors import Unavailable

M = TypeVar("M", bound=BaseModel)
CHANGES = "/oauth2/rights-changes"
FRESH_SECONDS = 1.0
RETRY_SECONDS = 2.0
TRUST_SECONDS = 30.0
ANSWER_SECONDS = 8.0
MOST_CHANGES = 50_000


def mark_of(subject: str) -> str:
    """How a subject is named in the public list of changes."""
    return hashlib.sha256(subject.encode()).hexdigest()


class Refusal(BaseModel):
    """Why accounts no longer takes a token."""

    code: str
    detail: str


class Standings:
    """Asks accounts with the caller's own token, and forgets what accounts says has changed."""

    def __init__(self, accounts_url: str) -> None:
        self._url = accounts_url
        self._http: aiohttp.ClientSession | None = None
        self._lock = asyncio.Lock()
        self._known: OrderedDict[str, tuple[float, Identity]] = OrderedDict()
        self._seen: dict[str, float] = {}
        self._changed: dict[str, float] = {}
        self._read = float("-inf")
        self._failed = float("-inf")

    async def of(self, claims: Claims, token: str) -> Identity:
        """Who the valid token speaks for, and what it may do.

        Raises Unauthorized when accounts no longer takes it, Unavailable when accounts is away.
        """
        await self._catch_up()
        known = self._known.get(token)
        if known and known[0] > self._changed.get(mark_of(claims["sub"]), float("-inf")):
            return known[1]
        asked = time.monotonic()
        me = await self._get(Me, "/v1/me", token)
        if me.subject != claims["sub"]:
            raise refused()
        identity = Identity(
            subject=me.subject,
            kind=me.kind,
            realm=me.realm,
            grants=me.grants,
            email=me.email,
            session=claims.get("sid"),
            scopes=me.scopes,
            proved_at=proved_at(claims),
        )
        self._known[token] = (asked, identity)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return identity

    async def close(self) -> None:
        """Hang up."""
        if self._http:
            await self._http.close()

    async def _catch_up(self) -> None:
        """Read the list of changes unless that was done just now. Raises Unavailable."""
        if time.monotonic() - self._read > FRESH_SECONDS:
            async with self._lock:
                now = time.monotonic()
                if now - self._read > FRESH_SECONDS and now - self._failed > RETRY_SECONDS:
                    await self._read_changes(now)
        if time.monotonic() - self._read > TRUST_SECONDS:
            raise _away()

    async def _read_changes(self, began: float) -> None:
        try:
            changes = await self._get(RightsChanges, CHANGES)
        except Unavailable:
            self._failed = time.monotonic()
            return
        if began - self._read > RightsChanges.SECONDS / 2:
            self._known.clear()  # the list may have left out what is older than it reaches
        if len(self._changed) > MOST_CHANGES:
            self._known.clear()
            self._changed.clear()
            self._seen.clear()
        now = time.monotonic()
        for change in changes.items:
            if change.id not in self._seen:
                self._seen[change.id] = self._changed[change.subject] = now
        self._read = began

    async def _get(self, answer: type[M], path: str, token: str | None = None) -> M:
        """One question to accounts. Raises Unauthorized or Unavailable."""
        if self._http is None:
            timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS, connect=3)
            jar = aiohttp.DummyCookieJar()
            self._http = aiohttp.ClientSession(timeout=timeout, cookie_jar=jar)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            async with self._http.get(
                self._url + path, headers=headers, allow_redirects=False
            ) as reply:
                if reply.status == 401:
                    said = Refusal.model_validate_json(await reply.read())
                    raise refused(said.code, said.detail)
                if reply.status != 200:
                    raise _away()
                return answer.model_validate_json(await reply.read())
        except (aiohttp.ClientError, TimeoutError, ValidationError) as error:
            raise _away() from error


def _away() -> Unavailable:
    return Unavailable(
        "Le service des comptes ne répond pas ; réessayez dans un instant.",
        headers={"Retry-After": "2"},
    )
