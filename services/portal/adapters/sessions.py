"""The visitor's cookie holds the secret of a session; here it is traded for access tokens."""

import asyncio
from collections import OrderedDict

from shared.client import Client, Source
from shared.contracts.sign_in import SessionToken, SignedIn
from shared.errors import Unauthorized

LONGEST = 100
KEPT_SECONDS = 60.0
"""How long an access token is used before the session is asked again, and thereby kept alive."""
REMEMBERED = 5000


class Sessions:
    """Access tokens by session, for a short while."""

    def __init__(self, native: Client) -> None:
        self._native = native
        self._known: OrderedDict[str, tuple[float, str]] = OrderedDict()

    async def token(self, secret: str, source: Source) -> str:
        """An access token of this session. Raises Unauthorized: it has ended."""
        now = asyncio.get_running_loop().time()
        known = self._known.get(secret)
        if known and known[0] > now:
            return known[1]
        if len(secret) > LONGEST:
            raise Unauthorized("Connectez-vous pour voir cette page.")
        asked = SessionToken(session_token=secret)
        signed = await self._native.ask(
            SignedIn, "POST", "/v1/sessions/refresh", body=asked, source=source
        )
        self._known[secret] = (now + min(KEPT_SECONDS, signed.expires_in / 2), signed.access_token)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return signed.access_token

    def forget(self, secret: str) -> None:
        """The session is over."""
        self._known.pop(secret, None)
