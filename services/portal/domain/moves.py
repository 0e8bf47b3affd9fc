"""What a move asks of who makes it, as fields of a form; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.contracts.finding import Finding
from shared.contracts.workflow import MoveRequest, MoveView


@dataclass(frozen=True, slots=True)
class Asked:
    """A field of a move."""

    name: str
    must: bool
    either: bool
    """Whether one of several such fields is enough."""


LABELS = {
    "reason": "Motif, en quelques mots",
    "reason_code": "Motif",
    "comment": "Commentaire",
    "mandate_number": "Numéro de mandat",
    "buyer_siret": "SIRET du destinataire",
    "buyer_reference": "Code service",
    "order_reference": "N° d'engagement",
    "validator_siret": "SIRET du valideur",
    "project_manager_siret": "SIRET de la maîtrise d'œuvre",
    "project_owner_siret": "SIRET de la maîtrise d'ouvrage",
    "piece": "Identifiant de la pièce suivante",
    "attachments": "Pièces ajoutées",
}


def asked(move: MoveView) -> Sequence[Asked]:
    """The fields of a move: those that it requires, then those that it accepts."""
    required = [
        Asked(name, "|" not in group, "|" in group)
        for group in move.requires
        for name in group.split("|")
    ]
    named = {field.name for field in required}
    accepted = [
        Asked(name, False, False)
        for group in move.accepts
        for name in group.split("|")
        if name not in named
    ]
    return [*required, *accepted]


def request(action: str, given: Sequence[tuple[str, str]]) -> MoveRequest:
    """What a sent form asks for; empty fields are left out. Raises ValueError."""
    fields = {
        name: value for name, value in given if name in LABELS and name != "attachments" and value
    }
    files = tuple(value for name, value in given if name == "attachments" and value)
    more = {"attachments": files} if files else {}
    return MoveRequest.model_validate({"action": action, **fields, **more})


def at_fields(action: str, faults: Sequence[Finding]) -> Sequence[Finding]:
    """Findings that point to the fields of one move among the forms of a page."""
    return [
        fault.model_copy(update={"pointer": f"/{action}-{fault.pointer.strip('/')}"})
        if fault.pointer
        else fault
        for fault in faults
    ]
