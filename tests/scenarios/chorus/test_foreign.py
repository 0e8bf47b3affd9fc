"""Every operation, asked by a stranger with the numbers of somebody else under every name."""

import base64
from dataclasses import replace
from typing import Any

import aiohttp

from deploy.local import markup
from deploy.local.city import STRICT
from deploy.local.handle import Stack
from deploy.local.samples import Company
from services.chorus.api.operations import OPERATIONS
from tests.scenarios.chorus.shop import Software, software
from tests.scenarios.chorus.test_every_operation import integrated
from tests.scenarios.chorus.words import held
from tests.scenarios.steps import scene
from tests.scenarios.test_seller_is_paid import BUYER, DEPARTMENTS, SAMPLE, SELLER

STRANGER = Company("99960006000018", "Autre entreprise", "1 rue Basse", "31000", "Toulouse")
SECRETS = ("SECRET-77", "CP2020/X777777/7", "MARCHE-SECRET", base64.b64encode(b"secret").decode())
"""What an answer to a stranger never holds."""


def everything(invoice: int, flow: str, file: int, structure: int) -> dict[str, Any]:
    """One body that names all this as every operation names it, and asks for whatever may be."""
    listed = [{"idFacture": invoice}]
    group = {"format": "PIVOT", "avecPiecesJointesComplementaires": "OUI", "listeFacture": listed}
    return {
        **group,
        **dict.fromkeys(("identifiantFactureCPP", "idFacture", "idDemandePaiement"), invoice),
        **dict.fromkeys(("pieceJointeId", "idPieceJointe"), file),
        **dict.fromkeys(("idStructure", "idStructureCPP", "idService", "idValideur"), structure),
        **dict.fromkeys(("idFournisseur", "idDestinataire", "idStructureValideur"), structure),
        "listeDemandePaiement": [{"idDemandePaiement": invoice}],
        "demandePaiement": group,
        "numeroFluxDepot": flow,
        "numeroFacture": "SECRET-77",
        "numeroEngagementJuridique": "CP2020/X777777/7",
        "structureReceptriceEngagementJuridique": str(structure),
        "roleUtilisateur": "FOURNISSEUR",
        "structure": {"identifiantStructure": SELLER.siret},
        "listeFournisseurs": [{"idFournisseur": structure}],
        "pieceJointePrincipale": {"pieceJointePrincipaleId": file},
        "pieceJointeComplementaire": [{"pieceJointeComplementaireId": file}],
        "modeDepot": "DEPOT_PDF_API",
        "fournisseur": {"idFournisseur": structure},
        "destinataire": {"codeDestinataire": BUYER.siret},
        "nouveauStatut": "SERVICE_FAIT",
        "statutCourant": [],
        "action": "VALIDATION",
        "motif": "",
        "commentaire": "x",
        "identifiantStructure": STRANGER.siret,
        "siretStructure": SELLER.siret,
    }


async def test_no_operation_tells_or_changes_what_belongs_to_others(stack: Stack) -> None:
    async with (
        scene(stack) as play,
        scene(stack) as elsewhere,
        aiohttp.ClientSession() as session,
    ):
        shop = await software(await play.party(SELLER), session)
        await play.party(BUYER, public=True, requirements=STRICT, departments=DEPARTMENTS)
        secret = replace(
            SAMPLE, number="SECRET-77", order="CP2020/X777777/7", contract="MARCHE-SECRET"
        )
        row = await integrated(shop, "f.xml", markup.cii(secret), "IN_DP_E1_CII_16B")
        invoice = row["identifiantFactureCPP"]
        file = {"pieceJointeFichier": SECRETS[-1], "pieceJointeNom": "s.txt"}
        kept = await shop.call("transverses/v1/ajouter/fichier", file)
        own = await shop.call("transverses/v1/recuperer/structures/actives/fournisseur")
        structure = own["listeStructures"][0]["idStructureCPP"]
        asked = everything(invoice, row["numeroFluxDepot"], kept["pieceJointeId"], structure)
        before = await shop.call("factures/v1/consulter/historique", {"idFacture": invoice})
        here, there = await play.party(STRANGER), await elsewhere.party(STRANGER)
        stranger, foreigner = await software(here, session), await software(there, session)
        for other in (stranger, foreigner):
            for operation in OPERATIONS:
                said = await told(other, operation.path, asked)
                assert not any(word in said for word in SECRETS), operation.path
        after = await shop.call("factures/v1/consulter/historique", {"idFacture": invoice})
        assert after == before
        mine = {"structure": {"identifiantStructure": SELLER.siret}}
        for path in ("structures/v1/consulter", "structures/v1/rechercher/services"):
            await foreigner.call(path, {"idStructure": structure}, status=400)
        assert not (await foreigner.call("structures/v1/rechercher", mine))["listeStructures"]
        with_all = await told(shop, "factures/v1/consulter/fournisseur", asked)
        assert "SECRET-77" in with_all, "its owner is told"


async def told(shop: Software, path: str, body: dict[str, Any]) -> str:
    """The answer to a request, as it stands on the wire."""
    proofs = {"Authorization": f"Bearer {await shop.token()}", "cpro-account": shop.account}
    async with shop.session.post(f"{shop.origin}/cpro/{path}", json=body, headers=proofs) as answer:
        text = await answer.text()
        assert answer.status in (200, 400, 404, 422), f"{path}: {answer.status} {text}"
        held(path, answer.status, await answer.json())
        return text
