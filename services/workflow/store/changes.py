"""What a move saves and tells, as one change."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.workflow.domain import telling
from services.workflow.domain.delays import timers
from services.workflow.domain.record import Record
from services.workflow.store import Store
from shared.contracts.message import Message
from shared.contracts.workflow import PartyMet, Step
from shared.mongo import Write
from shared.outbox import Change, Public


@dataclass(frozen=True, slots=True)
class Moved:
    """An invoice after a move, what it was before, and what else the move saves and tells."""

    record: Record
    was: Record
    save: tuple[Write, ...] = ()
    tell: tuple[Message, ...] = ()
    met: tuple[PartyMet, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps that it made."""
        return self.record.steps[len(self.was.steps) :]


async def change(store: Store, moved: Moved, once: str | None = None) -> Change:
    """The change that makes a move so: the steps, the delays that begin, and whom it concerns."""
    steps = moved.steps
    told: list[Message | Public] = []
    if steps:
        told = [
            telling.changed(moved.record, steps),
            *telling.asked(moved.record),
            *await events(store, moved.record, steps),
        ]
    save = [
        *store.moved(moved.record, moved.was),
        *delays(store, moved.record, len(steps)),
        *(store.meet(party) for party in moved.met),
        *moved.save,
    ]
    return Change(save, [*told, *moved.tell, *moved.met], once)


def delays(store: Store, record: Record, new: int) -> Sequence[Write]:
    """The delays that begin with the last `new` steps."""
    return [store.start(timer) for timer in timers(record.id, record.steps, new)]


async def events(store: Store, record: Record, steps: Sequence[Step]) -> list[Public]:
    """The public events of some steps, if anybody has a queue for them."""
    queues = await store.queues(record)
    if not queues:
        return []
    keys = telling.routing_keys(record, queues)
    return [Public(event, keys) for event in telling.events(record, steps)]
