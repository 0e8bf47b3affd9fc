"""Who is asking: tokens are verified here, by every service, with the public keys of accounts.

A token is a JWT signed with Ed25519 (RFC 9068 type `at+jwt`); nothing in its header is trusted but
the key id, and that only picks among keys already known.
"""

import asyncio
import time
import warnings
from collections import OrderedDict
from typing import Any, Literal

import aiohttp
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared.contracts.message import Shape
from shared.errors import Unauthorized, Unavailable

AUDIENCE, TYPE, ALGORITHM = "chorale", "at+jwt", "EdDSA"
warnings.filterwarnings("ignore", message="EdDSA is deprecated")  # its new name is not yet usual
LEEWAY = 60
KEYS_SECONDS = 300.0
REMEMBERED = 5000
Kind = Literal["person", "client", "operator"]


class Identity(Shape):
    """Who a valid token speaks for."""

    subject: str
    kind: Kind
    realm: str
    structures: tuple[str, ...] = ()
    email: str | None = None

    def may_act_for(self, structure: str | None) -> bool:
        """Whether it belongs to the structure; an operator's token acts for none."""
        return structure in self.structures

    @property
    def in_sandbox(self) -> bool:
        """Whether it lives in a sandbox."""
        return self.realm != "live"


class Verifier:
    """Turns a token into an identity; keys are fetched when needed and kept for a while."""

    def __init__(self, accounts_url: str, issuer: str) -> None:
        self._url, self._issuer = f"{accounts_url}/oauth2/jwks", issuer
        self._keys: KeySet | None = None
        self._fetched = 0.0
        self._lock = asyncio.Lock()
        self._known: OrderedDict[str, tuple[float, Identity]] = OrderedDict()

    async def identify(self, authorization: str) -> Identity:
        """The identity of an `Authorization: Bearer …` header. Raises Unauthorized, one text for
        all.
        """
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token or len(token) > 8192:
            raise refused()
        known = self._known.get(token)
        if known and known[0] > time.time():
            return known[1]
        claims = await self._claims(token)
        try:
            identity = Identity(
                subject=claims["sub"],
                kind=claims["kind"],
                realm=claims["realm"],
                structures=tuple(claims.get("structures", ())),
                email=claims.get("email"),
            )
        except (KeyError, ValueError) as error:
            raise refused() from error
        self._known[token] = (min(float(claims["exp"]), time.time() + 60), identity)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return identity

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


def refused() -> Unauthorized:
    """The one answer to every token that is not valid."""
    return Unauthorized(
        "Le jeton est absent, expiré ou invalide. Demandez-en un à /oauth2/token.",
        headers={"WWW-Authenticate": 'Bearer realm="chorale"'},
    )
