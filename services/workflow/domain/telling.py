"""What is told of an invoice: public events for partners, facts for the other services."""

from collections.abc import Iterable, Iterator, Mapping

from services.workflow.domain.delays import deadline
from services.workflow.domain.record import Record
from shared.contracts.status import InvoiceStatus as S
from shared.contracts.workflow import (
    ActionAwaited,
    CloudEvent,
    Role,
    StatusChanged,
    Step,
    status_event,
)

ROUTING = "invoice.status-changed."
AWAITED: Mapping[S, tuple[Role, str]] = {
    S.TO_VALIDATE_1: ("validator", "validate"),
    S.TO_VALIDATE_2: ("validator", "validate"),
    S.VALIDATOR_ERROR: ("seller", "name_validator"),
    S.VALIDATOR_ERROR_2: ("validator", "name_validator"),
    S.TO_LINK_BY_PROJECT_MANAGER: ("project_manager", "link"),
    S.TAKEN_BY_PROJECT_MANAGER: ("project_manager", "link"),
    S.SELLER_ERROR_ON_PROJECT_MANAGER: ("seller", "name_project_manager"),
    S.TO_LINK_BY_PROJECT_OWNER: ("project_owner", "link"),
    S.TAKEN_BY_PROJECT_OWNER: ("project_owner", "link"),
    S.SELLER_ERROR_ON_PROJECT_OWNER: ("seller", "name_project_owner"),
    S.PROJECT_MANAGER_ERROR_ON_PROJECT_OWNER: ("project_manager", "name_project_owner"),
    S.TO_LINK_BY_SELLER: ("seller", "link"),
    S.SUSPENDED: ("seller", "complete"),
    S.MISROUTED: ("seller", "reroute"),
}
"""Whose turn it is in a status, and to do what; in others it is nobody's or the buyer's."""
ASKED = (
    S.TO_VALIDATE_1,
    S.TO_VALIDATE_2,
    S.TO_LINK_BY_PROJECT_MANAGER,
    S.TO_LINK_BY_PROJECT_OWNER,
    S.TO_LINK_BY_SELLER,
)
"""Where whose turn it is must be told so, since no fact about a status is addressed to it."""


def routing_keys(record: Record, queues: Iterable[str]) -> tuple[str, ...]:
    """Where public events go: the key that names the buyer, then the hearers' queues.

    An identifier may be in several realms, so that no queue is bound to the first; the name of a
    queue is of one realm alone.
    """
    return (ROUTING + record.buyer.split("/", 2)[2], *queues)


def events(record: Record, steps: Iterable[Step]) -> Iterator[CloudEvent]:
    """The public events of some of its steps."""
    return (status_event(record.id, record.header, step) for step in steps)


def changed(record: Record, steps: tuple[Step, ...]) -> StatusChanged:
    """The fact that it made some steps."""
    return StatusChanged(
        invoice_id=record.id,
        realm=record.realm,
        seller=record.seller,
        buyer=record.buyer,
        validators=record.validators,
        parties=record.played_by,
        header=record.header,
        steps=steps,
    )


def asked(record: Record) -> tuple[ActionAwaited, ...]:
    """The fact that it waits for somebody since its last step, if it does."""
    if record.status not in ASKED:
        return ()
    role, action = AWAITED[record.status]
    return awaited(record, role, action, record.steps[-1], 0)


def awaited(
    record: Record, role: Role, action: str, since: Step, days: int
) -> tuple[ActionAwaited, ...]:
    """The fact that it waits for somebody, and has done so for some days."""
    structure = record.player(role)
    if structure is None:
        return ()
    fact = ActionAwaited(
        invoice_id=record.id,
        realm=record.realm,
        seller=record.seller,
        buyer=record.buyer,
        structure=structure,
        role=role,
        action=action,
        header=record.header,
        status=record.status,
        sequence=since.sequence,
        since=since.at,
        days=days,
        until=deadline(record.steps),
    )
    return (fact,)
