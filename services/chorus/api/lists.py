"""The six searches of invoices and the one of payment requests, each in its own words."""

from typing import Any, Literal

from services.chorus.api import flows
from services.chorus.api.criteria import (
    Wanted,
    bought,
    changed,
    common,
    due,
    issued,
    managed,
    owned,
    sold,
    validated,
)
from services.chorus.api.edge import Desk
from services.chorus.api.searches import Found, of_deposits, search
from services.chorus.domain import codes, rows
from services.chorus.domain.refusals import NO_RESULT, NO_WORKS, Refused
from services.chorus.domain.words import asking, finding, works
from services.chorus.domain.words.kinds import Pagination
from shared.errors import NotFound

ARCHIVED = "DP_ARCHIVE"
"""What has left the living base; nothing leaves it here."""
Side = Literal["seller", "buyer", "validator", "project_manager", "project_owner"]
ROLES: dict[str, Side] = {
    "FOURNISSEUR": "seller",
    "DESTINATAIRE": "buyer",
    "VALIDEUR": "validator",
    "VALIDATEUR": "validator",
    "MOE": "project_manager",
    "MOA": "project_owner",
}


async def by_seller(
    desk: Desk, asked: asking.RechercherFactureParFournisseurParam
) -> finding.WsRetourRechercherFactureParFournisseur:
    """The invoices of a seller; with `numeroFluxDepot` those of a flow."""
    wanted = common("seller", asked)
    issued(wanted, asked.periodeDateFactureDu, asked.periodeDateFactureAu)
    changed(wanted, asked)
    due(wanted, asked.montantApayerMin, asked.montantApayerMax)
    wanted.ask("order_reference", asked.numeroBonCommande)
    wanted.one_of("typeFacture", [asked.typeFacture])
    wanted.one_of("numeroFactureOrigine", [asked.numeroFactureOrigine])
    if asked.rejetTraite:
        wanted.tests.append(rows.dealt_with)
    await wanted.structure(desk, [asked.idFournisseur], sold)
    await wanted.structure(desk, [asked.idStructureValideur], validated)
    buyers, siren = asked.listeDestinataire or (), asked.rechercheSirenDestinataire
    await wanted.structure(desk, [one.idDestinataire for one in buyers], bought, siren=siren)
    await wanted.department(
        desk, [id for one in buyers for id in one.listeIdServiceExecutant or ()]
    )
    page = asked.rechercheFactureParFournisseur
    if asked.numeroFluxDepot:
        found = await of_flow(desk, asked.numeroFluxDepot, wanted, page)
    else:
        found = await search(desk, wanted, page)
    return finding.WsRetourRechercherFactureParFournisseur(
        listeFactures=listed(finding.RetourRechercherFactureParFournisseur, found),
        parametresRetour=found.page,
    )


async def of_flow(desk: Desk, number: str, wanted: Wanted, page: Pagination | None) -> Found:
    """The invoices of a flow; nothing for a flow that is not there."""
    try:
        deposit = await flows.deposit_of(desk, await flows.flow_of(desk, number))
    except (Refused, NotFound):
        return await of_deposits(desk, (), wanted, page)
    deposits = dict.fromkeys(item.deposit_id or deposit.id for item in deposit.items)
    found = await of_deposits(desk, tuple(deposits), wanted, page)
    return Found([row | {"numeroFluxDepot": number} for row in found.rows], found.page)


async def by_buyer(
    desk: Desk, asked: asking.RechercherFactureRecipiendaireParam
) -> finding.WsRetourRechercheFactureRecipiendaireRest:
    """The invoices that a buyer received; its counters stand beside the list."""
    wanted = common("buyer", asked)
    issued(wanted, asked.periodeDateFactureDu, asked.periodeDateFactureAu)
    changed(wanted, asked)
    due(wanted, asked.montantApayerMin, asked.montantApayerMax)
    wanted.ask("order_reference", asked.numeroBonCommande)
    wanted.one_of("typeFacture", asked.listeTypeFacture)
    wanted.one_of("typeFactureTravaux", asked.listeTypeFactureTravaux)
    wanted.works(asked.typeDemandePaiement)
    await wanted.structure(desk, [asked.idDestinataire], bought)
    await wanted.structure(desk, [asked.idStructureValideur], validated)
    await wanted.department(desk, [asked.idServiceExecutant])
    sellers, siren = asked.listeFournisseurs or (), asked.rechercheSirenFournisseur
    await wanted.structure(desk, [one.idFournisseur for one in sellers], sold, siren=siren)
    wanted.downloaded(asked.factureTelechargeeParDestinataire)
    found = await search(desk, wanted, asked.paramRecherche)
    if not found.page.total:
        raise Refused(NO_RESULT)
    page = found.page
    return finding.WsRetourRechercheFactureRecipiendaireRest(
        listeFactures=listed(finding.FactureRechercheRecipiendaire, found),
        pageCourante=page.pageCourante,
        pages=page.pages,
        nbResultatsParPage=page.nbResultatsParPage,
        total=page.total,
    )


async def by_validator(
    desk: Desk, asked: asking.RechercherFactureParValideurParam
) -> finding.WsRetourRechercherFactureParValideur:
    """The invoices that a validator gives its visa to."""
    wanted = common("validator", asked)
    issued(wanted, asked.periodeDateFactureDu, asked.periodeDateFactureAu)
    due(wanted, asked.montantAPayerMin, asked.montantAPayerMax)
    wanted.ask("order_reference", asked.numeroEngagement)
    wanted.one_of("typeFacture", asked.listeTypeFacture)
    wanted.one_of("typeFactureTravaux", asked.listeTypeFactureTravaux)
    wanted.works(asked.typeDemandePaiement)
    for number, keys, siren in (
        (asked.idDestinataire, bought, asked.rechercheSirenDestinataire),
        (asked.idFournisseur, sold, asked.rechercheSirenFournisseur),
        (asked.idStructureValideur, validated, False),
        (asked.idStructureMoe, managed, False),
        (asked.idStructureMoa, owned, False),
    ):
        await wanted.structure(desk, [number], keys, siren=siren)
    await wanted.department(desk, [asked.idServiceExecutant])
    found = await search(desk, wanted, asked.pagination)
    return finding.WsRetourRechercherFactureParValideur(
        listeFactures=listed(finding.FactureRechercheValideur, found),
        parametresRetour=found.page,
    )


async def to_treat_by_seller(
    desk: Desk, asked: asking.RechercherFactureATraiterParFournisseurParam
) -> finding.WsRetourRechercherFactureATraiterParFournisseur:
    """What waits for its seller."""
    wanted = Wanted({"as": "seller"})
    named = ["SUSPENDUE", "A_RECYCLER", "ERREUR_FOURNISSEUR_SUR_VALIDEUR"]
    wanted.statuses(named if asked.masquerRejetee else [*named, "REJETEE"])
    await wanted.structure(desk, [asked.idStructure], sold)
    found = await search(desk, wanted, asked.rechercheFactureATraiterParFournisseur)
    return finding.WsRetourRechercherFactureATraiterParFournisseur(
        listeFactures=listed(finding.FactureRechercherATraiterFournisseur, found),
        parametresRetour=found.page,
    )


async def to_treat_by_buyer(
    desk: Desk, asked: asking.RechercherFactureATraiterParRecipiendaireParam
) -> finding.WsRetourRechercheFactureRecipiendaire:
    """What waits for its buyer."""
    wanted = Wanted({"as": "buyer"})
    wanted.statuses(["MISE_A_DISPOSITION", "COMPLETEE"])
    await wanted.structure(desk, [asked.idStructure], bought)
    found = await search(desk, wanted, asked.parametreRechercheFactureATraiterParRecipiendaire)
    return finding.WsRetourRechercheFactureRecipiendaire(
        listeFactures=listed(finding.FactureRechercheRecipiendaire, found),
        parametresRetour=found.page,
    )


async def to_treat_by_validator(
    desk: Desk, asked: asking.RechercherFactureATraiterParValideurParam
) -> finding.WsRetourRechercherFactureATraiterParValideur:
    """What waits for the visa of a validator."""
    wanted = Wanted({"as": "validator"})
    wanted.statuses([status.chorus for status in codes.TO_VALIDATE])
    await wanted.structure(desk, [asked.idStructure], validated)
    wanted.identified(asked.identifiantStructure, asked.typeIdentifiantStructure, validated)
    found = await search(desk, wanted, asked.pagination)
    return finding.WsRetourRechercherFactureATraiterParValideur(
        listeFactures=listed(finding.FactureRechercheValideur, found),
        parametresRetour=found.page,
    )


async def requests(
    desk: Desk, asked: asking.RechercherDemandePaiementParam
) -> finding.WsRetourRechercherDemandePaiement:
    """Payment requests in a role."""
    wanted = common(ROLES.get(asked.roleUtilisateur or "FOURNISSEUR", "seller"), asked)
    issued(wanted, asked.periodeDateFournisseurDu, asked.periodeDateFournisseurAu)
    changed(wanted, asked)
    due(wanted, asked.montantAPayerMin, asked.montantAPayerMax)
    wanted.ask("order_reference", asked.numeroBonCommande)
    for name in ("typeFacture", "typeFactureTravaux", "numeroFactureOrigine"):
        wanted.one_of(name, [getattr(asked, name)])
    wanted.one_of("numeroDossierFacturation", [asked.numeroDossierFacturation])
    wanted.works(asked.typeDemandePaiement)
    if asked.dpOuDpArchive == ARCHIVED:
        wanted.nothing()
    for party, keys, siren in (
        (asked.structureFournisseur, sold, asked.rechercheSirenFournisseur),
        (asked.structureDestinataire, bought, asked.rechercheSirenDestinataire),
        (asked.structureValideur, validated, False),
        (asked.structureMoe, managed, False),
        (asked.structureMoa, owned, False),
    ):
        if party:
            await wanted.structure(desk, [party.number], keys, siren=siren)
            wanted.identified(party.identifier, party.kind, keys)
    await wanted.department(desk, [asked.idServiceDestinataire])
    found = await search(desk, wanted, Pagination(nbResultatsParPage=200))
    return finding.WsRetourRechercherDemandePaiement(
        listeDemandePaiement=listed(
            finding.RechercherDemandePaiementOutputListeDemandePaiement, found
        ),
        total=found.page.total,
    )


async def works_pieces(
    desk: Desk, asked: works.RechercherFacturesTravauxParam
) -> works.WsRetourRechercherFacturesTravaux:
    """Works pieces, as a project manager or a project owner."""
    wanted = Wanted({"as": ROLES.get(asked.roleUtilisateur or "MOE", "project_manager")})
    changed(wanted, asked)
    await wanted.structure(desk, [asked.idDestinataire], bought)
    await wanted.department(desk, [asked.idServiceExecutant])
    wanted.downloaded(asked.flagTelecharge)
    wanted.works(codes.REQUESTS[1])
    found = await search(desk, wanted, asked.rechercheFactureTravaux)
    if not found.page.total:
        raise Refused(NO_WORKS)
    return works.WsRetourRechercherFacturesTravaux(
        listeFacturesTravaux=listed(works.FactureTravaux, found), parametresRetour=found.page
    )


def listed(model: type[Any], found: Found) -> tuple[Any, ...]:
    """The rows of a page in the words of an operation."""
    return tuple(model.model_validate(row) for row in found.rows)
