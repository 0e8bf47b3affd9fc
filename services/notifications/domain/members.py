"""What mails about structures and their members say, as facts for their templates; pure."""

from collections.abc import Mapping

from services.notifications.domain.letters import HOME, Facts
from services.notifications.domain.words import clean, moment
from shared.contracts.machines import KeyExpiring
from shared.contracts.memberships import MembershipChanged, MembershipEvent
from shared.contracts.rights import Role
from shared.contracts.sheets import BankDetailsChanged, StructureReplaced

ROLES: Mapping[Role, str] = {
    "principal": "gestionnaire principal",
    "secondary": "gestionnaire secondaire",
    "user": "utilisateur",
    "client": "logiciel",
}
MANAGE = "Ouvrez votre compte pour accepter ou refuser : rien ne change sans votre décision."
HELP = "Si vous n'êtes pas d'accord, adressez-vous à un gestionnaire de la structure."
GUARD = (
    "Si ce changement vous étonne, ouvrez votre compte et le journal de la structure, et prévenez "
    "l'exploitant de la plateforme."
)
EVENTS: Mapping[MembershipEvent, tuple[str, str, str]] = {
    "asked": (
        "Demande de rattachement",
        "{person} demande à être rattaché à votre structure.",
        MANAGE,
    ),
    "reminded": (
        "Rappel : demande de rattachement",
        "{person} attend toujours votre décision sur sa demande de rattachement.",
        MANAGE,
    ),
    "withdrawn": ("Demande retirée", "{person} a retiré sa demande de rattachement.", HELP),
    "approved": (
        "Votre rattachement est accepté",
        "Vous pouvez agir pour cette structure dès maintenant, sans vous reconnecter.",
        "Ouvrez votre compte pour voir vos espaces.",
    ),
    "refused": ("Votre rattachement est refusé", "Votre demande n'a pas été acceptée.", HELP),
    "changed": (
        "Vos droits ont changé",
        "Vos droits dans cette structure ne sont plus les mêmes ; ils valent dès maintenant.",
        HELP,
    ),
    "handed_over": (
        "Nouveau gestionnaire principal",
        "{person} est désormais le gestionnaire principal de cette structure.",
        GUARD,
    ),
    "revoked": (
        "Votre rattachement a pris fin",
        "Vous ne pouvez plus agir pour cette structure.",
        HELP,
    ),
    "left": ("Départ d'un membre", "{person} a quitté cette structure.", GUARD),
    "appointed": (
        "Nouveau gestionnaire principal",
        "L'exploitant de la plateforme a nommé {person} gestionnaire principal de cette structure, "
        "sur pièces.",
        GUARD,
    ),
}
"""Of each event: the title of its mail, what happened, what to do."""


def membership(changed: MembershipChanged, public_url: str) -> Facts:
    """What a mail about a membership says."""
    title, sentence, step = EVENTS[changed.event]
    person = clean(changed.member_name, 120)
    return {
        "title": title,
        "sentence": sentence.format(person=person),
        "next": step,
        "structure": clean(changed.structure_name, 160),
        "identifier": clean(changed.structure.split("/", 2)[2], 60),
        "person": person,
        "email": clean(changed.member_email, 254),
        "role": ROLES[changed.role],
        "by": clean(changed.by, 254),
        "at": moment(changed.at),
        "reason": clean(changed.reason, 500),
        "link": public_url + HOME,
    }


def bank(changed: BankDetailsChanged, public_url: str) -> Facts:
    """What the mail about changed bank details says; no number is written out."""
    return {
        "structure": clean(changed.name, 160),
        "identifier": clean(changed.structure.split("/", 2)[2], 60),
        "added": [clean(number, 40) for number in changed.added],
        "removed": [clean(number, 40) for number in changed.removed],
        "effective": moment(changed.effective_at) if changed.effective_at else None,
        "by": clean(changed.by, 254),
        "at": moment(changed.at),
        "next": GUARD,
        "link": public_url + HOME,
    }


def key(ending: KeyExpiring, public_url: str) -> Facts:
    """What the mail about a key that ends soon says; it never holds a key."""
    technical = ending.form == "technical_account"
    return {
        "structure": clean(ending.structure_name, 160),
        "identifier": clean(ending.structure.split("/", 2)[2], 60),
        "kind": "Compte technique" if technical else "Client technique",
        "what": "Le mot de passe d'un compte technique" if technical else "Un secret d'un client",
        "name": clean(ending.name, 120),
        "end": moment(ending.expires_at),
        "days": ending.days,
        "link": public_url + HOME,
    }


def identifier(changed: StructureReplaced, public_url: str) -> Facts:
    """What the mail about another identifier says."""
    return {
        "structure": clean(changed.name, 160),
        "old": clean(changed.old.split("/", 2)[2], 60),
        "new": clean(changed.new.split("/", 2)[2], 60),
        "by": clean(changed.by, 254),
        "at": moment(changed.at),
        "next": GUARD,
        "link": public_url + HOME,
    }
