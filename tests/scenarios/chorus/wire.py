"""One client of another author on the wire: its own headers and bodies, byte for byte."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.scenarios.chorus.shop import Software
from tests.scenarios.chorus.words import held


@dataclass
class Wire:
    """What a client sends beside its bodies, and which operations it has called."""

    shop: Software
    headers: dict[str, str]
    form: dict[str, str] = field(default_factory=dict)
    basic: bool = False
    """Whether its id and secret travel as HTTP Basic."""
    called: set[str] = field(default_factory=set)
    token: str = ""

    async def sign_in(self) -> dict[str, Any]:
        """Its way to the token; the answer must be what the strictest of them demands."""
        shop, form, auth = self.shop, {"grant_type": "client_credentials", **self.form}, None
        if self.basic:
            auth = aiohttp.encode_basic_auth(shop.client_id, shop.client_secret)
        else:
            form |= {"client_id": shop.client_id, "client_secret": shop.client_secret}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        proof = {"Authorization": auth} if auth else {}
        async with shop.session.post(
            f"{shop.origin}/api/oauth/token", data=urlencode(form), headers=kind | proof
        ) as answer:
            told: dict[str, Any] = await answer.json()
        assert answer.status == 200 and told["token_type"] == "Bearer"
        assert type(told["expires_in"]) is int and 0 < told["expires_in"] < 2**15
        self.token = told["access_token"]
        return told

    async def post(self, path: str, body: object, status: int = 200) -> Any:
        """One call, written as Python, PHP and JavaScript write their JSON."""
        return await self.send(path, json.dumps(body).encode(), status)

    async def send(self, path: str, data: bytes, status: int = 200) -> Any:
        """One call with this body."""
        self.called.add(path)
        proofs = {"Authorization": f"Bearer {self.token}", "cpro-account": self.shop.account}
        async with self.shop.session.post(
            f"{self.shop.origin}/cpro/{path}", data=data, headers=self.headers | proofs
        ) as answer:
            said = await answer.json()
        assert answer.status == status, f"{path}: {answer.status} {said}"
        held(path, status, said)
        return said
