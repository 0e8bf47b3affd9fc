"""DELAYS: what happens when an invoice stays in a status for so many days.

A delay begins with the step that brought the invoice there; whatever takes it away ends it. Days are
whole days of 24 hours, so that a date is shown to the minute and no clock change moves it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from services.workflow.domain.lifecycle import REFUSED, WITH_PROJECT_MANAGER
from services.workflow.domain.steps import arrived
from shared.contracts.status import InvoiceStatus as S
from shared.contracts.workflow import Role, Step


@dataclass(frozen=True, slots=True)
class Delay:
    """A row: after `days` in one of `statuses`, `whom` is reminded, or the row of `action` is taken."""

    statuses: tuple[S, ...]
    days: int
    effect: Literal["remind", "act"]
    whom: Role
    action: str
    source: str


DELAYS = (
    Delay((S.TO_VALIDATE_1,), 7, "remind", "validator", "validate", "experience: reminders at day 7 and 13"),
    Delay((S.TO_VALIDATE_1,), 13, "remind", "validator", "validate", "experience: reminders at day 7 and 13"),
    Delay((S.TO_VALIDATE_1,), 15, "act", "platform", "expire", "dossier §2.5: tacit validation after 15 days"),
    Delay((S.TO_VALIDATE_2,), 7, "remind", "validator", "validate", "experience: reminders at day 7 and 13"),
    Delay((S.TO_VALIDATE_2,), 13, "remind", "validator", "validate", "experience: reminders at day 7 and 13"),
    Delay((S.TO_VALIDATE_2,), 15, "act", "platform", "expire", "dossier §2.5: tacit validation after 15 days"),
    Delay(WITH_PROJECT_MANAGER, 5, "remind", "project_manager", "link", "ours: two days before the end"),
    Delay(WITH_PROJECT_MANAGER, 7, "remind", "project_manager", "link", "dossier §2.6: the project manager has 7 days"),
    Delay((S.SUSPENDED,), 7, "remind", "seller", "acknowledge", "dossier §2.2: acknowledgement is due after 7 days"),
    Delay(REFUSED, 7, "remind", "seller", "acknowledge", "dossier §2.2: acknowledgement is due after 7 days"),
)  # fmt: skip
WATCHED = frozenset(status for row in DELAYS for status in row.statuses)


@dataclass(frozen=True, slots=True)
class Timer:
    """A delay that runs for one invoice; the same delay of the same stay always has the same id."""

    id: str
    invoice_id: str
    sequence: int
    """Of the step with which the stay began."""
    days: int
    due: datetime

    @property
    def mark(self) -> str:
        """What makes its effect one, however many see to it."""
        return f"timer:{self.id}"


def timers(invoice_id: str, steps: Sequence[Step], new: int) -> tuple[Timer, ...]:
    """The delays that begin with one of the last `new` steps."""
    if steps[-1].status not in WATCHED:
        return ()
    found = []
    for row in DELAYS:
        came = arrived(steps, row.statuses)
        if came and came.sequence > steps[-1].sequence - new:
            due = came.at + timedelta(days=row.days)
            id = f"{invoice_id}:{came.sequence}:{row.days}"
            found.append(Timer(id, invoice_id, came.sequence, row.days, due))
    return tuple(found)


def fired(timer: Timer, steps: Sequence[Step]) -> Delay | None:
    """What a timer does to an invoice; None when the invoice has moved on."""
    for row in DELAYS:
        came = arrived(steps, row.statuses)
        if row.days == timer.days and came and came.sequence == timer.sequence:
            return row
    return None


def deadline(steps: Sequence[Step]) -> datetime | None:
    """When the last delay of the present stay ends."""
    ends = [
        came.at + timedelta(days=row.days)
        for row in DELAYS
        if (came := arrived(steps, row.statuses))
    ]
    return max(ends, default=None)
