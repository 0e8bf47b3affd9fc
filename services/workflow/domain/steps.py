"""The steps of a life: numbered from 1 without holes, made only from rows of the table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.workflow.domain.lifecycle import Circuit, Move, onwards, opening
from shared.contracts.status import InvoiceStatus
from shared.contracts.workflow import Correction, Step


@dataclass(frozen=True, slots=True)
class Said:
    """Who made a move, and what was said with it."""

    actor: str | None = None
    reason: str | None = None
    reason_code: str | None = None
    mandate_number: str | None = None
    comment: str | None = None
    corrections: tuple[Correction, ...] = ()
    attachments: tuple[str, ...] = ()


def first(at: datetime, circuit: Circuit) -> tuple[Step, ...]:
    """The first steps of a new invoice."""
    step = Step(sequence=1, status=opening(circuit), at=at, by="platform")
    return (step, *_follow(step, at, circuit))


def after(last: Step, row: Move, circuit: Circuit, *, at: datetime, said: Said) -> tuple[Step, ...]:
    """The steps that a move adds: its own and those that the platform makes by itself."""
    own = Step(
        sequence=last.sequence + 1,
        status=row.to,
        previous=last.status,
        at=at,
        by=row.by,
        actor=said.actor,
        reason=said.reason,
        reason_code=said.reason_code,
        mandate_number=said.mandate_number,
        comment=said.comment,
        corrections=said.corrections,
        attachments=said.attachments,
    )
    return (own, *_follow(own, at, circuit))


def _follow(step: Step, at: datetime, circuit: Circuit) -> Iterator[Step]:
    for row in onwards(step.status, circuit):
        step = Step(
            sequence=step.sequence + 1, status=row.to, previous=step.status, at=at, by=row.by
        )
        yield step


def arrived(steps: Sequence[Step], statuses: Sequence[InvoiceStatus]) -> Step | None:
    """The step with which an invoice came into these statuses, if it is in one of them now."""
    found = None
    for step in reversed(steps):
        if step.status not in statuses:
            break
        found = step
    return found
