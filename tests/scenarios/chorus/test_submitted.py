"""Invoices that software types field by field, or hands in as a page and then submits."""

import base64
from typing import Any

import aiohttp

from deploy.local import paper
from deploy.local.handle import Stack
from tests.scenarios.chorus.shop import VALIDATOR, shops, software, status
from tests.scenarios.steps import scene
from tests.scenarios.test_seller_is_paid import BUYER, SAMPLE, SELLER

TYPED: dict[str, Any] = {
    "idUtilisateurCourant": 0,
    "modeDepot": "SAISIE_API",
    "numeroFactureSaisi": "S-2026-7",
    "dateFacture": "2026-11-20",
    "destinataire": {"codeDestinataire": BUYER.siret, "codeServiceExecutant": "DRT"},
    "cadreDeFacturation": {"codeCadreFacturation": "A1_FACTURE_FOURNISSEUR"},
    "references": {
        "deviseFacture": "EUR",
        "typeFacture": "FACTURE",
        "typeTva": "TVA_SUR_DEBIT",
        "numeroBonCommande": "CP2020/X123456/1",
        "modePaiement": "VIREMENT",
    },
    "lignePoste": [
        {
            "lignePosteNumero": 1,
            "lignePosteDenomination": "Porte",
            "lignePosteQuantite": 2,
            "lignePosteUnite": "C62",
            "lignePosteMontantUnitaireHT": 155,
            "lignePosteTauxTva": "TVA12",
        }
    ],
    "ligneTva": [
        {
            "ligneTvaTauxManuel": 20,
            "ligneTvaMontantBaseHtParTaux": 310,
            "ligneTvaMontantTvaParTaux": 62,
        }
    ],
    "montantTotal": {
        "montantHtTotal": 310,
        "montantTVA": 62,
        "montantTtcTotal": 372,
        "montantAPayer": 372,
    },
    "champInconnu": None,
}


async def test_an_invoice_is_typed_field_by_field(stack: Stack) -> None:
    async with scene(stack) as play, aiohttp.ClientSession() as session:
        seller, buyer = await shops(play, session)
        put = await seller.call("factures/v1/soumettre", TYPED)
        assert put["numeroFacture"] == "S-2026-7"
        assert len(put["empreinteCertificatDepot"]) == 44
        assert put["identifiantStructure"] == SELLER.siret
        seen = await buyer.call("factures/v1/rechercher/recipiendaire", {})
        assert seen["listeFactures"][0]["montantAPayer"] == 372
        sheet = await seller.call(
            "factures/v1/consulter/fournisseur",
            {"identifiantFactureCPP": put["identifiantFactureCPP"]},
        )
        assert sheet["facture"]["modeDepot"] == "SAISIE_API"
        wrong = TYPED | {"destinataire": {"codeDestinataire": BUYER.siret}}
        wrong |= {"numeroFactureSaisi": "S-2026-8"}
        refused = await seller.call("factures/v1/soumettre", wrong, status=400)
        assert any("FAC-ROUTE" in one for one in refused["constats"])
        frame = {"cadreDeFacturation": {"codeCadreFacturation": "A4_PROJET"}}
        await seller.call("factures/v1/soumettre", TYPED | frame, status=400)


async def test_a_page_is_recognised_then_submitted(stack: Stack) -> None:
    async with scene(stack) as play, aiohttp.ClientSession() as session:
        seller, _ = await shops(play, session)
        page = {
            "fichierFacture": base64.b64encode(paper.pdf(SAMPLE)).decode(),
            "nomFichier": "f.pdf",
            "formatDepot": "PDF_NON_SIGNE",
        }
        read = await seller.call("factures/v1/deposer/pdf", page)
        assert (read["numeroFacture"], read["codeDestinataire"]) == (SAMPLE.number, BUYER.siret)
        assert read["montantAPayer"] == float(SAMPLE.with_vat)
        put = await seller.call(
            "factures/v1/soumettre",
            {
                "modeDepot": "DEPOT_PDF_API",
                "dateFacture": read["dateFacture"],
                "numeroFactureSaisi": read["numeroFacture"],
                "destinataire": {
                    "codeDestinataire": read["codeDestinataire"],
                    "codeServiceExecutant": read["codeServiceExecutant"],
                },
                "references": {"numeroBonCommande": read["numeroBonCommande"]},
                "pieceJointePrincipale": [{"pieceJointePrincipaleId": read["pieceJointeId"]}],
            },
        )
        assert put["numeroFacture"] == SAMPLE.number
        assert await status(seller, put["identifiantFactureCPP"]) in (
            *("DEPOSEE", "EN_COURS_ACHEMINEMENT", "MISE_A_DISPOSITION"),
        )


async def test_a_validator_gives_its_visa(stack: Stack) -> None:
    async with scene(stack) as play, aiohttp.ClientSession() as session:
        seller, _ = await shops(play, session)
        validator = await software(await play.party(VALIDATOR), session)
        frame = {
            "cadreDeFacturation": {
                "codeCadreFacturation": "A9_FACTURE_SOUSTRAITANT",
                "codeStructureValideur": VALIDATOR.siret,
            }
        }
        put = await seller.call("factures/v1/soumettre", TYPED | frame)
        number = put["identifiantFactureCPP"]
        assert put["statutFacture"] == "A_VALIDER_1"
        todo = await validator.call("factures/v1/rechercher/aTraiter/valideur", {"pagination": {}})
        assert [one["idFacture"] for one in todo["listeFactures"]] == [number]
        await validator.call("factures/v1/consulter/valideur", {"identifiantFactureCPP": number})
        visa = {"idFacture": number, "action": "REFUS", "motifRefus": "VALIDEUR_ERR"}
        said = await validator.call("factures/v1/traiter/factureAValider", visa)
        assert said["statutFacture"] == "ERREUR_FOURNISSEUR_SUR_VALIDEUR"
        mended = {"idFacture": number, "identifiantStructure": VALIDATOR.siret}
        await seller.call("factures/v1/corriger/valideur/facture", mended)
        visa = {"idFacture": number, "action": "VALIDATION", "motifRefus": None}
        await validator.call("factures/v1/traiter/factureAValider", visa)
        listed = await validator.call("factures/v1/rechercher/valideur", {})
        assert listed["parametresRetour"]["total"] == 1
