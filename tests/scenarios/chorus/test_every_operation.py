"""Operations as sellers, buyers and validators chain them, every answer held to its words."""

import asyncio
import base64
import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pymupdf
from lxml import etree

from deploy.local import markup, paper
from deploy.local.handle import Stack
from services.chorus.api.catalogues import CATALOGUES
from services.chorus.api.operations import OPERATIONS
from tests.scenarios.chorus.shop import Software, shops, software, status
from tests.scenarios.steps import eventually, scene
from tests.scenarios.test_seller_is_paid import BUYER, DEPARTMENTS, SAMPLE, SELLER


async def integrated(shop: Software, name: str, data: bytes, syntax: str) -> dict[str, Any]:
    """Hand a flow in; the row of its invoice when it is there."""
    sent = {
        "fichierFlux": base64.b64encode(data).decode(),
        "nomFichier": name,
        "syntaxeFlux": syntax,
        "avecSignature": False,
    }
    put = await shop.call("factures/v1/deposer/flux", sent)

    async def found() -> dict[str, Any] | None:
        listed = await shop.call(
            "factures/v1/rechercher/fournisseur",
            {"numeroFluxDepot": put["numeroFluxDepot"], "typeFacture": "FACTURE"},
        )
        row: dict[str, Any] | None = next(iter(listed["listeFactures"]), None)
        return row if row and row["statut"] == "MISE_A_DISPOSITION" else None

    return await eventually(found, "the invoice of the flow")


async def nothing_new(buyer: Software, asked: dict[str, Any]) -> Any:
    """The answer to who looks for what is not downloaded, when everything is."""

    async def none() -> Any:
        new = asked | {"factureTelechargeeParDestinataire": False}
        told = await buyer.call("factures/v1/rechercher/recipiendaire", new)
        return told if told["codeRetour"] == 20000 else None

    return await eventually(none, "the downloads are noted")


async def test_an_invoice_is_found_treated_completed_and_paid(stack: Stack) -> None:
    async with scene(stack) as play, aiohttp.ClientSession() as session:
        seller, buyer = await shops(play, session)
        row = await integrated(seller, "f.xml", markup.ubl(SAMPLE), "IN_DP_E1_UBL_INVOICE")
        number = row["identifiantFactureCPP"]
        assert (row["numeroFacture"], row["codeDestinataire"]) == (SAMPLE.number, BUYER.siret)
        assert row["montantTTC"] == float(SAMPLE.with_vat) and number < 2**31
        sheet = await seller.call(
            "factures/v1/consulter/fournisseur",
            {"identifiantFactureCPP": number, "pLignesPoste": {}, "codeLangue": "fr"},
        )
        assert sheet["facture"]["references"]["numeroBonCommande"] == SAMPLE.order
        lines = sheet["facture"]["lignesDePoste"]
        assert lines["totalLignesPoste"] == len(SAMPLE.items)
        assert lines["lignePoste"][0]["lignePosteMontantUnitaireHT"] == 310

        seen = await buyer.call(
            "factures/v1/rechercher/recipiendaire",
            {"factureTelechargeeParDestinataire": False, "paramRecherche": {"triSense": "Asc "}},
        )
        assert [one["idFacture"] for one in seen["listeFactures"]] == [number]
        group = {"listeFacture": [{"idFacture": number}], "avecPiecesJointesComplementaires": "NON"}
        got = await buyer.call("factures/v1/telecharger/groupe", group | {"format": "PDF"})
        with pymupdf.open(stream=base64.b64decode(got["fichierResultat"])) as page:
            assert SAMPLE.number in page[0].get_text()
        got = await buyer.call("factures/v1/telecharger/groupe", group | {"format": "PIVOT"})
        unit = etree.fromstring(base64.b64decode(got["fichierResultat"]))[-1][0]
        assert unit.findtext("DonneesFacture/Id") == SAMPLE.number
        assert unit.findtext("DonneesFacture/IdCPRO") == str(number)
        assert (await nothing_new(buyer, {}))["libelle"].startswith("TRA_MSG_00.015")
        waiting = await buyer.call("factures/v1/rechercher/atraiter/recipiendaire", {})
        assert waiting["parametresRetour"]["total"] == 1

        treat = {"idFacture": number, "nouveauStatut": "SUSPENDUE", "motif": ""}
        refused = await buyer.call("factures/v1/traiter/recue", treat, status=400)
        assert refused["codeRetour"] and refused["constats"]
        await buyer.call("factures/v1/traiter/recue", treat | {"motif": "Bon absent"})
        todo = await seller.call("factures/v1/rechercher/atraiter/fournisseur", {})
        assert [one["identifiantFactureCPP"] for one in todo["listeFactures"]] == [number]
        file = await seller.call(
            "transverses/v1/ajouter/fichier",
            {
                "pieceJointeFichier": base64.b64encode(paper.pdf(SAMPLE)).decode(),
                "pieceJointeNom": "bon",
                "pieceJointeTypeMime": "application/pdf",
                "pieceJointeExtension": "PDF",
            },
        )
        done = await seller.call(
            "factures/v1/completer",
            {
                "identifiantFactureCPP": number,
                "pieceJointeComplementaire": [
                    {"pieceJointeComplementaireId": file["pieceJointeId"]}
                ],
                "commentaire": "Le bon est joint",
            },
        )
        assert done["numeroFacture"] == SAMPLE.number
        assert await status(seller, number) == "COMPLETEE"
        again = {"identifiantFactureCPP": number, "commentaire": "encore"}
        refused = await seller.call("factures/v1/completer", again, status=400)
        assert (refused["codeRetour"], refused["libelle"][:14]) == (20002, "GDP_MSG_11.033")
        sheet = await buyer.call(
            "factures/v1/consulter/recipiendaire", {"identifiantFactureCPP": number}
        )
        (piece,) = sheet["facture"]["listeDesPiecesJointes"]["pieceJointe"]
        assert piece["pieceJointeExtension"] == "PDF"
        fetched = await buyer.call(
            "transverses/v1/telecharger/pieceJointe",
            {
                "objetPieceJointe": "DEMANDE_PAIEMENT",
                "demandePaiement": {"idPieceJointe": piece["pieceJointeId"]},
            },
        )
        assert base64.b64decode(fetched["pieceJointe"]).startswith(b"%PDF")
        zipped = await buyer.call(
            "factures/v1/telecharger/groupe",
            group | {"format": "PDF", "avecPiecesJointesComplementaires": "OUI"},
        )
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(zipped["fichierResultat"]))) as archive:
            assert len(archive.namelist()) == 2

        pay = {"idFacture": number, "nouveauStatut": "MANDATEE", "motif": "", "numeroDPMandat": "7"}
        paid = await buyer.call("factures/v1/traiter/recue", pay)
        assert paid["nouveauStatut"] == "MANDATEE"
        told = await seller.call("factures/v1/consulter/historique", {"idFacture": number})
        codes = [one["histoStatutCode"] for one in told["historiquesDesStatuts"]["histoStatut"]]
        assert codes[:4] == ["MANDATEE", "COMPLETEE", "SUSPENDUE", "MISE_A_DISPOSITION"]
        requests = await buyer.call(
            "factures/v1/rechercher/demandePaiement",
            {"roleUtilisateur": "DESTINATAIRE", "statutCourant": ["MANDATEE"]},
        )
        assert requests["total"] == 1
        orders = await seller.call(
            "engagementsJuridiques/v1/rechercher", {"numeroEngagementJuridique": SAMPLE.order}
        )
        assert len(orders["listeEngagementJuridique"]) == 1


async def test_many_who_look_at_once_see_the_same_numbers(stack: Stack) -> None:
    async with scene(stack) as play, aiohttp.ClientSession() as session:
        party = await play.party(SELLER)
        await play.party(BUYER, public=True, departments=DEPARTMENTS)
        shop = await software(party, session)
        for number in range(12):
            sample = replace(SAMPLE, number=f"N-{number}")
            await play.deposit(party, f"{number}.xml", markup.ubl(sample))
        page = {"rechercheFactureParFournisseur": {"nbResultatsParPage": 50}}
        told = await asyncio.gather(
            *(shop.call("factures/v1/rechercher/fournisseur", page) for _ in range(8))
        )
        seen = [
            {row["numeroFacture"]: row["identifiantFactureCPP"] for row in one["listeFactures"]}
            for one in told
        ]
        assert all(one == seen[0] for one in seen)
        assert len(set(seen[0].values())) == 12


async def test_a_wrong_address_is_recycled_and_a_rejection_is_dealt_with(stack: Stack) -> None:
    async with scene(stack) as play, aiohttp.ClientSession() as session:
        seller, buyer = await shops(play, session)
        row = await integrated(seller, "f.xml", markup.cii(SAMPLE), "IN_DP_E1_CII_16B")
        number = row["identifiantFactureCPP"]
        treat = {"idFacture": number, "nouveauStatut": "A_RECYCLER", "motif": None}
        await buyer.call("factures/v1/traiter/recue", treat)
        mended = {
            "identifiantFactureCPP": number,
            "destinataire": {"codeServiceExecutant": "DRT"},
            "reference": {"numeroBonCommande": "CP2020/X123456/2"},
        }
        back = await seller.call("factures/v1/recycler", mended)
        assert back["statutFacture"] == "MISE_A_DISPOSITION"
        refused = await seller.call("factures/v1/recycler", mended, status=400)
        assert refused["libelle"].startswith("GDP_MSG_11.001")
        reject = {"idFacture": number, "nouveauStatut": "REJETEE", "motif": "Doublon"}
        await buyer.call("factures/v1/traiter/recue", reject)
        deal = {"listeDemandePaiement": [{"idDemandePaiement": number}]}
        await seller.call("factures/v1/traiterRejet", deal)
        told = await seller.call("factures/v1/consulter/historique", {"idFacture": number})
        assert told["derniereAction"]["derniereActionCode"] == "TRAITEMENT_REJET"


def test_every_operation_is_called_by_a_test() -> None:
    written = "".join(path.read_text() for path in Path(__file__).parent.glob("*.py"))
    for row in (row for row in OPERATIONS if row not in CATALOGUES):
        head, _, tail = row.path.rpartition("/")
        assert row.path in written or f'"{tail}"' in written and head in written, row.path
