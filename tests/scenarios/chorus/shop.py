"""A seller's software with its two proofs, and a plain caller beside the published clients."""

import base64
import json
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import aiohttp

from deploy.local.city import STRICT
from deploy.local.samples import Company
from tests.scenarios.chorus.words import held
from tests.scenarios.steps import Party, Scene
from tests.scenarios.test_seller_is_paid import BUYER, DEPARTMENTS, SELLER

VALIDATOR = Company("99950005500019", "Bâtisseurs réunis", "3 rue du Port", "31000", "Toulouse")


@dataclass(frozen=True, slots=True)
class Software:
    """What software written for Chorus Pro is set up with."""

    origin: str
    client_id: str
    client_secret: str
    login: str
    password: str
    session: aiohttp.ClientSession

    @property
    def account(self) -> str:
        """The header that shows the technical account."""
        return base64.b64encode(f"{self.login}:{self.password}".encode()).decode()

    async def token(self) -> str:
        """A token of its client."""
        form = {"grant_type": "client_credentials", "scope": "openid"}
        form |= {"client_id": self.client_id, "client_secret": self.client_secret}
        async with self.session.post(f"{self.origin}/api/oauth/token", data=form) as answer:
            assert answer.status == 200, await answer.text()
            given = await answer.json()
        return str(given["access_token"])

    async def call(
        self,
        path: str,
        body: object = None,
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """One operation; its answer is held to the words of the contract."""
        proofs = {"Authorization": f"Bearer {await self.token()}", "cpro-account": self.account}
        kind = {"Content-Type": "application/json"}
        async with self.session.post(
            f"{self.origin}/cpro/{path}",
            data=BytesIO(json.dumps(body or {}).encode()),
            headers={**kind, **proofs, **(headers or {})},
        ) as answer:
            said = await answer.json(content_type=None)
        assert answer.status == status, f"{path}: {answer.status} {said}"
        held(path, status, said)
        return said


async def software(party: Party, session: aiohttp.ClientSession) -> Software:
    """The software of a party, with a technical account of its own."""
    made = await party.person.post(
        "/v1/technical-accounts", {"name": "Logiciel", "structure": party.key}
    )
    return Software(
        party.person.base_url,
        party.client_id,
        party.client_secret,
        made["login"],
        made["password"],
        session,
    )


async def shops(play: Scene, session: aiohttp.ClientSession) -> tuple[Software, Software]:
    """A seller and its buyer, each with software."""
    seller = await play.party(SELLER)
    buyer = await play.party(
        BUYER, public=True, requirements=STRICT, departments=DEPARTMENTS, stands_in=True
    )
    return await software(seller, session), await software(buyer, session)


async def status(shop: Software, number: int) -> str:
    """The status of an invoice, by its history."""
    told = await shop.call("factures/v1/consulter/historique", {"idFacture": number})
    assert told["idFacture"] == number
    return str(told["statutCourantCode"])
