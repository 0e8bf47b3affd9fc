"""When a structure may go on under another identifier, and what it then is; pure."""

from services.structures.domain.identifiers import siren_of
from shared.contracts.structures import IdentifierKind, Structure, key_of
from shared.errors import Conflict, Forbidden


def demand_change(
    old: Structure,
    kind: IdentifierKind,
    identifier: str,
    successor: str | None,
    *,
    operator: bool = False,
) -> None:
    """Let a manager change only what is theirs to change; an operator decides on the rest.

    A structure being registered gets its identifier; an establishment may move within its legal
    unit, or to the one that the register names as its successor. Raises Conflict, Forbidden.
    """
    if old.replaced_by:
        raise Conflict("Cette structure a déjà changé d'identifiant.", code="structure-replaced")
    if key_of(old.realm, kind, identifier) == old.key:
        raise Conflict("C'est déjà son identifiant.", code="same-identifier")
    if operator:
        return
    if old.public:
        raise Forbidden(
            "L'identifiant d'une entité publique est changé par un opérateur de la plateforme."
        )
    if old.kind == "pending" and kind not in ("pending", "name"):
        return
    moved = old.kind == "siret" and kind == "siret"
    if moved and (siren_of(identifier) == siren_of(old.identifier) or identifier == successor):
        return
    raise Forbidden(
        "Un autre numéro SIREN est une autre entreprise : créez sa fiche, ou adressez-vous à un "
        "opérateur de la plateforme.",
        code="other-company",
    )


def renamed(old: Structure, kind: IdentifierKind, identifier: str) -> Structure:
    """The structure under its new identifier."""
    return old.model_copy(
        update={
            "key": key_of(old.realm, kind, identifier),
            "kind": kind,
            "identifier": identifier,
            "version": 1,
            "former": (*old.former, old.key),
        }
    )


def merged(old: Structure, into: Structure) -> Structure:
    """The structure that was there already, now also in the place of the old one."""
    if into.replaced_by or not into.active:
        raise Conflict("La structure qui porte ce numéro est fermée.", code="structure-closed")
    former = tuple(dict.fromkeys((*into.former, *old.former, old.key)))
    return into.model_copy(update={"former": former, "version": into.version + 1})


def ended(old: Structure, new: Structure) -> Structure:
    """The structure that went on under another identifier: closed, and saying where."""
    return old.model_copy(
        update={"active": False, "replaced_by": new.key, "version": old.version + 1}
    )
