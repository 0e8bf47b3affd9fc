"""Clients by other authors: what each sends, word for word, and what it reads of the answer.

Those that are published where a test can install them were run unchanged; see `docs/clients.py`.
"""

import base64
import json
from datetime import datetime
from typing import Any

import aiohttp

from deploy.local import markup, paper
from deploy.local.handle import Stack
from docs.clients import CALLS
from tests.scenarios.chorus.shop import shops
from tests.scenarios.chorus.test_every_operation import integrated
from tests.scenarios.chorus.test_submitted import TYPED
from tests.scenarios.chorus.wire import Wire
from tests.scenarios.steps import eventually, scene
from tests.scenarios.test_seller_is_paid import BUYER, SAMPLE, SELLER

JSON = {"Content-Type": "application/json"}
JSON_UTF8 = {"Content-Type": "application/json;charset=utf-8"}
SUCCEEDED = {"IN_INTEGRE", "IN_RECU", "IN_TRAITE_SE_CPP"}
FAILED = {"IN_INCIDENTE", "QP_IRRECEVABLE", "QP_RECEVABLE_AVEC_ERREUR", "IN_REJETE"}
"""How Tryton reads a flow."""


def flow(name: str, data: bytes, syntax: str) -> dict[str, Any]:
    """The body of a deposit."""
    return {
        "fichierFlux": base64.b64encode(data).decode("ascii"),
        "nomFichier": name,
        "syntaxeFlux": syntax,
        "avecSignature": False,
    }


async def test_odoo_addresses_hands_in_and_polls(stack: Stack) -> None:
    async with scene(stack) as play, aiohttp.ClientSession() as session:
        seller, _ = await shops(play, session)
        odoo = Wire(seller, JSON_UTF8, {"scope": "openid"})
        await odoo.sign_in()
        test = {"structure": {"nomStructure": "This is just a test"}}
        assert (await odoo.post("structures/v1/rechercher", test))["codeRetour"] == 0

        async def number(siret: str) -> int:
            named = {"identifiantStructure": siret, "typeIdentifiantStructure": "SIRET"}
            told = await odoo.post("structures/v1/rechercher", {"structure": named})
            (one,) = told["listeStructures"]
            return int(one["idStructureCPP"])

        buyer, own = await number(BUYER.siret), await number(SELLER.siret)
        sheet = await odoo.post("structures/v1/consulter", {"idStructureCPP": buyer})
        assert sheet["parametres"]["gestionNumeroEJOuCodeService"] is False
        assert sheet["parametres"]["codeServiceDoitEtreRenseigne"] is True
        all_of_them = {"parametresRechercherServicesStructure": {"nbResultatsParPage": 10000}}
        listed = await odoo.post(
            "structures/v1/rechercher/services", {"idStructure": buyer, **all_of_them}
        )
        assert listed["parametresRetour"]["pages"] <= 1
        (service,) = listed["listeServices"]
        assert service["estActif"] is True
        datetime.strptime(service["dateFinService"], "%Y-%m-%d %H:%M")
        one = {"idStructure": buyer, "idService": service["idService"]}
        told = await odoo.post("structures/v1/consulter/service", one)
        assert told["parametres"]["numeroEngagement"] is True
        lot = flow("facturx_chorus.pdf", paper.facturx_pdf(SAMPLE), "IN_DP_E2_CII_FACTURX")
        put = await odoo.post("factures/v1/deposer/flux", lot)
        asked = {"numeroFluxDepot": put["numeroFluxDepot"]}

        async def verdict() -> Any:
            said = await odoo.post("transverses/v1/consulterCRDetaille", asked)
            assert said["libelle"] == "TRA_MSG_00.000"
            return said if said["etatCourantDepotFlux"] == "IN_INTEGRE" else None

        report = await eventually(verdict, "the flow")
        assert (report["listeErreurDP"], report["listeErreurTechnique"]) == ([], [])
        page = {"rechercheFactureParFournisseur": {"nbResultatsParPage": 3}}
        found = await odoo.post("factures/v1/rechercher/fournisseur", asked | page)
        (row,) = found["listeFactures"]
        assert row["numeroFacture"] == SAMPLE.number and row["statut"]
        poll = {"idFacture": row["identifiantFactureCPP"]}
        said = await odoo.post("factures/v1/consulter/historique", poll)
        assert said["idFacture"] == row["identifiantFactureCPP"] and said["statutCourantCode"]
        order = {
            "structureReceptriceEngagementJuridique": str(own),
            "numeroEngagementJuridique": SAMPLE.order,
            "etatCourantEngagementJuridique": "COMMANDE",
        }
        path = "engagementsJuridiques/v1/rechercher"
        assert (await odoo.post(path, order))["listeEngagementJuridique"]
        order["numeroEngagementJuridique"] = "INCONNU"
        assert not (await odoo.post(path, order))["listeEngagementJuridique"]
        assert odoo.called == set(CALLS["Odoo, OCA l10n_fr_chorus_account"])


async def test_tryton_never_reads_success_before_the_verdict(stack: Stack) -> None:
    async with scene(stack) as play, aiohttp.ClientSession() as session:
        seller, _ = await shops(play, session)
        tryton = Wire(seller, JSON, basic=True)
        await tryton.sign_in()
        sent = flow("UNCEFACT-1.xml", markup.cii(SAMPLE), "IN_DP_E1_CII_16B")
        put = await tryton.post("factures/v1/deposer/flux", sent)
        assert not put["codeRetour"]
        datetime.strptime(put["dateDepot"], "%Y-%m-%d")

        async def done() -> bool | None:
            asked = {"numeroFluxDepot": put["numeroFluxDepot"]}
            said = await tryton.post("transverses/v1/consulterCR", asked)
            assert not said["codeRetour"] and said["etatCourantFlux"] not in FAILED
            if said["etatCourantFlux"] not in SUCCEEDED:
                return None
            assert said["etatCourantFlux"] == "IN_INTEGRE"
            return True

        assert await eventually(done, "the verdict")
        assert tryton.called == set(CALLS["Tryton account_fr_chorus"])


GO_ZEROS: dict[str, Any] = {
    "cadreFacturation": {},
    **dict.fromkeys(("idDestinataire", "idFournisseur", "idServiceExecutant"), 0),
    **dict.fromkeys(("idServiceFournisseur", "idStructureMoa", "idStructureMoe"), 0),
    **dict.fromkeys(("idStructureValideur", "idUtilisateurCourant", "coordonneeBancaire"), 0),
    **dict.fromkeys(("montantAPayerMax", "montantAPayerMin", "montantHTMax", "montantHTMin"), 0),
    **dict.fromkeys(("montantApayerMax", "montantApayerMin", "montantTTCMax", "montantTTCMin"), 0),
    **dict.fromkeys(("listeTypeFacture", "listeTypeFactureTravaux", "statutCourant"), None),
    **dict.fromkeys(("listeDestinataire", "idUtilisateurCreateur", "pagination"), None),
    **dict.fromkeys(("periodeDateFactureAu", "periodeDateFactureDu"), None),
    **dict.fromkeys(("periodeDateDepotAu", "periodeDateDepotDu", "modeDepot"), ""),
    **dict.fromkeys(("numeroFacture", "numeroMarche", "numeroEngagement", "typeFacture"), ""),
    **dict.fromkeys(("rechercheSirenDestinataire", "rejetTraite", "recupererTaille"), False),
    "rechercheFactureParFournisseur": {"nbResultatsParPage": 50, "triSense": "Ascendant "},
}
"""Go writes what nobody set: zeros, nulls, empty texts and objects."""


async def test_go_decodes_every_time_in_the_form_that_it_knows(stack: Stack) -> None:
    async with scene(stack) as play, aiohttp.ClientSession() as session:
        seller, buyer = await shops(play, session)
        row = await integrated(seller, "f.xml", markup.cii(SAMPLE), "IN_DP_E1_CII_16B")
        go = Wire(seller, JSON_UTF8)
        await go.sign_in()
        found = await go.post("factures/v1/rechercher/fournisseur", GO_ZEROS)
        (one,) = found["listeFactures"]
        assert datetime.fromisoformat(one["dateHeureEtatCourant"]).tzinfo
        datetime.strptime(one["dateDepot"], "%Y-%m-%d")
        await go.post("factures/v1/rechercher/valideur", GO_ZEROS)
        own = await go.post("transverses/v1/recuperer/structures/actives/fournisseur", {})
        me = own["listeStructures"][0]["idStructureCPP"]
        sheet = await go.post("structures/v1/consulter", {"codeLangue": "FR", "idStructure": me})
        until = sheet["informationGenerales"]["dateExpirationMotPasseCompteTech"]
        assert datetime.fromisoformat(until).tzinfo
        kinds = await go.post("transverses/v1/recuperer/typeidentifiant/structure", {})
        assert {"typeIdentifiantStructure": "SIRET"} in kinds["listeTypeIdentifiant"]
        attached = {
            "adresseEmailConnexionUtilisateur": "",
            **dict.fromkeys(("idStructure", "idUtilisateur"), 0),
            **dict.fromkeys(("identifiantStructure", "typeIdentifiantStructure"), ""),
            "parametresListerRattachementsStructureUtilisateur": None,
        }
        path = "structures/v1/lister/rattachementsutilisateur"
        assert (await go.post(path, attached))["premierService"] is True
        whole = {
            "objetPieceJointe": "DEMANDE_PAIEMENT",
            "demandePaiement": {
                "avecPiecesJointesComplementaires": "NON",
                "format": "PDF",
                "listeFacture": [{"idFacture": row["identifiantFactureCPP"]}],
            },
            **dict.fromkeys(("engagementJuridique", "sollicitation", "structure"), None),
        }
        got = await go.post("transverses/v1/telecharger/pieceJointe", whole)
        assert base64.b64decode(got["pieceJointe"]).startswith(b"%PDF")
        file = {
            "pieceJointeExtension": "PDF",
            "pieceJointeFichier": base64.b64encode(b"plan").decode(),
            "pieceJointeNom": "plan.pdf",
            "pieceJointeTypeMime": "application/pdf",
        }
        kept = await go.post("transverses/v1/ajouter/fichier", file)
        mine = {"pieceJointeTypeId": 2, "parametresRecherche": {"nbResultatsParPage": 5}}
        found = await go.post("transverses/v1/rechercher/pj/moncompte", mine)
        (piece,) = found["listePiecesJointes"]
        assert piece["pieceJointeId"] == kept["pieceJointeId"]
        assert found["parametresRetour"]["total"] == 1
        sheets = await go.post("transverses/v1/rechercher/pj/structure", {"idStructureCPP": me})
        assert sheets["listePiecesJointes"] == []
        at_buyer = Wire(buyer, JSON_UTF8)
        await at_buyer.sign_in()
        role = {"roleUtilisateur": "DESTINATAIRE", "statutCourant": "MISE_A_DISPOSITION"}
        listed = await at_buyer.post("factures/v1/rechercher/demandePaiement", role)
        assert datetime.fromisoformat(listed["listeDemandePaiement"][0]["dateHeureEtatCourant"])
        assert go.called | at_buyer.called == set(CALLS["go-choruspro"])


async def test_php_and_python_libraries_type_an_invoice(stack: Stack) -> None:
    async with scene(stack) as play, aiohttp.ClientSession() as session:
        seller, _ = await shops(play, session)
        php = Wire(seller, JSON, {"scope": "openid"})
        await php.sign_in()
        named = {"identifiantStructure": SELLER.siret, "typeIdentifiantStructure": "SIRET"}
        search = {"structure": named, "restreindreStructuresPrivees": False}
        told = await php.post("structures/v1/rechercher", search)
        assert told["parametresRetour"]["total"] == 1
        me = told["listeStructures"][0]["idStructureCPP"]
        assert type(me) is int
        rates = [
            {
                "ligneTvaMontantBaseHtParTaux": 310.00000000000006,
                "ligneTvaTauxManuel": 20.0,
                "ligneTvaMontantTvaParTaux": 62.00000000000001,
            }
        ]
        totals = {**TYPED["montantTotal"], "montantTtcTotal": 372.00000000000006}
        typed = TYPED | {"fournisseur": {"idFournisseur": me}, "ligneTva": rates}
        typed |= {"montantTotal": totals, "dateFacture": "2026-11-19T23:00:00.000Z"}
        put = await php.post("factures/v1/soumettre", typed)
        assert put["codeRetour"] == 0
        number = str(put["identifiantFactureCPP"])  # both libraries keep it as a text
        said = await php.post("factures/v1/consulter/historique", {"idFacture": number})
        assert said["idFacture"] == put["identifiantFactureCPP"]
        whole = {"identifiantFactureCPP": number}
        sheet = await php.post("factures/v1/consulter/fournisseur", whole)
        assert sheet["facture"]["references"]["dateFacture"] == "2026-11-20"
        file = {
            "pieceJointeFichier": base64.b64encode(json.dumps(TYPED).encode()).decode(),
            "pieceJointeNom": "annexe",
            "pieceJointeTypeMime": "text/plain",
            "pieceJointeExtension": "TXT",
        }
        assert (await php.post("transverses/v1/ajouter/fichier", file))["pieceJointeId"]
        assert php.called == set(CALLS["PHP and Python libraries"])
