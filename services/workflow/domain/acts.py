"""ACTS: what people do about an invoice that changes no status, and is kept in its history.

A seller acknowledges a refusal or a suspension, and declares that a refusal was dealt with. The
acknowledgement may be given at once and is demanded after 7 days (dossier §2.2).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.workflow.domain.lifecycle import PEOPLE, REFUSED
from shared.contracts.status import InvoiceStatus as S
from shared.contracts.workflow import Acknowledgement, Done, Role, Step
from shared.errors import Conflict, Forbidden

DEMANDED_AFTER = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Act:
    """A row: in one of these statuses, this role may record this, once a stay."""

    action: str
    by: Role
    statuses: tuple[S, ...]
    chorus: str
    label: str

    def done(self, last: Step, at: datetime, actor: str | None) -> Done:
        """That it was recorded, about this step."""
        return Done(
            action=self.action,
            chorus_code=self.chorus,
            label=self.label,
            at=at,
            by=self.by,
            actor=actor,
            sequence=last.sequence,
        )


ACTS = (
    Act("acknowledge", "seller", REFUSED, "ACQUITTEMENT_REJET", "Accuser réception du rejet"),
    Act("acknowledge", "seller", (S.SUSPENDED,), "ACQUITTEMENT_SUSPENSION", "Accuser réception de la suspension"),
    Act("deal_with_rejection", "seller", REFUSED, "TRAITEMENT_REJET", "Déclarer le rejet traité"),
)  # fmt: skip
ACTIONS = tuple(dict.fromkeys(row.action for row in ACTS))


def open_acts(last: Step, done: Sequence[Done], role: Role) -> tuple[Act, ...]:
    """What this role may record now."""
    return tuple(
        row
        for row in ACTS
        if row.by == role and last.status in row.statuses and not _was_done(row, last, done)
    )


def act(last: Step, done: Sequence[Done], action: str, roles: Collection[Role]) -> Act:
    """The row that allows it now. Raises Forbidden, or Conflict (`invalid-transition`)."""
    rows = [row for row in ACTS if row.action == action]
    mine = [row for row in rows if row.by in roles]
    if not mine:
        raise Forbidden(
            f"Seul {PEOPLE[rows[0].by]} peut faire cette action : {rows[0].label.lower()}.",
            action=action,
        )
    found = next((row for row in mine if last.status in row.statuses), None)
    if found is None or _was_done(found, last, done):
        why = "C'est déjà fait" if found else f"Action impossible au statut « {last.status.label} »"
        label = (found or mine[0]).label.lower()
        raise Conflict(f"{why} : {label}.", code="invalid-transition", status=last.status.value)
    return found


def _was_done(row: Act, last: Step, done: Sequence[Done]) -> bool:
    return any(d.action == row.action and d.sequence == last.sequence for d in done)


def acknowledgement(last: Step, done: Sequence[Done], at: datetime) -> Acknowledgement | None:
    """Whether the seller has seen the refusal or the suspension, if there is one."""
    row = next((r for r in ACTS if r.action == "acknowledge" and last.status in r.statuses), None)
    if row is None:
        return None
    given = next(
        (d.at for d in done if d.action == row.action and d.sequence == last.sequence), None
    )
    due = last.at + DEMANDED_AFTER
    return Acknowledgement(
        chorus_code=row.chorus,
        since=last.at,
        due_at=due,
        given_at=given,
        required=given is None and at >= due,
    )
