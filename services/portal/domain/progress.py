"""The named steps of a deposit, and how far each is; pure."""

from dataclasses import dataclass
from typing import Literal

from shared.contracts.ingest import DepositState, DepositView


@dataclass(frozen=True, slots=True)
class Step:
    """A step of reading a file."""

    label: str
    state: Literal["done", "now", "waiting", "failed"]


LABELS = ("Reçu", "Contrôle de sûreté", "Lecture et reconnaissance", "Contrôles", "Prêt")
REACHED = {
    DepositState.RECEIVED: 1,
    DepositState.READING: 3,
    DepositState.AWAITING_CONFIRMATION: 5,
    DepositState.INTEGRATED: 5,
    DepositState.PARTLY_INTEGRATED: 5,
    DepositState.REJECTED: 5,
}


def steps(deposit: DepositView) -> tuple[Step, ...]:
    """Every step; one is under way until all are done."""
    reached = REACHED[deposit.state]
    failed = deposit.state is DepositState.REJECTED
    return tuple(
        Step(
            label,
            "failed"
            if failed and at == len(LABELS) - 2
            else "done"
            if at < reached
            else "now"
            if at == reached
            else "waiting",
        )
        for at, label in enumerate(LABELS)
    )
