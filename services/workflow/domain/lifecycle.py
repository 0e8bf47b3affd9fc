"""MOVES: who may take an invoice from which status to which, and with what evidence.

What the buyer's own system reports is recorded even when it comes late or out of order: an office
may report all payment steps, some or none, and its accountant may be faster than itself. Only what
cannot be is refused: paying what was rejected, or what went back to its seller for another address.

A row may hold only in some circuits: a validated invoice waits for its validator, a works piece goes
to the project manager, and what a wrong address leads to depends on the policy of correction.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from shared.contracts.finding import Finding
from shared.contracts.status import InvoiceStatus as S
from shared.contracts.workflow import Role
from shared.errors import Conflict, Forbidden, Invalid

Feature = Literal[
    "validated",
    "validated_once",
    "validated_twice",
    "to_buyer",
    "to_project_manager",
    "to_project_owner",
    "to_seller",
    "by_seller",
    "by_project_manager",
    "by_project_owner",
    "recycling",
    "reissue",
    "unpaid",
]
Circuit = frozenset[Feature]
FEATURES: Mapping[Feature, str] = {
    "validated": "a private validator gives a visa first",
    "validated_once": "one validator",
    "validated_twice": "two validators, the co-contractor first",
    "to_buyer": "goes to the buyer",
    "to_project_manager": "goes to the project manager",
    "to_project_owner": "goes to the project owner",
    "to_seller": "goes to the seller",
    "by_seller": "deposited by the seller",
    "by_project_manager": "deposited by the project manager",
    "by_project_owner": "deposited by the project owner",
    "recycling": "a wrong address is corrected under the same number",
    "reissue": "a wrong address needs a new invoice",
    "unpaid": "the money was not sent, whatever was reported since",
}
"""What a circuit may have, for the docs."""

UNPAID = (S.MADE_AVAILABLE, S.COMPLETED, S.SUSPENDED, S.SERVICE_DONE, S.PAYMENT_ORDERED, S.SENT_TO_ACCOUNTANT, S.POSTED)  # fmt: skip
"""The buyer has it and has not sent the money."""
HELD = (*UNPAID, S.PAYMENT_SENT)
"""The buyer has it."""
WITH_PROJECT_MANAGER = (S.TO_LINK_BY_PROJECT_MANAGER, S.TAKEN_BY_PROJECT_MANAGER)
WITH_PROJECT_OWNER = (S.TO_LINK_BY_PROJECT_OWNER, S.TAKEN_BY_PROJECT_OWNER)


@dataclass(frozen=True, slots=True)
class Move:
    """One row: an action leads from any of `sources` to `to`, in circuits that have all of `needs`.

    Each entry of `evidence` must be given; `a|b` means that one of both is enough; what is in
    `optional` may be. The platform makes its moves by itself, but for one that `waits`: for a delay, or for another piece.
    """

    action: str
    by: Role
    sources: tuple[S, ...]
    to: S
    label: str
    evidence: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    needs: tuple[Feature, ...] = ()
    waits: bool = False

    def fits(self, circuit: Circuit) -> bool:
        """Whether it holds in this circuit."""
        return circuit.issuperset(self.needs)


def but(statuses: tuple[S, ...], *excluded: S) -> tuple[S, ...]:
    """The statuses without some of them."""
    return tuple(status for status in statuses if status not in excluded)


OPENINGS: tuple[tuple[tuple[Feature, ...], S], ...] = (
    (("validated",), S.TO_VALIDATE_1),
    ((), S.DEPOSITED),
)
"""Where an invoice begins: the first row that holds."""
CODED = ("reason_code", "comment")
MOVES = (
    # the visa of private validators
    Move("validate", "validator", (S.TO_VALIDATE_1,), S.VALIDATED_1, "Valider", (), ("comment", "validator_siret")),
    Move("validate", "validator", (S.TO_VALIDATE_2,), S.VALIDATED_2, "Valider", (), ("comment",)),
    Move("refuse", "validator", (S.TO_VALIDATE_1,), S.REFUSED_1, "Refuser", ("reason",), CODED),
    Move("refuse", "validator", (S.TO_VALIDATE_2,), S.REFUSED_2, "Refuser", ("reason",), CODED),
    Move("disown", "validator", (S.TO_VALIDATE_1,), S.VALIDATOR_ERROR, "Signaler que je ne suis pas le bon valideur", (), ("comment",)),
    Move("disown", "validator", (S.TO_VALIDATE_2,), S.VALIDATOR_ERROR_2, "Signaler que je ne suis pas le bon valideur", (), ("comment",)),
    Move("name_validator", "seller", (S.VALIDATOR_ERROR,), S.TO_VALIDATE_1, "Corriger le valideur", ("validator_siret",)),
    Move("name_validator", "validator", (S.VALIDATOR_ERROR_2,), S.TO_VALIDATE_2, "Corriger le second valideur", ("validator_siret",)),
    Move("expire", "platform", (S.TO_VALIDATE_1,), S.NO_VALIDATION_1, "Constater l'absence de validation", waits=True),
    Move("expire", "platform", (S.TO_VALIDATE_2,), S.NO_VALIDATION_2, "Constater l'absence de validation", waits=True),
    Move("forward", "platform", (S.VALIDATED_1, S.NO_VALIDATION_1), S.TO_VALIDATE_2, "Soumettre au second valideur", needs=("validated_twice",)),
    Move("accept", "platform", (S.VALIDATED_1, S.NO_VALIDATION_1), S.DEPOSITED, "Accepter après validation", needs=("validated_once",)),
    Move("accept", "platform", (S.VALIDATED_2, S.NO_VALIDATION_2), S.DEPOSITED, "Accepter après validation"),
    # to whom it goes
    Move("transmit", "platform", (S.DEPOSITED,), S.IN_TRANSIT, "Acheminer vers le destinataire", needs=("to_buyer",)),
    Move("deliver", "platform", (S.IN_TRANSIT,), S.MADE_AVAILABLE, "Mettre à disposition du destinataire"),
    Move("present", "platform", (S.DEPOSITED,), S.TO_LINK_BY_PROJECT_MANAGER, "Présenter à la maîtrise d'œuvre", needs=("to_project_manager",)),
    Move("present", "platform", (S.DEPOSITED,), S.TO_LINK_BY_PROJECT_OWNER, "Présenter à la maîtrise d'ouvrage", needs=("to_project_owner",)),
    Move("present", "platform", (S.DEPOSITED,), S.TO_LINK_BY_SELLER, "Présenter au fournisseur", needs=("to_seller",)),
    # works pieces, each answered by the next one
    Move("take", "project_manager", (S.TO_LINK_BY_PROJECT_MANAGER,), S.TAKEN_BY_PROJECT_MANAGER, "Prendre en compte"),
    Move("link", "project_manager", WITH_PROJECT_MANAGER, S.LINKED, "Associer la pièce suivante", ("piece",)),
    Move("refuse", "project_manager", WITH_PROJECT_MANAGER, S.REFUSED_BY_PROJECT_MANAGER, "Refuser", ("reason",), CODED),
    Move("disown", "project_manager", WITH_PROJECT_MANAGER, S.SELLER_ERROR_ON_PROJECT_MANAGER, "Signaler une erreur de maîtrise d'œuvre", (), ("comment",)),
    Move("name_project_manager", "seller", (S.SELLER_ERROR_ON_PROJECT_MANAGER,), S.TO_LINK_BY_PROJECT_MANAGER, "Corriger la maîtrise d'œuvre", ("project_manager_siret",)),
    Move("take", "project_owner", (S.TO_LINK_BY_PROJECT_OWNER,), S.TAKEN_BY_PROJECT_OWNER, "Prendre en compte"),
    Move("link", "project_owner", WITH_PROJECT_OWNER, S.LINKED, "Associer la pièce suivante", ("piece",)),
    Move("refuse", "project_owner", WITH_PROJECT_OWNER, S.REFUSED_BY_PROJECT_OWNER, "Refuser", ("reason",), CODED),
    Move("disown", "project_owner", WITH_PROJECT_OWNER, S.SELLER_ERROR_ON_PROJECT_OWNER, "Signaler une erreur de maîtrise d'ouvrage", (), ("comment",), needs=("by_seller",)),
    Move("disown", "project_owner", WITH_PROJECT_OWNER, S.PROJECT_MANAGER_ERROR_ON_PROJECT_OWNER, "Signaler une erreur de maîtrise d'ouvrage", (), ("comment",), needs=("by_project_manager",)),
    Move("name_project_owner", "seller", (S.SELLER_ERROR_ON_PROJECT_OWNER,), S.TO_LINK_BY_PROJECT_OWNER, "Corriger la maîtrise d'ouvrage", ("project_owner_siret",)),
    Move("name_project_owner", "project_manager", (S.PROJECT_MANAGER_ERROR_ON_PROJECT_OWNER,), S.TO_LINK_BY_PROJECT_OWNER, "Corriger la maîtrise d'ouvrage", ("project_owner_siret",)),
    Move("link", "seller", (S.TO_LINK_BY_SELLER,), S.LINKED, "Associer la pièce suivante", ("piece",)),
    Move("refuse", "seller", (S.TO_LINK_BY_SELLER,), S.REFUSED_BY_SELLER, "Refuser", ("reason",), CODED),
    Move("disown", "seller", (S.TO_LINK_BY_SELLER,), S.PROJECT_MANAGER_ERROR_ON_SELLER, "Signaler une erreur de fournisseur", (), ("comment",), needs=("by_project_manager",)),
    Move("disown", "seller", (S.TO_LINK_BY_SELLER,), S.PROJECT_OWNER_ERROR_ON_SELLER, "Signaler une erreur de fournisseur", (), ("comment",), needs=("by_project_owner",)),
    Move("replace", "platform", (*WITH_PROJECT_MANAGER, *WITH_PROJECT_OWNER, S.REFUSED_BY_PROJECT_MANAGER, S.LINKED), S.REPLACED, "Remplacer par une pièce A22", waits=True),
    # the buyer decides and pays
    Move("misroute", "buyer", UNPAID, S.MISROUTED, "Demander le recyclage", ("reason",), CODED, needs=("recycling", "unpaid")),
    Move("misroute", "buyer", UNPAID, S.REJECTED, "Rejeter pour erreur d'acheminement", ("reason",), CODED, needs=("reissue", "unpaid")),
    Move("suspend", "buyer", but(UNPAID, S.SUSPENDED), S.SUSPENDED, "Suspendre", ("reason",), CODED, needs=("unpaid",)),
    Move("resume", "buyer", (S.SUSPENDED,), S.MADE_AVAILABLE, "Reprendre le traitement"),
    Move("reject", "buyer", UNPAID, S.REJECTED, "Rejeter", ("reason",), CODED, needs=("unpaid",)),
    Move("service_done", "buyer", but(HELD, S.SERVICE_DONE), S.SERVICE_DONE, "Attester le service fait"),
    Move("order_payment", "buyer", but(HELD, S.PAYMENT_ORDERED), S.PAYMENT_ORDERED, "Mandater", ("mandate_number",)),
    Move("send_to_accountant", "buyer", but(HELD, S.SENT_TO_ACCOUNTANT), S.SENT_TO_ACCOUNTANT, "Mettre à disposition du comptable"),
    Move("post", "buyer", but(HELD, S.POSTED), S.POSTED, "Comptabiliser"),
    Move("send_payment", "buyer", but(HELD, S.PAYMENT_SENT), S.PAYMENT_SENT, "Mettre en paiement"),
    # the seller answers
    Move("complete", "seller", (S.SUSPENDED,), S.COMPLETED, "Compléter", ("comment|attachments",)),
    Move("reroute", "seller", (S.MISROUTED,), S.DEPOSITED, "Corriger l'acheminement", ("buyer_siret|buyer_reference|order_reference",)),
)  # fmt: skip
REFUSED = (S.REJECTED, S.REFUSED_1, S.REFUSED_2, S.REFUSED_BY_PROJECT_MANAGER, S.REFUSED_BY_PROJECT_OWNER)  # fmt: skip
"""The seller's invoice will not be paid; what it asks for needs a new number."""

ACTIONS = tuple(dict.fromkeys(row.action for row in MOVES))
PEOPLE: Mapping[Role, str] = {
    "seller": "le fournisseur",
    "buyer": "le destinataire",
    "platform": "la plateforme",
    "validator": "le valideur",
    "project_manager": "la maîtrise d'œuvre",
    "project_owner": "la maîtrise d'ouvrage",
}
WORDS = {
    "reason": ("Motif", "un motif", "Pièce justificative absente : bon de livraison"),
    "mandate_number": ("Numéro de mandat", "le numéro de mandat", "2026-004512"),
    "comment": ("Commentaire", "un commentaire", "Le bon de livraison est joint"),
    "attachments": ("Pièces jointes", "une pièce jointe", ""),
    "buyer_siret": ("SIRET du destinataire", "le SIRET du destinataire", "22310001700423"),
    "buyer_reference": ("Code service", "le code service", "DGS"),
    "order_reference": ("Numéro d'engagement", "le numéro d'engagement", "CP2020/X123456/1"),
    "validator_siret": ("SIRET du valideur", "le SIRET du valideur", "40483304800022"),
    "project_manager_siret": (
        "SIRET de la maîtrise d'œuvre",
        "le SIRET de la maîtrise d'œuvre",
        "40483304800022",
    ),
    "project_owner_siret": (
        "SIRET de la maîtrise d'ouvrage",
        "le SIRET de la maîtrise d'ouvrage",
        "22310001700423",
    ),
    "piece": ("Pièce suivante", "la pièce qui suit", "0199a0e0-0000-7000-8000-000000000000"),
}
"""Evidence: the word on the screen, the word in a sentence, an example."""


def allowed(status: S, role: Role, circuit: Circuit) -> tuple[Move, ...]:
    """What this role may do to an invoice in this status, in this circuit."""
    return tuple(
        row for row in MOVES if row.by == role and status in row.sources and row.fits(circuit)
    )


def move(status: S, action: str, roles: Collection[Role], circuit: Circuit) -> Move:
    """The row that allows the action now; `demand` then asks for its evidence.

    Raises Invalid (no such action), Forbidden (another's to do) or Conflict (`invalid-transition`:
    not from this status).
    """
    rows = [row for row in MOVES if row.action == action and row.fits(circuit)]
    if not rows:
        raise _unknown(action, status, circuit)
    mine = [row for row in rows if row.by in roles]
    if not mine:
        who = " ou ".join(dict.fromkeys(PEOPLE[row.by] for row in rows))
        label = rows[0].label.lower()
        raise Forbidden(f"Seul {who} peut faire cette action : {label}.", action=action)
    row = next((row for row in mine if status in row.sources), None)
    if row is None:
        raise Conflict(
            f"Action impossible au statut « {status.label} » : {mine[0].label.lower()}.",
            code="invalid-transition",
            status=status.value,
            allowed=[r.action for role in roles for r in allowed(status, role, circuit)],
        )
    return row


def demand(row: Move, evidence: Mapping[str, object]) -> None:
    """Ask for the evidence of a row. Raises Invalid (`evidence-missing`), naming what lacks."""
    if missing := _missing(row, evidence):
        raise Invalid(
            f"Il manque un élément pour cette action : {row.label.lower()}.",
            code="evidence-missing",
            errors=[_lack(entry) for entry in missing],
        )


def _unknown(action: str, status: S, circuit: Circuit) -> Invalid | Conflict:
    """Why no row of this circuit has the action."""
    named = [row for row in MOVES if row.action == action]
    if not named:
        text = f"L'action « {action} » n'existe pas."
        return Invalid(text, code="unknown-action", actions=ACTIONS)
    if any(row.fits(circuit | {"unpaid"}) for row in named):
        text = f"La facture a été mise en paiement : {named[0].label.lower()} n'est plus possible."
        return Conflict(text, code="invalid-transition", status=status.value)
    text = f"L'action « {action} » n'existe pas dans le circuit de cette facture."
    return Invalid(text, code="action-not-in-circuit", actions=ACTIONS)


def _missing(row: Move, evidence: Mapping[str, object]) -> list[str]:
    return [
        entry
        for entry in row.evidence
        if not any(_given(evidence, name) for name in entry.split("|"))
    ]


def _given(evidence: Mapping[str, object], name: str) -> bool:
    value = evidence.get(name)
    return bool(value.strip() if isinstance(value, str) else value)


def _lack(entry: str) -> Finding:
    names = entry.split("|")
    label, _, example = WORDS[names[0]]
    return Finding(
        code="FAC-MOVE-001",
        pointer=f"/{names[0]}",
        label=label,
        message="Indiquez " + " ou ".join(WORDS[name][1] for name in names) + ".",
        example=example,
    )


def opening(circuit: Circuit) -> S:
    """The first status in this circuit."""
    return next(status for needs, status in OPENINGS if circuit.issuperset(needs))


@lru_cache(maxsize=1024)
def onwards(status: S, circuit: Circuit) -> tuple[Move, ...]:
    """The moves that the platform makes by itself from here."""
    made: list[Move] = []
    while rows := [row for row in allowed(status, "platform", circuit) if not row.waits]:
        made.append(rows[0])
        status = rows[0].to
    return tuple(made)
