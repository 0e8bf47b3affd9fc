"""The published Python client, unchanged: only its two addresses are ours."""

import asyncio
import base64
from dataclasses import replace

import aiohttp
import pymupdf
from chorusapi.client import ChorusAPI

from deploy.local import markup, paper
from deploy.local.city import STRICT
from deploy.local.handle import Stack
from tests.scenarios.chorus.shop import Software, software
from tests.scenarios.steps import eventually, scene
from tests.scenarios.test_seller_is_paid import BUYER, DEPARTMENTS, SAMPLE, SELLER

PENDING = {"IN_DEPOT_PORTAIL_EN_ATTENTE_TRAITEMENT_SE_CPP", "IN_EN_COURS_TRAITEMENT_CPP"}


def client(shop: Software) -> ChorusAPI:
    """The published client, with our addresses."""
    made = ChorusAPI(shop.client_id, shop.client_secret, shop.login, shop.password)
    made.auth_url, made.api_url = f"{shop.origin}/api/oauth/token", shop.origin
    return made.auth()


async def test_a_flow_is_handed_in_and_followed_to_its_verdict(stack: Stack) -> None:
    async with scene(stack) as play, aiohttp.ClientSession() as session:
        seller = await play.party(SELLER)
        await play.party(BUYER, public=True, requirements=STRICT, departments=DEPARTMENTS)
        api = await asyncio.to_thread(client, await software(seller, session))
        data = base64.b64encode(paper.facturx_pdf(SAMPLE)).decode()
        put = await asyncio.to_thread(api.deposer_flux, data, "facture.pdf")
        assert (put.code_retour, put.libelle) == (0, "TRA_MSG_00.000")
        assert put.numero_flux_depot.startswith("CPP0011117")
        assert len(put.numero_flux_depot) == 25
        again = await asyncio.to_thread(api.deposer_flux, data, "facture.pdf")
        assert again.numero_flux_depot == put.numero_flux_depot
        seen = set()

        async def verdict() -> str | None:
            told = await asyncio.to_thread(api.consulter_cr, put.numero_flux_depot)
            seen.add(told.etat_courant_flux)
            return told.etat_courant_flux if told.etat_courant_flux not in PENDING else None

        assert await eventually(verdict, "a verdict") == "IN_INTEGRE"
        assert seen <= PENDING | {"IN_INTEGRE"}
        told = await asyncio.to_thread(api.consulter_cr, put.numero_flux_depot)
        with pymupdf.open(stream=base64.b64decode(told.fichier_cr)) as page:
            assert put.numero_flux_depot in page[0].get_text()
            assert SAMPLE.number in page[0].get_text()
        assert told.code_interface_flux == "FSO1117A"
        detail = await asyncio.to_thread(api.consulter_cr_detaille, put.numero_flux_depot)
        assert (detail.etat_courant_depot_flux, detail.liste_erreur_dp) == ("IN_INTEGRE", [])
        assert (await asyncio.to_thread(api.health_check)).status_code_value == 200


async def test_what_is_wrong_with_an_invoice_is_said_under_its_number(stack: Stack) -> None:
    async with scene(stack) as play, aiohttp.ClientSession() as session:
        seller = await play.party(SELLER)
        await play.party(BUYER, public=True, requirements=STRICT, departments=DEPARTMENTS)
        api = await asyncio.to_thread(client, await software(seller, session))
        wrong = base64.b64encode(markup.cii(replace(SAMPLE, department="NULLE-PART"))).decode()
        put = await asyncio.to_thread(api.deposer_flux, wrong, "f.xml", False, "IN_DP_E1_CII_16B")

        async def rejected() -> object:
            told = await asyncio.to_thread(api.consulter_cr_detaille, put.numero_flux_depot)
            return told if told.etat_courant_depot_flux == "IN_REJETE" else None

        told = await eventually(rejected, "a rejection")
        (fault,) = told.liste_erreur_dp  # type: ignore[attr-defined]
        assert fault.numero_dp == SAMPLE.number
        assert fault.identifiant_destinataire == BUYER.siret
        assert "FAC-ROUTE" in fault.libelle_erreur_dP
