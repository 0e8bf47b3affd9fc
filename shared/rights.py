"""Who may do what: RIGHTS, the one table that every service asks; pure.

A structure opens spaces, a role or a member's own choice gives access to them, and an action needs
either a space or a role. What no row allows is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from shared.contracts.rights import Access, Grant, Role, Scope, Space
from shared.contracts.workflow import Role as Part

Action = Literal[
    "issue",
    "read_issued",
    "treat",
    "read_received",
    "validate",
    "read_to_validate",
    "answer_works",
    "read_works",
    "read_structure",
    "edit_structure",
    "read_bank_accounts",
    "edit_bank_accounts",
    "decide_members",
    "hand_over",
    "change_identifier",
    "hold_clients",
    "hold_technical_accounts",
    "hold_connectors",
    "read_messages",
    "read_trail",
    "ask",
    "read_asked",
    "answer_questions",
    "read_questions",
]
MANAGERS: tuple[Role, ...] = ("principal", "secondary")
PEOPLE: tuple[Role, ...] = (*MANAGERS, "user")
EVERYBODY: tuple[Role, ...] = (*PEOPLE, "client")


@dataclass(frozen=True, slots=True)
class Right:
    """A row: this action is open to these roles, and needs this access to this space."""

    action: Action
    roles: tuple[Role, ...]
    space: Space | None = None
    access: Access = "read"


RIGHTS = (
    #     action                roles           space                   access
    Right("issue",              EVERYBODY,      "issued_invoices",      "write"),
    Right("read_issued",        EVERYBODY,      "issued_invoices",      "read"),
    Right("treat",              EVERYBODY,      "received_invoices",    "write"),
    Right("read_received",      EVERYBODY,      "received_invoices",    "read"),
    Right("validate",           EVERYBODY,      "invoices_to_validate", "write"),
    Right("read_to_validate",   EVERYBODY,      "invoices_to_validate", "read"),
    Right("answer_works",       EVERYBODY,      "works_invoices",       "write"),
    Right("read_works",         EVERYBODY,      "works_invoices",       "read"),
    Right("read_structure",     EVERYBODY),
    Right("edit_structure",     MANAGERS),
    Right("read_bank_accounts", PEOPLE),
    Right("edit_bank_accounts", MANAGERS),
    Right("decide_members",     MANAGERS),
    Right("hand_over",          ("principal",)),
    Right("change_identifier",  ("principal",)),
    Right("hold_clients",       MANAGERS),
    Right("hold_technical_accounts", ("principal",)),
    Right("hold_connectors",    (*MANAGERS, "client")),
    Right("read_messages",      EVERYBODY,      "messages",             "read"),
    Right("read_trail",         MANAGERS),
    Right("ask",                PEOPLE,         "questions_sent",       "write"),
    Right("read_asked",         PEOPLE,         "questions_sent",       "read"),
    Right("answer_questions",   PEOPLE,         "questions_received",   "write"),
    Right("read_questions",     PEOPLE,         "questions_received",   "read"),
)  # fmt: skip
READ: Mapping[Part, Action] = {
    "seller": "read_issued",
    "buyer": "read_received",
    "validator": "read_to_validate",
    "project_manager": "read_works",
    "project_owner": "read_works",
}
"""The right that reading an invoice needs, by the part that the structure has in it."""
BY_ACTION: Mapping[str, Right] = {right.action: right for right in RIGHTS}


@dataclass(frozen=True, slots=True)
class SpaceWords:
    """A space in the words of its users, and whether it is open at first."""

    label: str
    sentence: str
    for_private: bool
    for_public: bool


SPACES: Mapping[Space, SpaceWords] = {
    "issued_invoices": SpaceWords(
        "Factures émises", "Déposer et saisir des factures, suivre leur traitement.", True, True
    ),
    "received_invoices": SpaceWords(
        "Factures reçues", "Lire les factures reçues et leur donner un statut.", False, True
    ),
    "invoices_to_validate": SpaceWords(
        "Factures à valider", "Viser les factures de sous-traitants et de cotraitants.", True, True
    ),
    "works_invoices": SpaceWords(
        "Factures de travaux", "Déposer les documents des marchés de travaux.", True, True
    ),
    "messages": SpaceWords("Mes messages", "Lire les messages de la plateforme.", True, True),
    "questions_sent": SpaceWords(
        "Sollicitations émises",
        "Interroger le support ou une entité publique sur une facture.",
        True,
        True,
    ),
    "questions_received": SpaceWords(
        "Sollicitations reçues", "Répondre aux questions des émetteurs de factures.", False, True
    ),
}


SCOPES: Mapping[Scope, str] = {
    "invoices:write": "Déposer, confirmer et compléter des factures ; essayer un fichier.",
    "invoices:read": "Lire les factures, leurs documents, leur histoire et les dépôts.",
    "statuses:write": "Agir sur une facture : lui donner un statut, la reprendre.",
    "directory:read": "Chercher dans l'annuaire et lire la fiche de sa structure.",
    "webhooks:manage": "Ouvrir et changer ce par quoi les statuts arrivent : files et appels.",
}
"""What a program can be let do; a token of a program opens the routes of its scopes alone."""


def allowed(grant: Grant, action: Action) -> bool:
    """Whether what somebody holds in a structure lets them do this there."""
    right = BY_ACTION[action]
    if grant.role not in right.roles:
        return False
    if right.space is None:
        return True
    access = grant.spaces.get(right.space)
    return access == "write" or access == right.access


def first_spaces(*, public: bool) -> tuple[Space, ...]:
    """The spaces that a new structure has open."""
    return tuple(
        space
        for space, words in SPACES.items()
        if (words.for_public if public else words.for_private)
    )


def entered(
    role: Role, chosen: Mapping[Space, Access], opened: tuple[Space, ...]
) -> dict[Space, Access]:
    """The spaces that somebody enters: managers and clients all that are open, others by choice."""
    if role != "user":
        return dict.fromkeys(opened, "write")
    return {space: chosen[space] for space in opened if space in chosen}


def every_space() -> tuple[Space, ...]:
    """Every space there is."""
    return get_args(Space)
