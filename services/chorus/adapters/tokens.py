"""Two proofs come with each request; what accounts gives for both is kept until it ends."""

import asyncio
import hashlib
from collections import OrderedDict

from shared.client import Client
from shared.contracts.machines import TechnicalLogin, TechnicalToken

REMEMBERED = 5000
EARLY = 30
"""Seconds before its end from which a token is not used any more."""


class Tokens:
    """The tokens of technical accounts, by the proofs that were shown."""

    def __init__(self, native: Client) -> None:
        self._native = native
        self._known: OrderedDict[str, tuple[float, TechnicalToken]] = OrderedDict()

    async def of(self, authorization: str, login: TechnicalLogin) -> TechnicalToken:
        """The token of a technical account, for the client that shows it.

        Raises Unauthorized for the client, Forbidden for the account, Unavailable.
        """
        key = _key(authorization, login)
        now = asyncio.get_running_loop().time()
        known = self._known.get(key)
        if known and known[0] > now:
            return known[1]
        token = await self._native.ask(
            TechnicalToken,
            "POST",
            "/v1/technical-accounts/tokens",
            body=login,
            source={"Authorization": authorization},
        )
        self._known[key] = (now + token.expires_in - EARLY, token)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return token

    def forget(self, authorization: str, login: TechnicalLogin) -> None:
        """A token is not taken any more."""
        self._known.pop(_key(authorization, login), None)


def _key(authorization: str, login: TechnicalLogin) -> str:
    """The proofs are not kept, only what they hash to."""
    return hashlib.sha256(f"{authorization}\n{login.login}\n{login.password}".encode()).hexdigest()
