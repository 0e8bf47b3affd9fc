"""Pastell, the exchange of many local authorities: its calls word for word, for a buyer."""

import base64
from typing import Any

import aiohttp

from deploy.local import markup
from deploy.local.handle import Stack
from docs.clients import CALLS
from tests.scenarios.chorus.shop import shops
from tests.scenarios.chorus.test_every_operation import integrated, nothing_new
from tests.scenarios.chorus.wire import Wire
from tests.scenarios.steps import scene
from tests.scenarios.test_seller_is_paid import SAMPLE, SELLER

JSON = {"Content-Type": "application/json"}
JSON_UTF8 = {"Content-Type": "application/json;charset=utf-8"}


async def test_pastell_fetches_and_treats_for_a_buyer(stack: Stack) -> None:
    async with scene(stack) as play, aiohttp.ClientSession() as session:
        seller, buyer = await shops(play, session)
        row = await integrated(seller, "f.xml", markup.cii(SAMPLE), "IN_DP_E1_CII_16B")
        pastell = Wire(buyer, {**JSON, "Accept-Charset": "utf-8"}, {"scope": "openid"})
        await pastell.sign_in()
        await pastell.send("transverses/v1/recuperer/tauxtva", b"{}")
        own = await pastell.send("transverses/v1/recuperer/structures/actives/destinataire", b"{}")
        me = own["listeStructures"][0]["idStructureCPP"]
        named: dict[str, Any] = {"identifiantStructure": SELLER.siret}
        search = {"structure": named, "restreindreStructuresPrivees": ""}
        await pastell.post("structures/v1/rechercher", search)
        await pastell.post("structures/v1/rechercher/services", {"idStructure": me})
        page = {
            "nbResultatsParPage": 1000,
            "pageResultatDemandee": 1,
            "nbResultatsMaximum": 999999,
        }
        when = {
            "periodeDateHeureEtatCourantDu": "2020-01-01",
            "periodeDateHeureEtatCourantAu": "2099-01-07T23:59:59",
        }
        asked = {
            "typeDemandePaiement": "FACTURE",
            "paramRecherche": page,
            "factureTelechargeeParDestinataire": False,
            "idDestinataire": me,
            **when,
        }
        path = "factures/v1/rechercher/recipiendaire"
        found = await pastell.post(path, asked)
        assert found["pageCourante"] == found["pages"] == 1
        (one,) = found["listeFactures"]
        assert one["numeroFacture"] == SAMPLE.number == row["numeroFacture"]
        none = await pastell.post(path, asked | {"typeDemandePaiement": "FACTURE_TRAVAUX"})
        assert none["codeRetour"] == 20000
        by_number: dict[str, Any] = {
            "listeFournisseurs": [{"idFournisseur": me}],
            "numeroFacture": SAMPLE.number,
        }
        assert (await pastell.post(path, by_number))["codeRetour"] == 20000  # not its own seller
        everybody = search | {"restreindreStructuresPrivees": False}
        (sold_by,) = (await pastell.post("structures/v1/rechercher", everybody))["listeStructures"]
        by_number["listeFournisseurs"] = [{"idFournisseur": sold_by["idStructureCPP"]}]
        (same,) = (await pastell.post(path, by_number | {"idDestinataire": me}))["listeFactures"]
        assert same["idFacture"] == one["idFacture"]
        poll = {"idFacture": one["idFacture"], "nbResultatsMaximum": 50}
        told = await pastell.post("factures/v1/consulter/historique", poll)
        assert told["historiquesDesStatuts"]["histoStatut"]
        listed = [{"idFacture": one["idFacture"]}]
        for format in ("PIVOT", "PDF"):
            group = {"format": format, "listeFacture": listed}
            got = await pastell.post("factures/v1/telecharger/groupe", group)
            assert base64.b64decode(got["fichierResultat"])
        await nothing_new(buyer, asked)
        treat = {
            "idFacture": one["idFacture"],
            "nouveauStatut": "SERVICE_FAIT",
            "motif": "",
            "numeroDPMandat": "",
        }
        done = await pastell.post("factures/v1/traiter/recue", treat)
        assert done["nouveauStatut"] == "SERVICE_FAIT"
        works = {
            "roleUtilisateur": "MOA",
            "rechercheFactureTravaux": {"nbResultatsParPage": 1000, "pageResultatDemandee": 1},
            "flagTelecharge": False,
            **when,
        }
        said = await pastell.post("facturesTravaux/v1/rechercher", works)
        assert said["codeRetour"] == 20007
        assert pastell.called == set(CALLS["Pastell"])
