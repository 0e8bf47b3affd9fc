"""What a poll of a history costs a client of Chorus Pro, against the native read beside it."""

import base64
import json
import time
from statistics import quantiles
from typing import Any

import aiohttp

from deploy.local.handle import Stack

POLLS = 600


async def measure(stack: Stack, polls: int = POLLS) -> dict[str, object]:
    """The 99th percentile of a poll, and how many times that of the native read it is."""
    demo: dict[str, Any] = json.loads((stack.place.folder / "demo.json").read_text())
    shop: dict[str, str] = demo["chorus"]
    async with aiohttp.ClientSession() as http:
        token = await _token(http, shop)
        account = base64.b64encode(f"{shop['login']}:{shop['password']}".encode()).decode()
        proofs = {"Authorization": f"Bearer {token}", "cpro-account": account}
        found = await _asked(http, shop, proofs, "rechercher/fournisseur", {})
        row = found["listeFactures"][0]
        number = row["identifiantFactureCPP"]
        native = f"{demo['base_url']}/v1/invoices?number={row['numeroFacture']}"
        own = {"Authorization": f"Bearer {token}"}
        async with http.get(native, headers=own) as answer:
            id = (await answer.json())["items"][0]["id"]
        ours: list[float] = []
        theirs: list[float] = []
        for _ in range(polls):
            began = time.perf_counter()
            await _asked(http, shop, proofs, "consulter/historique", {"idFacture": number})
            between = time.perf_counter()
            address = f"{demo['base_url']}/v1/invoices/{id}/history"
            async with http.get(address, headers=own) as answer:
                await answer.read()
                assert answer.status == 200
            ours.append(between - began)
            theirs.append(time.perf_counter() - between)
    mine, native_read = (quantiles(times, n=100)[-1] for times in (ours, theirs))
    return {
        "bench": "chorus.history.p99",
        "value": round(mine * 1000, 2),
        "unit": "ms",
        "ratio": round(mine / native_read, 2),
        "against": "GET /v1/invoices/{id}/history",
    }


async def _token(http: aiohttp.ClientSession, shop: dict[str, str]) -> str:
    form = {"grant_type": "client_credentials", "scope": "openid"}
    form |= {name: shop[name] for name in ("client_id", "client_secret")}
    async with http.post(shop["oauth_url"], data=form) as answer:
        return str((await answer.json())["access_token"])


async def _asked(
    http: aiohttp.ClientSession,
    shop: dict[str, str],
    proofs: dict[str, str],
    path: str,
    body: dict[str, Any],
) -> Any:
    address = f"{shop['api_url']}/cpro/factures/v1/{path}"
    async with http.post(address, json=body, headers=proofs) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()
