"""The published Python client, unchanged: only its two addresses are ours."""

import asyncio
import base64
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pymupdf
import pytest
import requests
from chorusapi.client import ChorusAPI
from chorusapi.exceptions.exception import ChorusApiException

from deploy.local import markup, paper
from deploy.local.city import STRICT
from deploy.local.handle import Stack
from docs.clients import CALLS
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


async def test_every_method_of_the_client_is_answered(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: set[str] = set()
    post = requests.post

    def noted(url: str, **more: Any) -> requests.Response:
        sent.add(urlsplit(url).path.removeprefix("/cpro/"))
        return post(url, **more)

    monkeypatch.setattr(requests, "post", noted)
    async with scene(stack) as play, aiohttp.ClientSession() as session:
        seller = await play.party(SELLER)
        await play.party(BUYER, public=True, requirements=STRICT, departments=DEPARTMENTS)
        api = await asyncio.to_thread(client, await software(seller, session))

        async def ask(method: Any, *given: Any) -> Any:
            return await asyncio.to_thread(method, *given)

        (one,) = (await ask(api.rechercher_structure, BUYER.siret)).liste_structures
        assert (one.identifiant_structure, one.statut) == (BUYER.siret, "ACTIF")
        sheet = await ask(api.consulter_structure, one.id_structure_cpp)
        assert sheet.parametres.numero_ej_doit_etre_renseigne is True
        assert sheet.information_generales.structure_privee_publique == "PUBLIQUE"
        services = (await ask(api.rechercher_services, one.id_structure_cpp)).liste_structures
        assert [row.code_service for row in services] == ["DRT"]
        devises = (await ask(api.devises)).liste_devises
        assert "Euro" in {row.libelle_devise.capitalize() for row in devises}
        packed = base64.b64decode((await ask(api.annuaire_destinataire)).fichier_resultat)
        assert packed.startswith(b"PK")
        assert (await ask(api.rechercher_facture, "CPP0011117000000000000001")).code_retour == 0
        with pytest.raises(ChorusApiException, match="20000"):
            await ask(api.information_siret, "99940004700018")
        methods = {name for name in dir(ChorusAPI) if not name.startswith("_")}
        assert methods - {"auth", "get_token", "health_check"} == {
            *("annuaire_destinataire", "consulter_cr", "consulter_cr_detaille"),
            *("consulter_structure", "deposer_flux", "devises", "information_siret"),
            *("rechercher_facture", "rechercher_services", "rechercher_structure"),
        }
        data = base64.b64encode(paper.facturx_pdf(SAMPLE)).decode()
        put = await ask(api.deposer_flux, data, "f.pdf")
        await ask(api.consulter_cr, put.numero_flux_depot)
        await ask(api.consulter_cr_detaille, put.numero_flux_depot)
        assert sent - {"/api/oauth/token"} == set(CALLS["chorus-api 1.0.6"])
