"""MOVES: who may take an invoice from which status to which, and with what evidence.

What the buyer's own system reports is recorded even when it comes late or out of order: an office
may report all payment steps, some or none, and its accountant may be faster than itself. Only what
cannot be is refused: paying what was rejected, or what went back to its seller for another address.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.contracts.finding import Finding
from shared.contracts.status import InvoiceStatus as S
from shared.contracts.workflow import Role, Step
from shared.errors import Conflict, Forbidden, Invalid

UNPAID = (
    S.MADE_AVAILABLE,
    S.COMPLETED,
    S.SUSPENDED,
    S.SERVICE_DONE,
    S.PAYMENT_ORDERED,
    S.SENT_TO_ACCOUNTANT,
    S.POSTED,
)
"""The buyer has it and has not sent the money."""
HELD = (*UNPAID, S.PAYMENT_SENT)
"""The buyer has it."""


@dataclass(frozen=True, slots=True)
class Move:
    """One row: an action leads from any of `sources` to `to`.

    Each entry of `evidence` must be given; `a|b` means that one of both is enough.
    """

    action: str
    by: Role
    sources: tuple[S, ...]
    to: S
    label: str
    evidence: tuple[str, ...] = ()


def but(statuses: tuple[S, ...], *excluded: S) -> tuple[S, ...]:
    """The statuses without some of them."""
    return tuple(status for status in statuses if status not in excluded)


MOVES = (
    Move("transmit", "platform", (S.DEPOSITED,), S.IN_TRANSIT, "Acheminer vers le destinataire"),
    Move(
        "deliver",
        "platform",
        (S.IN_TRANSIT,),
        S.MADE_AVAILABLE,
        "Mettre à disposition du destinataire",
    ),
    Move("misroute", "buyer", UNPAID, S.MISROUTED, "Demander le recyclage", ("reason",)),
    Move("suspend", "buyer", but(UNPAID, S.SUSPENDED), S.SUSPENDED, "Suspendre", ("reason",)),
    Move("resume", "buyer", (S.SUSPENDED,), S.MADE_AVAILABLE, "Reprendre le traitement"),
    Move("reject", "buyer", UNPAID, S.REJECTED, "Rejeter", ("reason",)),
    Move(
        "service_done",
        "buyer",
        but(HELD, S.SERVICE_DONE),
        S.SERVICE_DONE,
        "Attester le service fait",
    ),
    Move(
        "order_payment",
        "buyer",
        but(HELD, S.PAYMENT_ORDERED),
        S.PAYMENT_ORDERED,
        "Mandater",
        ("mandate_number",),
    ),
    Move(
        "send_to_accountant",
        "buyer",
        but(HELD, S.SENT_TO_ACCOUNTANT),
        S.SENT_TO_ACCOUNTANT,
        "Mettre à disposition du comptable",
    ),
    Move("post", "buyer", but(HELD, S.POSTED), S.POSTED, "Comptabiliser"),
    Move("send_payment", "buyer", but(HELD, S.PAYMENT_SENT), S.PAYMENT_SENT, "Mettre en paiement"),
    Move("complete", "seller", (S.SUSPENDED,), S.COMPLETED, "Compléter", ("comment",)),
    Move(
        "reroute",
        "seller",
        (S.MISROUTED,),
        S.DEPOSITED,
        "Corriger l'acheminement",
        ("buyer_siret|buyer_reference|order_reference",),
    ),
)

BY_ACTION = {row.action: row for row in MOVES}
PEOPLE: dict[Role, str] = {
    "seller": "le fournisseur",
    "buyer": "le destinataire",
    "platform": "la plateforme",
    "validator": "le valideur",
}
WORDS = {
    "reason": ("Motif", "un motif", "Pièce justificative absente : bon de livraison"),
    "mandate_number": ("Numéro de mandat", "le numéro de mandat", "2026-004512"),
    "comment": ("Commentaire", "un commentaire", "Le bon de livraison est joint"),
    "buyer_siret": ("SIRET du destinataire", "le SIRET du destinataire", "22310001700423"),
    "buyer_reference": ("Code service", "le code service", "DGS"),
    "order_reference": ("Numéro d'engagement", "le numéro d'engagement", "CP2020/X123456/1"),
}
"""Evidence: the word on the screen, the word in a sentence, an example."""


def allowed(status: S, role: Role) -> tuple[Move, ...]:
    """What this role may do to an invoice in this status."""
    return tuple(row for row in MOVES if row.by == role and status in row.sources)


def move(
    status: S, action: str, roles: Collection[Role], evidence: Mapping[str, str | None]
) -> Move:
    """The row that allows the action now.

    Raises Invalid (no such action, evidence missing), Forbidden (another's to do) or Conflict
    (`invalid-transition`: not from this status).
    """
    row = BY_ACTION.get(action)
    if row is None:
        raise Invalid(
            f"L'action « {action} » n'existe pas.",
            code="unknown-action",
            actions=[r.action for r in MOVES],
        )
    if row.by not in roles:
        raise Forbidden(
            f"Seul {PEOPLE[row.by]} peut faire cette action : {row.label.lower()}.", action=action
        )
    if status not in row.sources:
        raise Conflict(
            f"Action impossible au statut « {status.label} » : {row.label.lower()}.",
            code="invalid-transition",
            status=status.value,
            allowed=[r.action for role in roles for r in allowed(status, role)],
        )
    missing = [
        entry
        for entry in row.evidence
        if not any(_given(evidence, name) for name in entry.split("|"))
    ]
    if missing:
        raise Invalid(
            f"Il manque un élément pour cette action : {row.label.lower()}.",
            code="evidence-missing",
            errors=[_lack(entry) for entry in missing],
        )
    return row


def _given(evidence: Mapping[str, str | None], name: str) -> bool:
    return bool((evidence.get(name) or "").strip())


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


def onwards(status: S) -> Iterator[Move]:
    """The moves that the platform makes by itself from here."""
    while rows := allowed(status, "platform"):
        yield rows[0]
        status = rows[0].to


def opening(at: datetime) -> tuple[Step, ...]:
    """The first steps of a new invoice."""
    first = Step(sequence=1, status=S.DEPOSITED, at=at, by="platform")
    return (first, *_follow(first, at))


def after(
    last: Step,
    row: Move,
    *,
    at: datetime,
    actor: str,
    reason: str | None,
    mandate_number: str | None,
) -> tuple[Step, ...]:
    """The steps that a move adds: its own and those that the platform makes by itself."""
    own = Step(
        sequence=last.sequence + 1,
        status=row.to,
        previous=last.status,
        at=at,
        by=row.by,
        actor=actor,
        reason=reason,
        mandate_number=mandate_number,
    )
    return (own, *_follow(own, at))


def _follow(step: Step, at: datetime) -> Iterator[Step]:
    for row in onwards(step.status):
        step = Step(
            sequence=step.sequence + 1, status=row.to, previous=step.status, at=at, by=row.by
        )
        yield step


def mermaid() -> str:
    """The table as a state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {S.DEPOSITED}"]
    lines += [
        f"    {source} --> {row.to} : {row.action}" for row in MOVES for source in row.sources
    ]
    lines += [
        f"    {status} --> [*]" for status in S if not any(status in row.sources for row in MOVES)
    ]
    return "\n".join(lines) + "\n"


def table() -> str:
    """The table in Markdown."""
    lines = ["| Action | Libellé | Par | Depuis | Vers | À fournir |", "|---|---|---|---|---|---|"]
    for row in MOVES:
        sources = ", ".join(f"`{source}`" for source in row.sources)
        needed = ", ".join(f"`{entry}`".replace("|", "` ou `") for entry in row.evidence) or "–"
        lines.append(
            f"| `{row.action}` | {row.label} | {row.by} | {sources} | `{row.to}` | {needed} |"
        )
    return "\n".join(lines) + "\n"
