"""Whose turn it is, in words."""

from datetime import datetime, timedelta

from services.workflow.domain.delays import deadline
from services.workflow.domain.lifecycle import MOVES, PEOPLE
from services.workflow.domain.payment import PARIS, days
from services.workflow.domain.record import Record
from services.workflow.domain.steps import arrived
from services.workflow.domain.telling import ASKED, AWAITED
from shared.contracts.status import InvoiceStatus as S
from shared.contracts.workflow import Awaited, Role

TACIT = (S.TO_VALIDATE_1, S.TO_VALIDATE_2)


def moment(at: datetime) -> str:
    """A time as it is written in Paris, to the minute."""
    local = at.astimezone(PARIS)
    return f"{local:%d/%m/%Y} à {local:%H} h {local:%M}"


def awaited(record: Record, at: datetime) -> Awaited | None:
    """Who must act now, if it is anybody in particular."""
    found = AWAITED.get(record.status)
    came = arrived(record.steps, (record.status,))
    structure = record.player(found[0]) if found else None
    if found is None or came is None or structure is None:
        return None
    role, action = found
    label = next(row.label for row in MOVES if row.action == action and row.by == role)
    until = deadline(record.steps) if record.status in ASKED else None
    waited = max(at - came.at, timedelta(0)).days
    since = f" depuis {days(waited)}" if waited else ""
    text = f"C'est {_to(role)} d'agir{since} : {label[0].lower()}{label[1:]}."
    if until:
        tacit = record.status in TACIT
        end = "validation tacite le" if tacit else "à faire avant le"
        text = f"{text[:-1]} ; {end} {moment(until)}."
    return Awaited(
        role=role,
        structure=structure,
        action=action,
        label=label,
        since=came.at,
        until=until,
        text=text,
    )


def _to(role: Role) -> str:
    """Who it is, after « c'est »."""
    name = PEOPLE[role]
    return f"au {name[3:]}" if name.startswith("le ") else f"à {name}"
