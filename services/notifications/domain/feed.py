"""The feed of public events: who may read which, and in which order they take their places."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.contracts.events import DEPOSIT_SETTLED, DepositEvent, DepositOutcome
from shared.contracts.ingest import DepositSettled
from shared.contracts.rights import Grant
from shared.contracts.workflow import (
    STATUS_CHANGED,
    InvoiceOpened,
    Role,
    StatusChanged,
    status_event,
)
from shared.rights import READ, allowed

HELD = timedelta(seconds=60)
"""How long an event waits for the one before it of the same invoice; then it goes without."""
TYPES = (STATUS_CHANGED, DEPOSIT_SETTLED)
"""The types of public events."""
CURSOR = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Event:
    """A public event as it is kept: whom it is for, where it stands among others, and its bytes."""

    id: str
    realm: str
    type: str
    subject: str
    sequence: int
    to: tuple[str, ...]
    """`role structure` of each who may read it."""
    department: str | None
    at: datetime
    body: str
    position: int = 0
    """In the feed, from 1; 0 while it has no place."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Events that were told together and wait for their places; ids sort by their time."""

    id: str
    at: datetime
    kept_until: datetime
    events: tuple[Event, ...]


def events(fact: InvoiceOpened | StatusChanged) -> tuple[Event, ...]:
    """The public events that a fact about an invoice stands for."""
    to = tuple(f"{role} {key}" for role, keys in parties(fact).items() for key in keys)
    told = (status_event(fact.invoice_id, fact.header, step) for step in fact.steps)
    return tuple(
        Event(
            id=event.id,
            realm=fact.realm,
            type=event.type,
            subject=event.subject,
            sequence=event.sequence,
            to=to,
            department=fact.header.buyer_reference,
            at=event.time,
            body=event.model_dump_json(),
        )
        for event in told
    )


def acknowledgement(settled: DepositSettled, at: datetime) -> DepositEvent:
    """The public event that answers a file; each state that it comes to has its own."""
    return DepositEvent(
        id=f"{settled.handing_id}-{settled.state.lower()}",
        subject=settled.handing_id,
        time=at,
        data=DepositOutcome(
            reference=settled.reference,
            filename=settled.filename,
            door=settled.door,
            deposit_id=settled.deposit_id,
            sha256=settled.certificate.sha256,
            state=settled.state,
            items=settled.items,
        ),
    )


def noted(event: DepositEvent, realm: str, structure: str) -> Event:
    """An acknowledgement as it is kept: for who may read what the structure issued."""
    return Event(
        id=event.id,
        realm=realm,
        type=event.type,
        subject=event.subject,
        sequence=event.sequence,
        to=(f"seller {structure}",),
        department=None,
        at=event.time,
        body=event.model_dump_json(),
    )


def parties(fact: InvoiceOpened | StatusChanged) -> Mapping[Role, tuple[str, ...]]:
    """Who has a part in the invoice; facts of older writers name only its two ends."""
    return fact.parties or {"seller": (fact.seller,), "buyer": (fact.buyer,)}


@dataclass(frozen=True, slots=True)
class Share:
    """What somebody may read of the feed: by role and structure, of some departments or of all."""

    to: tuple[str, ...]
    departments: tuple[str, ...] = ()


def shares(grants: Iterable[Grant], structure: str | None = None) -> tuple[Share, ...]:
    """What these grants let read, of one structure or of all."""
    whole: list[str] = []
    parts = []
    for grant in grants:
        keys = [k for k in (grant.structure, *grant.former) if structure in (None, k)]
        for role, action in READ.items():
            if not allowed(grant, action):
                continue
            to = [f"{role} {key}" for key in keys]
            if role == "buyer" and grant.departments:
                parts.append(Share(tuple(to), grant.departments))
            else:
                whole += to
    return tuple(share for share in (Share(tuple(whole)), *parts) if share.to)


def everything(structure: str) -> tuple[Share, ...]:
    """All that concerns a structure, for what it set up itself."""
    return (Share(tuple(f"{role} {structure}" for role in READ)),)


def in_order(
    arrivals: Sequence[Arrival], placed: Collection[str], patience: datetime
) -> list[tuple[Event, datetime]]:
    """Which events take their places now, each with how long it is kept: of each invoice in order
    of `sequence`, each once.

    One whose predecessor is neither `placed` nor among them is held back, unless it came before
    `patience`.
    """
    waiting = [
        (event, rank, arrival) for rank, arrival in enumerate(arrivals) for event in arrival.events
    ]
    there, first = set(placed), dict[str, int]()
    chosen = []
    for event, rank, arrival in sorted(waiting, key=lambda one: (one[0].subject, one[0].sequence)):
        follows = event.sequence <= 1 or before(event) in there or arrival.at < patience
        if follows and event.id not in there:
            chosen.append((event, arrival.kept_until))
            there.add(event.id)
            first[event.subject] = min(rank, first.get(event.subject, rank))
    return sorted(chosen, key=lambda one: (first[one[0].subject], one[0].sequence))


def before(event: Event) -> str:
    """The id of the event before it of the same invoice."""
    return f"{event.subject}-{event.sequence - 1}"
