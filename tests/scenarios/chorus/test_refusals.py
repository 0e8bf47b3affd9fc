"""What is refused: the documented answer, and never another structure's data."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from pymongo import MongoClient

from deploy.local import markup
from deploy.local.city import STRICT
from deploy.local.handle import Stack
from deploy.local.samples import Company
from tests.scenarios.chorus.shop import Software, software
from tests.scenarios.chorus.test_every_operation import integrated
from tests.scenarios.steps import Party, Scene, eventually, scene
from tests.scenarios.test_seller_is_paid import BUYER, DEPARTMENTS, SAMPLE, SELLER

STRANGER = Company("99960006000018", "Autre entreprise", "1 rue Basse", "31000", "Toulouse")
MISSING = 99_999
SMALL = {"nomFichier": "f.xml", "syntaxeFlux": "IN_DP_E1_CII_16B", "avecSignature": False}
FLUX = "factures/v1/deposer/flux"


@asynccontextmanager
async def opened(stack: Stack) -> AsyncIterator[tuple[Scene, Party, Software]]:
    """A seller with its software."""
    async with scene(stack) as play, aiohttp.ClientSession() as session:
        party = await play.party(SELLER)
        yield play, party, await software(party, session)


def coded(data: bytes) -> str:
    """Bytes as they travel."""
    return base64.b64encode(data).decode()


async def test_a_wrong_client_is_refused_as_the_gateway_refuses(stack: Stack) -> None:
    async with opened(stack) as (_, _, shop):
        address = f"{shop.origin}/api/oauth/token"
        for id, secret in ((shop.client_id, "faux"), ("inconnu", shop.client_secret)):
            form = {"grant_type": "client_credentials", "client_id": id, "client_secret": secret}
            async with shop.session.post(address, data=form) as answer:
                assert (answer.status, (await answer.json())["error"]) == (400, "invalid_client")
        bare = {"grant_type": "client_credentials"}

        def basic(secret: str) -> dict[str, str]:
            return {"Authorization": f"Basic {coded(f'{shop.client_id}:{secret}'.encode())}"}

        right = basic(shop.client_secret)
        async with shop.session.post(address, data=bare, headers=right) as answer:
            given = await answer.json()
        assert given["token_type"] == "Bearer" and given["scope"] == "openid"
        assert isinstance(given["expires_in"], int) and 0 < given["expires_in"] < 32768
        async with shop.session.post(address, data=bare, headers=basic("faux")) as answer:
            assert answer.status == 400


async def test_a_wrong_technical_account_is_unauthorised_and_told_why(stack: Stack) -> None:
    async with opened(stack) as (_, _, shop):
        for account in ("", "pas du base64", coded(b"sans"), coded(b"TECH_1_9@cpro.fr:faux")):
            said = await shop.call(
                "transverses/v1/recuperer/devises", status=401, headers={"cpro-account": account}
            )
            assert said["httpCode"] == "401" and said["moreInformation"]
        proofs = {"cpro-account": shop.account, "Authorization": "Bearer faux"}
        async with shop.session.post(
            f"{shop.origin}/cpro/transverses/v1/recuperer/devises", json={}, headers=proofs
        ) as answer:
            assert answer.status == 401
            assert answer.headers["WWW-Authenticate"] == 'Bearer realm="PISTE"'


async def test_a_revoked_account_is_out_at_once(stack: Stack) -> None:
    async with opened(stack) as (_, party, shop):
        token = await shop.token()
        assert not await looked(shop, token)
        listed = await party.person.get("/v1/technical-accounts", structure=party.key)
        (account,) = listed["items"]
        await party.person.call("DELETE", f"/v1/technical-accounts/{account['id']}")

        assert await out(shop, token)


async def test_a_revoked_client_is_out_at_once_with_the_token_that_it_has(stack: Stack) -> None:
    async with opened(stack) as (_, party, shop):
        token = await shop.token()
        await shop.call("utilisateurs/v1/monCompte/recuperer/rattachements")
        assert not await looked(shop, token)
        await party.person.call("DELETE", f"/v1/clients/{party.client_id}")
        assert await out(shop, token)


async def looked(shop: Software, token: str) -> bool | None:
    """Whether a request with this token is unauthorised."""
    proofs = {"Authorization": f"Bearer {token}", "cpro-account": shop.account}
    path = f"{shop.origin}/cpro/transverses/v1/recuperer/tauxtva"
    async with shop.session.post(path, json={}, headers=proofs) as answer:
        return True if answer.status == 401 else None


async def out(shop: Software, token: str) -> bool:
    """Wait until a request with this token is unauthorised."""
    return bool(await eventually(lambda: looked(shop, token), "the refusal"))


async def test_an_expired_password_is_said_to_be_expired(stack: Stack) -> None:
    async with opened(stack) as (_, _, shop):
        long_ago = datetime.now(UTC) - timedelta(days=425)
        with MongoClient[dict[str, Any]](stack.mongo_url) as mongo:
            clients = mongo["chorale_accounts"]["clients"]
            done = clients.update_one(
                {"login": shop.login}, {"$set": {"secrets.0.created_at": long_ago}}
            )
            assert done.modified_count == 1
        said = await shop.call("transverses/v1/recuperer/devises", status=401)
        assert "expiré" in said["moreInformation"]


async def test_nothing_of_another_structure_is_seen(stack: Stack) -> None:
    async with opened(stack) as (play, _, shop), aiohttp.ClientSession() as session:
        await play.party(BUYER, public=True, departments=DEPARTMENTS)
        other = await software(await play.party(STRANGER), session)
        row = await integrated(shop, "f.xml", markup.cii(SAMPLE), "IN_DP_E1_CII_16B")
        number, flow = row["identifiantFactureCPP"], row["numeroFluxDepot"]
        for path, body in (
            ("consulter/fournisseur", {"identifiantFactureCPP": number}),
            ("consulter/recipiendaire", {"identifiantFactureCPP": number}),
            ("consulter/historique", {"idFacture": number}),
            ("telecharger/groupe", {"listeFacture": [{"idFacture": number}], "format": "PDF"}),
            ("traiter/recue", {"idFacture": number, "nouveauStatut": "SERVICE_FAIT", "motif": ""}),
            ("completer", {"identifiantFactureCPP": number, "commentaire": "x"}),
        ):
            said = await other.call(f"factures/v1/{path}", body, status=400)
            assert (said["codeRetour"], said["libelle"][:14]) == (20000, "GDP_MSG_11.008"), path
        for path in ("consulterCR", "consulterCRDetaille"):
            said = await other.call(f"transverses/v1/{path}", {"numeroFluxDepot": flow})
            assert said["libelle"] == "POQ_MSG_01.003 - Flux introuvable."
        listed = await other.call("factures/v1/rechercher/fournisseur", {"numeroFluxDepot": flow})
        assert listed["parametresRetour"]["total"] == 0
        everything = {"rechercheFactureParFournisseur": {"nbResultatsParPage": 10_000}}
        listed = await other.call("factures/v1/rechercher/fournisseur", everything)
        assert listed["listeFactures"] == []
        mine = await shop.call("factures/v1/rechercher/fournisseur", everything)
        assert mine["parametresRetour"] == {
            "pageCourante": 1,
            "pages": 1,
            "nbResultatsParPage": 10_000,
            "total": 1,
        }
        file = {"pieceJointeFichier": coded(b"secret"), "pieceJointeNom": "a.txt"}
        kept = await shop.call("transverses/v1/ajouter/fichier", file)
        wanted = {"objetPieceJointe": "STRUCTURE", "pieceJointeId": kept["pieceJointeId"]}
        await other.call("transverses/v1/telecharger/pieceJointe", wanted, status=400)
        await shop.call("transverses/v1/telecharger/pieceJointe", wanted)


async def test_an_unknown_number_stands_for_nothing(stack: Stack) -> None:
    async with opened(stack) as (_, _, shop):
        said = await shop.call(
            "factures/v1/consulter/historique", {"idFacture": MISSING}, status=400
        )
        assert said["libelle"].startswith("GDP_MSG_11.008")
        await shop.call("structures/v1/consulter", {"idStructureCPP": MISSING}, status=400)
        for number in ("CPP0011117000000000425903", "n'importe quoi"):
            asked = {"numeroFluxDepot": number}
            said = await shop.call("transverses/v1/consulterCRDetaille", asked)
            assert said["codeRetour"] == 20001
        await shop.call("transverses/v1/consulterCR", {}, status=400)


async def test_a_flow_that_cannot_be_one_is_refused(stack: Stack) -> None:
    async with opened(stack) as (_, _, shop):
        for change, label in (
            ({"fichierFlux": "%%%"}, "GDP_MSG_01.002"),
            ({"fichierFlux": ""}, "GDP_MSG_01.001"),
            ({"syntaxeFlux": "IN_DP_E9"}, "GDP_MSG_01.002"),
            ({"syntaxeFlux": None}, "GDP_MSG_01.001"),
            ({"syntaxeFlux": "IN_DP_E1_UBL_INVOICE"}, "GDP_MSG_01.002"),
            ({"nomFichier": "x" * 201}, "GDP_MSG_01.002"),
            ({"fichierFlux": coded(bytes(10 * 1024 * 1024 + 1))}, "GDP_MSG_11.022"),
        ):
            sent = {"fichierFlux": coded(markup.cii(SAMPLE)), **SMALL, **change}
            said = await shop.call(FLUX, sent, status=400)
            assert said["libelle"].startswith(label), change
            assert said["explication"] and said["lien"].startswith(shop.origin)


async def test_what_is_no_request_is_refused(stack: Stack) -> None:
    async with opened(stack) as (_, _, shop):
        page = {"fichierFacture": coded(b"%PDF" + bytes(10 * 1024 * 1024)), "nomFichier": "f.pdf"}
        said = await shop.call("factures/v1/deposer/pdf", page, status=413)
        assert said["codeRetour"] == 20001
        proofs = {"Authorization": f"Bearer {await shop.token()}", "cpro-account": shop.account}
        address = f"{shop.origin}/cpro/{FLUX}"
        json = {"Content-Type": "application/json;charset=utf-8"}
        async with shop.session.post(address, data=b"{", headers=proofs | json) as answer:
            assert (answer.status, (await answer.json())["codeRetour"]) == (400, 20005)
        async with shop.session.post(address, data={"a": "b"}, headers=proofs) as answer:
            assert answer.status == 415
        async with shop.session.get(address, headers=proofs) as answer:
            assert answer.status == 403


async def test_an_operation_that_is_not_there_is_forbidden(stack: Stack) -> None:
    async with opened(stack) as (_, _, shop):
        for path in ("sollicitations/v1/rechercher", "factures/v1/inconnue"):
            said = await shop.call(path, status=403)
            assert said["httpMessage"] == "Forbidden"


async def test_an_address_without_its_first_part_leads_to_the_same(stack: Stack) -> None:
    async with opened(stack) as (_, _, shop):
        proofs = {"Authorization": f"Bearer {await shop.token()}", "cpro-account": shop.account}
        address = f"{shop.origin}/transverses/v1/recuperer/tauxtva"
        async with shop.session.post(address, json={}, headers=proofs) as answer:
            assert (answer.status, (await answer.json())["codeRetour"]) == (200, 0)
        address = f"{shop.origin}/transverses/v1/health-check"
        bearer = {"Authorization": proofs["Authorization"]}
        async with shop.session.get(address, headers=bearer) as answer:
            assert (answer.status, (await answer.json())["statusCodeValue"]) == (200, 200)
        async with shop.session.get(address) as answer:
            assert answer.status == 401


async def test_a_number_that_was_refused_may_come_again(stack: Stack) -> None:
    async with opened(stack) as (play, _, shop):
        await play.party(BUYER, public=True, requirements=STRICT, departments=DEPARTMENTS)
        wrong = markup.cii(replace(SAMPLE, department="NULLE-PART"))
        first = await shop.call(FLUX, {"fichierFlux": coded(wrong), **SMALL})
        asked = {"numeroFluxDepot": first["numeroFluxDepot"]}

        async def rejected() -> bool | None:
            report = await shop.call("transverses/v1/consulterCRDetaille", asked)
            return True if report["etatCourantDepotFlux"] == "IN_REJETE" else None

        assert await eventually(rejected, "the rejection")
        row = await integrated(shop, "f.xml", markup.cii(SAMPLE), "IN_DP_E1_CII_16B")
        assert row["numeroFacture"] == SAMPLE.number
