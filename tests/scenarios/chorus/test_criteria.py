"""Every criterion of a search counts: the right value finds the invoice, a wrong one does not."""

from typing import Any

import aiohttp

from deploy.local import markup
from deploy.local.handle import Stack
from tests.scenarios.chorus.shop import Software, shops
from tests.scenarios.chorus.test_every_operation import integrated
from tests.scenarios.steps import scene
from tests.scenarios.test_seller_is_paid import BUYER, SAMPLE, SELLER

PAID = float(SAMPLE.with_vat)
BEFORE, AFTER = "2020-01-01", "2099-12-31T22:59:59.000Z"
SHARED: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
    ({"numeroFacture": SAMPLE.number}, {"numeroFacture": "AUTRE"}),
    ({"statutCourant": "MISE_A_DISPOSITION"}, {"statutCourant": ["MANDATEE"]}),
    ({"statutCourant": [""]}, {"statutCourant": "INCONNU"}),
    ({"cadreFacturation": "A1_FACTURE_FOURNISSEUR"}, {"cadreFacturation": "A9"}),
    ({"numeroMarche": SAMPLE.contract}, {"numeroMarche": "AUTRE"}),
    ({"numeroBonCommande": SAMPLE.order}, {"numeroBonCommande": "AUTRE"}),
    ({"montantTTCMin": PAID, "montantTTCMax": str(PAID)}, {"montantTTCMax": PAID - 1}),
    ({"montantHTMin": "1"}, {"montantHTMin": PAID}),
    ({"periodeDateDepotDu": BEFORE, "periodeDateDepotAu": AFTER}, {"periodeDateDepotAu": BEFORE}),
    ({"periodeDateHeureEtatCourantDu": "01/01/2020"}, {"periodeDateHeureEtatCourantAu": BEFORE}),
)
"""What all three ask under the same names: what finds it, and what does not."""
INVOICED = ({"periodeDateFactureDu": BEFORE}, {"periodeDateFactureAu": BEFORE})


async def total(shop: Software, search: str, asked: dict[str, Any]) -> int:
    """How many invoices a search finds."""
    said = await shop.call(f"factures/v1/rechercher/{search}", asked)
    return int((said.get("parametresRetour") or said).get("total") or 0)


async def test_every_criterion_of_a_search_counts(stack: Stack) -> None:
    async with scene(stack) as play, aiohttp.ClientSession() as session:
        seller, buyer = await shops(play, session)
        row = await integrated(seller, "f.xml", markup.cii(SAMPLE), "IN_DP_E1_CII_16B")
        to, service = row["idDestinataire"], row["idServiceExecutant"]
        view = {"identifiantFactureCPP": row["identifiantFactureCPP"]}
        sheet = await buyer.call("factures/v1/consulter/recipiendaire", view)
        by = sheet["facture"]["fournisseur"]["idFournisseur"]
        wrong = {"idDestinataire": by}
        own: dict[str, tuple[Software, tuple[tuple[dict[str, Any], dict[str, Any]], ...]]] = {
            "fournisseur": (
                seller,
                (
                    INVOICED,
                    ({"idFournisseur": by}, {"idFournisseur": to}),
                    ({"listeDestinataire": [{"idDestinataire": to}, wrong]}, {"rejetTraite": True}),
                    (
                        {"listeDestinataire": [{"listeIdServiceExecutant": [service]}]},
                        {"listeDestinataire": [wrong]},
                    ),
                    ({"typeFacture": "FACTURE"}, {"typeFacture": "AVOIR"}),
                    ({"montantApayerMin": PAID}, {"montantApayerMin": PAID + 1}),
                    ({"numeroFactureOrigine": ""}, {"numeroFactureOrigine": "AUTRE"}),
                ),
            ),
            "recipiendaire": (
                buyer,
                (
                    INVOICED,
                    ({"idDestinataire": to, "idServiceExecutant": service}, wrong),
                    ({"listeFournisseurs": [{"idFournisseur": by}]}, {"idStructureValideur": to}),
                    (
                        {"typeDemandePaiement": "FACTURE"},
                        {"typeDemandePaiement": "MEMOIRE_JUSTICE"},
                    ),
                    ({"listeTypeFacture": ["FACTURE", ""]}, {"listeTypeFacture": ["AVOIR"]}),
                    (
                        {"factureTelechargeeParDestinataire": "NON"},
                        {"factureTelechargeeParDestinataire": True},
                    ),
                ),
            ),
            "demandePaiement": (
                seller,
                (
                    (
                        {
                            "structureDestinataire": {
                                "identifiantStructureDestinataire": BUYER.siret
                            }
                        },
                        {"structureDestinataire": {"idStructureDestinataire": by}},
                    ),
                    (
                        {
                            "structureFournisseur": {"idStructureFournisseur": by},
                            "rechercheSirenFournisseur": True,
                        },
                        {"structureMoe": {"identifiantStructureMoe": SELLER.siret}},
                    ),
                    ({"idServiceDestinataire": service}, {"dpOuDpArchive": "DP_ARCHIVE"}),
                    ({"periodeDateFournisseurDu": BEFORE}, {"periodeDateFournisseurAu": BEFORE}),
                ),
            ),
        }
        for search, (shop, criteria) in own.items():
            for right, not_it in (*SHARED, *criteria):
                assert await total(shop, search, right) == 1, (search, right)
                assert await total(shop, search, not_it) == 0, (search, not_it)
