"""The feed of events over HTTP: the same bodies as on AMQP and by webhook."""

from datetime import datetime
from typing import Literal

from shared.contracts.doors import Door
from shared.contracts.ingest import DepositItem, DepositState
from shared.contracts.message import Shape
from shared.contracts.workflow import CloudEvent

DEPOSIT_SETTLED = "chorale.deposit.settled.v1"


class DepositOutcome(Shape):
    """What became of a file that was handed in by SFTP or AMQP."""

    reference: str | None
    """What its sender called it: the `message_id` of an AMQP message."""
    filename: str
    door: Door
    deposit_id: str | None
    sha256: str | None
    state: DepositState
    message: str | None = None
    """Why it was not even taken."""
    items: tuple[DepositItem, ...] = ()


class DepositEvent(Shape):
    """CloudEvents 1.0: the acknowledgement of a file, the same body at every door."""

    specversion: Literal["1.0"] = "1.0"
    id: str
    source: Literal["/chorale/ingest"] = "/chorale/ingest"
    type: Literal["chorale.deposit.settled.v1"] = "chorale.deposit.settled.v1"
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    sequence: int = 1
    data: DepositOutcome


class EventPage(Shape):
    """Events in the order of the feed, and where to go on reading."""

    items: tuple[CloudEvent | DepositEvent, ...]
    next_cursor: str
    """Give it back as `cursor` for what comes after, now or later."""
    more: bool
    """Whether there is more at once."""
