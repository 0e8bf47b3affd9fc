"""To whom a technical account belongs."""

from services.chorus.api.edge import Desk, many
from services.chorus.api.structures import (
    ACTIVE,
    departments,
    known,
    paged,
    read,
    service_key,
    state_of,
)
from services.chorus.domain import rows
from services.chorus.domain.refusals import NO_STRUCTURE, Refused
from services.chorus.domain.words import structures as words
from services.chorus.domain.words.kinds import Word
from shared.contracts.accounts import Me
from shared.contracts.structures import StructureView


async def attachments(
    desk: Desk, asked: words.ListerRattachementsParam
) -> words.WsRetourListerRattachements:
    """The services of the account's own structure: a program belongs to all of them."""
    view = await known(desk, asked.idStructure)
    if view.key != desk.token.structure:
        raise Refused(NO_STRUCTURE, "Ce compte n'est pas rattaché à cette structure.")
    return words.WsRetourListerRattachements(
        designationStructure=view.name, listeServices=await _attached(desk, view)
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
            idRattachement=ids[service_key(view, one)],
        )
        for one in found
    )
