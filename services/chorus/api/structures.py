"""Structures and their services, from the native directory."""

from collections.abc import Sequence
from typing import TypeVar

from services.chorus.api.edge import Desk, many
from services.chorus.domain import refusals, rows
from services.chorus.domain.refusals import NO_STRUCTURE, Refused
from services.chorus.domain.times import instant, midnight
from services.chorus.domain.words import structures as words
from services.chorus.domain.words.finding import ParametresRetour
from services.chorus.domain.words.kinds import Pagination
from shared.client import quoted
from shared.contracts.structures import (
    Department,
    DepartmentPage,
    StructurePage,
    StructureView,
)
from shared.errors import NotFound

LARGEST = 10_000
ACTIVE, INACTIVE = "ACTIF", "INACTIF"
FOR_EVER = "2050-12-31 00:00"
T = TypeVar("T")


async def search(
    desk: Desk, asked: words.RechercherStructureParam
) -> words.WsRetourRechercherStructure:
    """Structures by identifier, name or place; of private ones the own, unless all are wanted."""
    wanted = asked.structure or words.StructureCritere()
    named = (
        wanted.raisonSocialeStructure
        or wanted.libelleStructure
        or " ".join(filter(None, (wanted.nomStructure, wanted.prenomStructure)))
        or wanted.adresseVille
        or wanted.adresseCodePostal
    )
    if wanted.identifiantStructure:
        kind = rows.kind_named(wanted.typeIdentifiantStructure)
        found = await one_of(desk, kind, wanted.identifiantStructure)
    elif named:
        found = await search_all(desk, named)
    else:
        raise refusals.missing("structure")
    if asked.restreindreStructuresPrivees is not False:
        found = [view for view in found if view.public or view.key == desk.token.structure]
    shown, page = paged(found, asked.parametres)
    ids = await desk.numbers("structure", many(view.key for view in shown))
    return words.WsRetourRechercherStructure(
        listeStructures=tuple(
            words.StructureTrouvee(
                idStructureCPP=ids[view.key],
                identifiantStructure=view.identifier,
                typeIdentifiantStructure=rows.identifier(view.key)[1],
                designationStructure=view.name,
                statut=state_of(view.active),
            )
            for view in shown
        ),
        parametresRetour=page,
    )


async def search_buyers(
    desk: Desk, asked: words.RechercherDestinataireParam
) -> words.WsRetourRechercherDestinataire:
    """Public bodies by identifier, name or place."""
    if asked.identifiant:
        found = await one_of(desk, "siret", asked.identifiant)
    else:
        found = await search_all(desk, asked.nomVilleCodePostal or "")
    shown, page = paged([view for view in found if view.public], asked.parametresRecherche)
    ids = await desk.numbers("structure", many(view.key for view in shown))
    return words.WsRetourRechercherDestinataire(
        listeDestinataires=tuple(
            words.DestinataireTrouve(
                idStructureCPP=ids[view.key],
                siret=view.identifier,
                nomDestinataire=view.name,
                adresseCodePostal=view.postcode,
                adresseVille=view.city,
            )
            for view in shown
        ),
        parametresRetour=page,
    )


async def consult(
    desk: Desk, asked: words.ConsulterStructureParam
) -> words.WsRetourConsulterStructure:
    """A structure and what it demands of an invoice."""
    view = await known(desk, asked.idStructure)
    demands, own = view.requirements, view.key == desk.token.structure
    return words.WsRetourConsulterStructure(
        informationGenerales=words.InformationGenerales(
            idStructureCPP=asked.idStructure,
            identifiantStructure=view.identifier,
            typeIdentifiantStructure=rows.identifier(view.key)[1],
            raisonSocialeStructure=view.name,
            libelleStructure=view.name,
            numeroTVA=view.vat_number,
            structurePriveePublique="PUBLIQUE" if view.public else "PRIVEE",
            dateExpirationMotPasseCompteTech=instant(desk.token.password_expires_at)
            if own
            else None,
        ),
        adressePostaleDuSiege=words.AdressePostale(
            adresse=view.address, codePostal=view.postcode, ville=view.city, pays=view.country
        ),
        parametres=words.ParametresStructure(
            codeServiceDoitEtreRenseigne=demands.department_required,
            numeroEJDoitEtreRenseigne=demands.order_required,
            gestionNumeroEJOuCodeService=demands.department_or_order_required,
            statutMiseEnPaiementNestPasRemonte=not demands.reports_payment,
            estMoaUniquement=False,
            estValideurDelegue=False,
            recevoirDonneesViaEDI=False,
            connexionEDI=False,
            nonDiffusibleInsee=False,
            getaMoa=False,
            aMoa=False,
        ),
    )


async def services(
    desk: Desk, asked: words.RechercherServicesParam
) -> words.WsRetourRechercherServices:
    """The services of a structure, on as many pages as the client wants."""
    view = await known(desk, asked.idStructure)
    found = await departments(desk, view)
    shown, page = paged(found, asked.parametresRechercherServicesStructure)
    ids = await desk.numbers("department", many(service_key(view, one) for one in shown))
    return words.WsRetourRechercherServices(
        listeServices=tuple(
            words.ServiceTrouve(
                idService=ids[service_key(view, one)],
                codeService=one.code,
                libelleService=one.name,
                dateDbtService=midnight(one.valid_from),
                dateFinService=midnight(one.valid_until) or FOR_EVER,
                estActif=one.active,
                statutService=state_of(one.active),
            )
            for one in shown
        ),
        parametresRetour=page,
    )


async def service(desk: Desk, asked: words.ConsulterServiceParam) -> words.WsRetourConsulterService:
    """One service of a structure."""
    view = await known(desk, asked.idStructure)
    row = await desk.known("department", asked.idService)
    found = await departments(desk, view)
    one = next((d for d in found if row and service_key(view, d) == row.native), None)
    if one is None:
        raise Refused(NO_STRUCTURE, "Ce service n'existe pas dans cette structure.")
    return words.WsRetourConsulterService(
        informationsGenerales=words.InformationsService(
            codeService=one.code, nomService=one.name, descriptionService=one.name
        ),
        parametres=words.ParametresService(
            numeroEngagement=one.order_required,
            miseEnPaiement=view.requirements.reports_payment,
            dateDebutValidite=midnight(one.valid_from),
            dateFinValidite=midnight(one.valid_until),
        ),
        adressePostale=words.AdressePostale(
            adresse=view.address, codePostal=view.postcode, ville=view.city, pays=view.country
        ),
    )


async def one_of(desk: Desk, kind: str, identifier: str) -> list[StructureView]:
    """The structure with this identifier, or none."""
    written = "".join(identifier.split())
    try:
        found = await desk.ask(StructureView, "GET", f"/v1/structures/{quoted(written)}")
    except NotFound:
        return []
    return [found] if found.kind == kind else []


async def search_all(desk: Desk, text: str) -> list[StructureView]:
    """All structures of which words begin so."""
    found: list[StructureView] = []
    query = {"limit": "100", "q": text[:200]}
    while len(found) < LARGEST:
        page = await desk.ask(StructurePage, "GET", "/v1/structures", query=query)
        found += page.items
        if page.next_cursor is None:
            break
        query["cursor"] = page.next_cursor
    return found


async def known(desk: Desk, number: int | None) -> StructureView:
    """The structure with this number. Raises Refused."""
    if number is None:
        raise refusals.missing("idStructure")
    row = await desk.known("structure", number)
    if row is None:
        raise Refused(NO_STRUCTURE, "Aucune structure n'a cet identifiant.")
    return await read(desk, row.native)


async def read(desk: Desk, key: str) -> StructureView:
    """The structure with this key."""
    identifier = key.split("/", 2)[2]
    return await desk.ask(StructureView, "GET", f"/v1/structures/{quoted(identifier)}")


async def departments(desk: Desk, view: StructureView) -> list[Department]:
    """All departments of a structure."""
    found: list[Department] = []
    query = {"limit": "100"}
    while len(found) < LARGEST:
        path = f"/v1/structures/{quoted(view.identifier)}/departments"
        page = await desk.ask(DepartmentPage, "GET", path, query=query)
        found += page.items
        if page.next_cursor is None:
            break
        query["cursor"] = page.next_cursor
    return found


def service_key(view: StructureView, one: Department) -> str:
    """How a department is named among numbers."""
    return rows.department(view.key, one.code) or ""


def state_of(active: bool) -> str:
    """The state of a structure or a service."""
    return ACTIVE if active else INACTIVE


def paged(found: Sequence[T], page: Pagination | None) -> tuple[Sequence[T], ParametresRetour]:
    """One page of what was found, and its counters."""
    asked = page or Pagination()
    start = (asked.number - 1) * asked.size
    return found[start : start + asked.size], ParametresRetour(
        pageCourante=asked.number,
        pages=-(-len(found) // asked.size),
        nbResultatsParPage=asked.size,
        total=len(found),
    )
