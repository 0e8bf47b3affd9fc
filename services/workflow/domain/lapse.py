"""What a delay does to an invoice when it is over."""

from dataclasses import dataclass
from datetime import datetime

from services.workflow.domain import steps as life
from services.workflow.domain import telling
from services.workflow.domain.acts import acknowledgement
from services.workflow.domain.delays import Timer, fired, timers
from services.workflow.domain.lifecycle import allowed
from services.workflow.domain.record import Record
from shared.contracts.workflow import ActionAwaited

TACIT = "Absence de réponse dans le délai : validation tacite."


@dataclass(frozen=True, slots=True)
class Lapse:
    """An invoice after a delay, and who is reminded."""

    record: Record
    reminders: tuple[ActionAwaited, ...] = ()


def lapse(record: Record, timer: Timer) -> Lapse:
    """What this delay does now: nothing when the invoice has moved on meanwhile.

    The step of a delay bears the time at which the delay ended, however late it is seen to.
    """
    row = fired(timer, record.steps)
    came = life.arrived(record.steps, row.statuses) if row else None
    if row is None or came is None:
        return Lapse(record)
    if row.effect == "remind":
        seen = acknowledgement(record.steps[-1], record.done, timer.due)
        if row.action == "acknowledge" and seen and seen.given_at:
            return Lapse(record)
        return Lapse(record, telling.awaited(record, row.whom, row.action, came, row.days))
    circuit = record.circuit()
    move = next(m for m in allowed(record.status, "platform", circuit) if m.action == row.action)
    said = life.Said(reason=TACIT)
    return Lapse(
        record.stepped(life.after(record.steps[-1], move, circuit, at=timer.due, said=said))
    )


def overdue(record: Record, at: datetime) -> Timer | None:
    """The delay that has ended and must have its effect before anybody acts on the invoice."""
    for timer in timers(record.id, record.steps, len(record.steps)):
        row = fired(timer, record.steps)
        if timer.due <= at and row and row.effect == "act":
            return timer
    return None
