"""Every example of the page for clients of Chorus Pro is sent, and answered as it says."""

import base64
import json
import re
from typing import Any

import aiohttp

from deploy.local import markup
from deploy.local.city import STRICT
from deploy.local.handle import Stack
from deploy.local.place import ROOT
from tests.scenarios.chorus.shop import Software, software
from tests.scenarios.steps import eventually, scene
from tests.scenarios.test_seller_is_paid import BUYER, DEPARTMENTS, SAMPLE, SELLER

PAGE = (ROOT / "docs/chorus.md").read_text()
EXAMPLE = re.compile(r"```http\nPOST (\S+)\n(.*?)\n```(?:\n\n```json\n(.*?)\n```)?", re.DOTALL)
VARYING = re.compile(r"(?i)^(id|numeroFlux|date|nomFichier|lien|histoStatutDate|access_token)")
NAME = re.compile(r"\{(\w+)\}")


def like(said: Any, shown: Any, name: str = "") -> None:
    """Demand that an answer is what is shown, but for what is new each time."""
    if isinstance(shown, dict):
        assert list(said) == list(shown), name
        for key, value in shown.items():
            like(said[key], value, key)
    elif isinstance(shown, list) and shown:
        like(said[0], shown[0], name)
    elif VARYING.match(name):
        assert type(said) is type(shown), name
    else:
        assert said == shown, name


async def test_every_example_is_answered_as_it_is_shown(stack: Stack) -> None:
    async with scene(stack) as play, aiohttp.ClientSession() as session:
        shop = await software(await play.party(SELLER), session)
        await play.party(BUYER, public=True, requirements=STRICT, departments=DEPARTMENTS)
        known = {
            "file": base64.b64encode(markup.cii(SAMPLE)).decode(),
            "client_id": shop.client_id,
            "client_secret": shop.client_secret,
        }
        examples = EXAMPLE.findall(PAGE)
        assert len(examples) == PAGE.count("```http") == 6
        for path, body, answer in examples:
            said = await final(
                shop, path, filled(body, known), json.loads(answer) if answer else None
            )
            if answer:
                like(said, json.loads(answer))
            if "numeroFluxDepot" in said:
                known["numeroFluxDepot"] = said["numeroFluxDepot"]
            if found := said.get("listeFactures"):
                known["idFacture"] = str(found[0]["identifiantFactureCPP"])


def filled(body: str, known: dict[str, str]) -> str:
    """The body of an example with what earlier ones gave."""
    return NAME.sub(lambda match: known.get(match[1], match[0]), body)


async def final(shop: Software, path: str, body: str, shown: Any) -> Any:
    """The answer, when it has come to where the page shows it."""
    if path.startswith("/api/"):
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        async with shop.session.post(shop.origin + path, data=body, headers=kind) as answer:
            return await answer.json()
    status = 400 if shown and shown["codeRetour"] else 200

    async def come() -> Any:
        said = await shop.call(path.removeprefix("/cpro/"), json.loads(body), status=status)
        listed = said.get("listeFactures")
        ready = listed != [] and said.get("statutCourantCode") in (None, "MISE_A_DISPOSITION")
        waits = any(word in str(said) for word in ("EN_COURS_TRAITEMENT", "EN_ATTENTE"))
        return said if ready and not waits else None

    return await eventually(come, path)
