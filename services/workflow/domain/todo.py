"""ASKED: what is asked of whom in a status; the one list behind « à faire »."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.workflow.domain.acts import ACTS, open_acts
from services.workflow.domain.lifecycle import MOVES
from services.workflow.domain.record import Record
from services.workflow.domain.scopes import turn
from services.workflow.domain.telling import AWAITED
from shared.contracts.status import InvoiceStatus as S
from shared.contracts.workflow import Role

TREAT = "treat"
TO_TREAT = (S.MADE_AVAILABLE, S.COMPLETED)
"""Where the buyer has done nothing yet, or was answered; what it does next is its own choice."""
ASKED: Mapping[S, tuple[Role, str]] = {**AWAITED, **dict.fromkeys(TO_TREAT, ("buyer", TREAT))}


@dataclass(frozen=True, slots=True)
class Required:
    """An action that is asked of a role, in words."""

    role: Role
    action: str
    label: str


def _required() -> tuple[Required, ...]:
    words = {(row.by, row.action): row.label for row in (*MOVES, *ACTS)}
    words["seller", "acknowledge"] = "Accuser réception d'un rejet"
    words["buyer", TREAT] = "Traiter"
    asked = dict.fromkeys((*ASKED.values(), *((row.by, row.action) for row in ACTS)))
    return tuple(Required(role, action, words[role, action]) for role, action in asked)


REQUIRED = _required()
"""Everything that may be asked of anybody."""


def required(record: Record) -> tuple[Role, str] | None:
    """What is asked of whom now; of a refused invoice, what its seller has not yet declared."""
    if found := ASKED.get(record.status):
        return found
    acts = open_acts(record.steps[-1], record.done, "seller")
    return ("seller", acts[0].action) if acts else None


def asks(action: str, scope: str) -> str:
    """The word for an action that is asked within a scope."""
    return f"{action} {scope}"


def todo(record: Record) -> tuple[str, ...]:
    """The words for what an invoice asks now."""
    found = required(record)
    if found is None:
        return ()
    role, action = found
    return tuple(asks(action, scope) for scope in turn(record, role))
