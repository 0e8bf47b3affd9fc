"""To whom a technical account belongs."""

from services.chorus.api.edge import Desk, many
from services.chorus.api.structures import (
    ACTIVE,
    FOR_EVER,
    departments,
    known,
    paged,
    read,
    service_key,
    state_of,
)
from services.chorus.domain import rows
from services.chorus.domain.refusals import NO_STRUCTURE, Refused
from services.chorus.domain.times import midnight
from services.chorus.domain.words import structures as words
from services.chorus.domain.words.kinds import Word
from shared.contracts.accounts import Me
from shared.contracts.structures import StructureView


async def attachments(
    desk: Desk, asked: words.ListerRattachementsParam
) -> words.WsRetourListerRattachements:
    """The services of the account's own structure: a program belongs to all of them."""
    own = await read(desk, desk.token.structure)
    view = await known(desk, asked.idStructure) if asked.idStructure else own
    if view.key != own.key or asked.identifiantStructure not in (None, own.identifier):
        raise Refused(NO_STRUCTURE, "Ce compte n'est pas rattaché à cette structure.")
    attached = await _attached(desk, view)
    shown, page = paged(attached, asked.parametresListerRattachementsStructureUtilisateur)
    return words.WsRetourListerRattachements(
        idStructure=await desk.number("structure", view.key),
        identifiantStructure=view.identifier,
        designationStructure=view.name,
        premierService=not attached,
        listeServices=tuple(shown),
        parametresRetour=page,
    )


async def own_account(desk: Desk, asked: words.MonCompteParam) -> words.WsRetourMonCompte:
    """The structures that the technical account belongs to."""
    me = await desk.ask(Me, "GET", "/v1/me")
    found = [grant.structure for grant in me.grants]
    shown, page = paged(found, asked.parametresRecherche)
    ids = await desk.numbers("structure", many(shown))
    told = []
    for key in shown:
        view = await read(desk, key)
        told.append(
            words.StructureRattachement(
                idStructure=ids[key],
                identifiantStructure=view.identifier,
                designationStructure=view.name,
                typeIdentifiantStructure=rows.identifier(key)[1],
                roleUtilisateur="COMPTE_TECHNIQUE",
                statutRattachementStructure="VALIDE",
                statutUtilisateur=ACTIVE,
                idRattachementStructure=ids[key],
                listeServicesRattache=await _attached(desk, view),
            )
        )
    return words.WsRetourMonCompte(listeStructureRattachement=tuple(told), parametresRetour=page)


async def active(desk: Desk, asked: Word) -> words.WsRetourStructuresActives:
    """The structures for which the technical account acts."""
    view = await read(desk, desk.token.structure)
    return words.WsRetourStructuresActives(
        listeStructures=(
            words.StructureActive(
                idStructureCPP=await desk.number("structure", view.key),
                identifiant=view.identifier,
                designationStructure=view.name,
            ),
        )
    )


async def _attached(desk: Desk, view: StructureView) -> tuple[words.ServiceRattache, ...]:
    found = await departments(desk, view)
    ids = await desk.numbers("department", many(service_key(view, one) for one in found))
    return tuple(
        words.ServiceRattache(
            codeService=one.code,
            nomService=one.name,
            libelleService=one.name,
            idService=ids[service_key(view, one)],
            statutService=state_of(one.active),
            statutRattachement="VALIDE",
            statutRattachementService="VALIDE",
            estActif=one.active,
            dateDbtService=midnight(one.valid_from),
            dateFinService=midnight(one.valid_until) or FOR_EVER,
            idRattachement=ids[service_key(view, one)],
            idRattachementService=ids[service_key(view, one)],
        )
        for one in found
    )
