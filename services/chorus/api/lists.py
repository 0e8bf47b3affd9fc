"""The six searches of invoices and the one of payment requests, each in its own words."""

from collections.abc import Iterable
from typing import Any, Literal

from services.chorus.api import flows
from services.chorus.api.edge import Desk
from services.chorus.api.searches import Found, Wanted, one_by_one, search
from services.chorus.domain import codes
from services.chorus.domain.refusals import NO_RESULT, NO_WORKS, Refused
from services.chorus.domain.words import asking, finding, works
from services.chorus.domain.words.kinds import Pagination
from shared.contracts.workflow import InvoiceView
from shared.errors import NotFound

Side = Literal["seller", "buyer", "validator", "project_manager", "project_owner"]
ROLES: dict[str, Side] = {
    "FOURNISSEUR": "seller",
    "DESTINATAIRE": "buyer",
    "VALIDEUR": "validator",
    "VALIDATEUR": "validator",
    "MOE": "project_manager",
    "MOA": "project_owner",
}


def sold(view: InvoiceView) -> Iterable[str]:
    """Who sent it."""
    return (view.seller,)


def bought(view: InvoiceView) -> Iterable[str]:
    """Whom it is for."""
    return (view.buyer,)


def validated(view: InvoiceView) -> Iterable[str]:
    """Who gives it a visa."""
    return view.validators


def criteria(side: Side, asked: Any) -> Wanted:
    """The criteria that all searches share."""
    wanted = Wanted({"as": side})
    wanted.ask("number", asked.numeroFacture)
    wanted.ask("received_from", asked.periodeDateDepotDu)
    wanted.ask("received_to", asked.periodeDateDepotAu)
    wanted.ask("contract_reference", asked.numeroMarche)
    wanted.ask("amount_from", asked.montantTTCMin)
    wanted.ask("amount_to", asked.montantTTCMax)
    if asked.cadreFacturation:
        wanted.ask("process", codes.frame_of(asked.cadreFacturation).split("_", 1)[0])
    wanted.statuses(asked.statutCourant)
    wanted.between(
        asked.montantHTMin, asked.montantHTMax, lambda view: view.invoice.totals.without_vat
    )
    return wanted


def invoiced(wanted: Wanted, asked: Any) -> None:
    """The days of the invoice, and the amount that is due."""
    wanted.ask("issued_from", asked.periodeDateFactureDu)
    wanted.ask("issued_to", asked.periodeDateFactureAu)


def due(wanted: Wanted, least: Any, most: Any) -> None:
    """The amount that is due, whose fields each operation spells in its own way."""
    wanted.between(least, most, lambda view: view.invoice.totals.due)


def changed(wanted: Wanted, asked: Any) -> None:
    """The days of the present status."""
    since, until = asked.periodeDateHeureEtatCourantDu, asked.periodeDateHeureEtatCourantAu
    wanted.ask("changed_since", since and f"{since}T00:00:00Z")
    wanted.ask("changed_until", until and f"{until}T23:59:59Z")


async def by_seller(
    desk: Desk, asked: asking.RechercherFactureParFournisseurParam
) -> finding.WsRetourRechercherFactureParFournisseur:
    """The invoices of a seller; with `numeroFluxDepot` those of a flow."""
    wanted = criteria("seller", asked)
    invoiced(wanted, asked)
    changed(wanted, asked)
    due(wanted, asked.montantApayerMin, asked.montantApayerMax)
    wanted.ask("order_reference", asked.numeroBonCommande)
    wanted.kinds([asked.typeFacture] if asked.typeFacture else [])
    await wanted.structure(desk, asked.idFournisseur, sold)
    await wanted.structure(desk, asked.idStructureValideur, validated)
    for one in asked.listeDestinataire or ():
        await wanted.structure(desk, one.idDestinataire, bought)
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
        return await one_by_one(desk, (), wanted, page)
    ids = [item.invoice_id for item in deposit.items if item.invoice_id]
    found = await one_by_one(desk, ids, wanted, page)
    return Found([row | {"numeroFluxDepot": number} for row in found.rows], found.page, found.views)


async def by_buyer(
    desk: Desk, asked: asking.RechercherFactureRecipiendaireParam
) -> finding.WsRetourRechercheFactureRecipiendaireRest:
    """The invoices that a buyer received; its counters stand beside the list."""
    wanted = criteria("buyer", asked)
    invoiced(wanted, asked)
    changed(wanted, asked)
    due(wanted, asked.montantApayerMin, asked.montantApayerMax)
    wanted.ask("order_reference", asked.numeroBonCommande)
    wanted.kinds(asked.listeTypeFacture or ())
    works_or_not(wanted, asked.typeDemandePaiement)
    await wanted.structure(desk, asked.idDestinataire, bought)
    await wanted.department(desk, asked.idServiceExecutant)
    for one in asked.listeFournisseurs or ():
        await wanted.structure(desk, one.idFournisseur, sold)
    if asked.factureTelechargeeParDestinataire is not None:
        await downloaded(desk, wanted, want=asked.factureTelechargeeParDestinataire)
    found = await search(desk, wanted, asked.paramRecherche)
    if not found.page.total:
        raise Refused(NO_RESULT)
    page = found.page
    return finding.WsRetourRechercheFactureRecipiendaireRest(
        listeFactures=listed(
            finding.FactureRechercheRecipiendaire, await with_downloads(desk, found)
        ),
        pageCourante=page.pageCourante,
        pages=page.pages,
        nbResultatsParPage=page.nbResultatsParPage,
        total=page.total,
    )


def works_or_not(wanted: Wanted, kind: str | None) -> None:
    """Demand works pieces, or none of them."""
    if kind in codes.REQUESTS:
        works_pieces = kind == codes.REQUESTS[1]
        wanted.tests.append(lambda view: codes.is_works(view.invoice.process) is works_pieces)


async def downloaded(desk: Desk, wanted: Wanted, *, want: bool) -> None:
    """Demand that the caller has fetched it, or has not yet."""
    known = await desk.call.store.downloads(desk.token.structure)
    wanted.tests.append(lambda view: (view.id in known) is want)


async def with_downloads(desk: Desk, found: Found) -> Found:
    """The rows with what the caller has fetched before."""
    known = await desk.call.store.downloads(desk.token.structure)
    told = [
        row | {"factureTelechargeeParDestinataire": view.id in known}
        for row, view in zip(found.rows, found.views, strict=True)
    ]
    return Found(told, found.page, found.views)


async def by_validator(
    desk: Desk, asked: asking.RechercherFactureParValideurParam
) -> finding.WsRetourRechercherFactureParValideur:
    """The invoices that a validator gives its visa to."""
    wanted = criteria("validator", asked)
    invoiced(wanted, asked)
    due(wanted, asked.montantAPayerMin, asked.montantAPayerMax)
    wanted.ask("order_reference", asked.numeroEngagement)
    wanted.kinds(asked.listeTypeFacture or ())
    works_or_not(wanted, asked.typeDemandePaiement)
    await wanted.structure(desk, asked.idDestinataire, bought)
    await wanted.structure(desk, asked.idFournisseur, sold)
    await wanted.department(desk, asked.idServiceExecutant)
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
    await wanted.structure(desk, asked.idStructure, sold)
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
    await wanted.structure(desk, asked.idStructure, bought)
    found = await search(desk, wanted, asked.parametreRechercheFactureATraiterParRecipiendaire)
    return finding.WsRetourRechercheFactureRecipiendaire(
        listeFactures=listed(
            finding.FactureRechercheRecipiendaire, await with_downloads(desk, found)
        ),
        parametresRetour=found.page,
    )


async def to_treat_by_validator(
    desk: Desk, asked: asking.RechercherFactureATraiterParValideurParam
) -> finding.WsRetourRechercherFactureATraiterParValideur:
    """What waits for the visa of a validator."""
    wanted = Wanted({"as": "validator"})
    wanted.statuses([status.chorus for status in codes.TO_VALIDATE])
    await wanted.structure(desk, asked.idStructure, validated)
    found = await search(desk, wanted, asked.pagination)
    return finding.WsRetourRechercherFactureATraiterParValideur(
        listeFactures=listed(finding.FactureRechercheValideur, found),
        parametresRetour=found.page,
    )


async def requests(
    desk: Desk, asked: asking.RechercherDemandePaiementParam
) -> finding.WsRetourRechercherDemandePaiement:
    """Payment requests in a role."""
    wanted = criteria(ROLES.get(asked.roleUtilisateur or "FOURNISSEUR", "seller"), asked)
    changed(wanted, asked)
    due(wanted, asked.montantAPayerMin, asked.montantAPayerMax)
    wanted.ask("issued_from", asked.periodeDateFournisseurDu)
    wanted.ask("issued_to", asked.periodeDateFournisseurAu)
    wanted.ask("order_reference", asked.numeroBonCommande)
    wanted.kinds([asked.typeFacture] if asked.typeFacture else [])
    works_or_not(wanted, asked.typeDemandePaiement)
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
    await wanted.structure(desk, asked.idDestinataire, bought)
    await wanted.department(desk, asked.idServiceExecutant)
    works_or_not(wanted, codes.REQUESTS[1])
    found = await search(desk, wanted, asked.rechercheFactureTravaux)
    if not found.page.total:
        raise Refused(NO_WORKS)
    return works.WsRetourRechercherFacturesTravaux(
        listeFacturesTravaux=listed(works.FactureTravaux, found), parametresRetour=found.page
    )


def listed(model: type[Any], found: Found) -> tuple[Any, ...]:
    """The rows of a page in the words of an operation."""
    return tuple(model.model_validate(row) for row in found.rows)
