"""What is asked about structures and lists of codes."""

import aiohttp

from deploy.local.handle import Stack
from services.chorus.api.catalogues import CATALOGUES
from tests.scenarios.chorus.shop import VALIDATOR, shops
from tests.scenarios.steps import scene
from tests.scenarios.test_seller_is_paid import BUYER, DEPARTMENTS, SELLER


async def test_the_directory_is_read_as_before(stack: Stack) -> None:
    async with scene(stack) as play, aiohttp.ClientSession() as session:
        seller, _ = await shops(play, session)
        found = await seller.call(
            "structures/v1/rechercher", {"structure": {"identifiantStructure": BUYER.siret}}
        )
        (one,) = found["listeStructures"]
        number = one["idStructureCPP"]
        nothing = {"structure": {"identifiantStructure": "x", "typeIdentifiantStructure": "SIRET"}}
        assert not (await seller.call("structures/v1/rechercher", nothing))["listeStructures"]
        private = {"structure": {"identifiantStructure": VALIDATOR.siret}}
        await play.party(VALIDATOR)
        assert not (await seller.call("structures/v1/rechercher", private))["listeStructures"]
        everybody = {**private, "restreindreStructuresPrivees": False}
        assert (await seller.call("structures/v1/rechercher", everybody))["listeStructures"]
        sheet = await seller.call("structures/v1/consulter", {"idStructureCPP": number})
        assert sheet["parametres"]["codeServiceDoitEtreRenseigne"] is True
        pages = {"nbResultatsParPage": 10_000}
        listed = await seller.call(
            "structures/v1/rechercher/services",
            {"idStructure": number, "parametresRechercherServicesStructure": pages},
        )
        assert listed["parametresRetour"]["total"] == len(DEPARTMENTS)
        service = {"idStructure": number, "idService": listed["listeServices"][0]["idService"]}
        told = await seller.call("structures/v1/consulter/service", service)
        assert told["parametres"]["numeroEngagement"] is True
        mine = await seller.call("utilisateurs/v1/monCompte/recuperer/rattachements", {})
        (own,) = mine["listeStructureRattachement"]
        assert own["identifiantStructure"] == SELLER.siret
        await seller.call(
            "structures/v1/lister/rattachementsutilisateur", {"idStructure": own["idStructure"]}
        )
        for part in ("fournisseur", "destinataire", "facturetravaux"):
            await seller.call(f"transverses/v1/recuperer/structures/actives/{part}", {})
        buyers = await seller.call("transverses/v1/rechercher/destinataire", {"identifiant": ""})
        assert buyers["listeDestinataires"][0]["siret"] == BUYER.siret
        await seller.call("transverses/v1/telecharger/annuaire/destinataire", {})
        asked = {"siretStructure": BUYER.siret}
        path = "transverses/v1/consulter/information/siret"
        await seller.call(path, asked, status=400)  # no official register is loaded


async def test_every_list_of_codes_is_served(stack: Stack) -> None:
    async with scene(stack) as play, aiohttp.ClientSession() as session:
        seller, _ = await shops(play, session)
        for row in CATALOGUES:
            told = await seller.call(row.path, {"statutCourant": "SUSPENDUE", "codeLangue": "fr"})
            (listed,) = (value for name, value in told.items() if name.startswith("liste"))
            assert listed or "coordbanc" in row.path, row.path
        await seller.call("factures/v1/recuperer/statutsFactureVisibles/valideur", {})
        none = await seller.call("facturesTravaux/v1/rechercher", {"roleUtilisateur": "MOE"})
        assert (none["codeRetour"], none["libelle"][:14]) == (20007, "GFT_MSG_01.075")
