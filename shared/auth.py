"""Who is asking: tokens are verified here, by every service, with the public keys of accounts.

A token is a JWT signed with Ed25519 (RFC 9068 type `at+jwt`); nothing in its header is trusted but
the key id, and that only picks among keys already known. What its subject may do is no part of it:
accounts says that (`shared.standing`), so that a right which is withdrawn ends at once.
"""

import asyncio
import time
import warnings
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal, get_args

import aiohttp
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared.contracts.message import Shape
from shared.contracts.rights import Grant, Scope
from shared.errors import Forbidden, Unauthorized, Unavailable
from shared.rights import Action, allowed

AUDIENCE, TYPE, ALGORITHM = "chorale", "at+jwt", "EdDSA"
warnings.filterwarnings("ignore", message="EdDSA is deprecated")  # its new name is not yet usual
LEEWAY = 60
KEYS_SECONDS = 300.0
REMEMBERED = 20_000
Kind = Literal["person", "client", "operator"]
Claims = Mapping[str, Any]


class Identity(Shape):
    """Who a valid token speaks for."""

    subject: str
    kind: Kind
    realm: str
    grants: tuple[Grant, ...] = ()
    """What it may do in each of its structures, now."""
    email: str | None = None
    session: str | None = None
    """The session that a person's token belongs to."""
    proved_at: datetime | None = None
    """When a person last typed their password again, as this token says."""
    scopes: tuple[Scope, ...] = ()
    """What a program's token lets it do; people have no need of any."""

    @property
    def structures(self) -> tuple[str, ...]:
        """The keys of its structures, those that they had before included."""
        return _keys(self.grants)

    def may(self, action: Action, structure: str | None) -> bool:
        """Whether it may do this in a structure, under whichever of its keys."""
        return structure in self.where(action)

    def where(self, action: Action) -> tuple[str, ...]:
        """The keys of the structures in which it may do this."""
        return _keys(grant for grant in self.grants if allowed(grant, action))

    def may_act_for(self, structure: str | None) -> bool:
        """Whether it belongs to the structure; an operator's token acts for none."""
        return structure in self.structures

    @property
    def in_sandbox(self) -> bool:
        """Whether it lives in a sandbox."""
        return self.realm != "live"


def proved_at(claims: Claims) -> datetime | None:
    """When the password was typed again, as a token says."""
    at = claims.get("proved")
    return datetime.fromtimestamp(at, UTC) if at else None


def _keys(grants: Iterable[Grant]) -> tuple[str, ...]:
    return tuple(key for grant in grants for key in (grant.structure, *grant.former))


Standing = Callable[[Claims, str], Awaitable[Identity]]
"""What the subject of a valid token may do now."""


class Verifier:
    """Turns a token into an identity; keys are fetched when needed and kept for a while."""

    def __init__(self, accounts_url: str, issuer: str, standing: Standing) -> None:
        self._url, self._issuer = f"{accounts_url}/oauth2/jwks", issuer
        self.standing = standing
        self._keys: KeySet | None = None
        self._fetched = 0.0
        self._lock = asyncio.Lock()
        self._known: OrderedDict[str, tuple[float, Claims]] = OrderedDict()

    async def identify(self, authorization: str) -> Identity:
        """The identity of an `Authorization: Bearer …` header. Raises Unauthorized."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token or len(token) > 8192:
            raise refused()
        return await self.standing(await self._valid(token), token)

    async def _valid(self, token: str) -> Claims:
        """What a valid token says; every one that is not gets the same text."""
        known = self._known.get(token)
        if known and known[0] > time.time():
            return known[1]
        claims = await self._claims(token)
        self._known[token] = (float(claims["exp"]), claims)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return claims

    async def _claims(self, token: str) -> dict[str, Any]:
        for fresh in (False, True):
            keys = await self._load(fresh)
            try:
                decoded = jwt.decode(token, keys, algorithms=[ALGORITHM])
                if decoded.header.get("typ") != TYPE:
                    raise refused()
                jwt.JWTClaimsRegistry(
                    leeway=LEEWAY,
                    iss={"essential": True, "value": self._issuer},
                    aud={"essential": True, "value": AUDIENCE},
                    exp={"essential": True},
                    sub={"essential": True},
                    kind={"essential": True, "values": list(get_args(Kind))},
                    realm={"essential": True},
                ).validate(decoded.claims)
            except (JoseError, ValueError, TypeError) as error:
                if fresh or time.monotonic() - self._fetched < 5:
                    raise refused() from error
                continue
            return dict(decoded.claims)
        raise refused()

    async def _load(self, fresh: bool) -> KeySet:
        async with self._lock:
            age = time.monotonic() - self._fetched
            if self._keys is None or age > KEYS_SECONDS or (fresh and age > 5):
                try:
                    timeout = aiohttp.ClientTimeout(total=5)
                    async with (
                        aiohttp.ClientSession(timeout=timeout) as http,
                        http.get(self._url) as answer,
                    ):
                        answer.raise_for_status()
                        self._keys = KeySet.import_key_set(await answer.json())
                        self._fetched = time.monotonic()
                except (aiohttp.ClientError, TimeoutError, ValueError) as error:
                    if self._keys is None:
                        raise Unavailable(
                            "Les clés de signature ne sont pas joignables."
                        ) from error
            assert self._keys is not None
            return self._keys


def insufficient(scope: str) -> Forbidden:
    """The answer to a program whose token lacks a scope (RFC 6750 §3.1)."""
    said = f'Bearer realm="chorale", error="insufficient_scope", scope="{scope}"'
    return Forbidden(
        f"Le jeton de ce client ne porte pas la portée « {scope} ». Demandez-en un qui la porte,"
        " ou un client à qui elle est donnée.",
        code="insufficient-scope",
        headers={"WWW-Authenticate": said},
    )


def refused(
    code: str = "invalid-token",
    detail: str = "Le jeton est absent, expiré ou invalide. Demandez-en un à /oauth2/token.",
) -> Unauthorized:
    """The one answer to every token that is not valid; of a session that is over it says so."""
    headers = {"WWW-Authenticate": 'Bearer realm="chorale"'}
    return Unauthorized(detail, code=code, headers=headers)
