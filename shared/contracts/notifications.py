"""What notifications promises."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field

from shared.contracts.doors import DocumentPickedUp, DocumentWanted, FileHandedIn
from shared.contracts.message import Message, Shape
from shared.contracts.preferences import AddressBounced
from shared.contracts.webhooks import WebhookSwitchedOff


class DeliveryDue(Message):
    """A mail is written and waits to be sent."""

    TOPIC: ClassVar[str] = "notifications.delivery-due.v1"
    delivery_id: str


class ConnectorOpened(Message):
    """A structure now receives its status events in an AMQP queue of its own."""

    TOPIC: ClassVar[str] = "notifications.connector-opened.v1"
    realm: str
    structure: str
    queue: str
    version: int
    department: str | None = None
    """Of which it hears alone; None for the whole structure."""


class ConnectorClosed(Message):
    """A structure, or one department, no longer has a queue."""

    TOPIC: ClassVar[str] = "notifications.connector-closed.v1"
    realm: str
    structure: str
    department: str | None = None
    version: int


class EventsUnfetched(Message):
    """Events wait in a queue whose owner has fetched nothing for days."""

    TOPIC: ClassVar[str] = "notifications.events-unfetched.v1"
    realm: str
    structure: str
    department: str | None = None
    queue: str
    waiting: int
    since: datetime
    at: datetime


class WaitingInvoice(Shape):
    """An invoice of which its buyer's program has not heard."""

    number: str
    since: datetime


class InvoicesUnfetched(Message):
    """A buyer's program has fetched nothing for days: the seller of invoices among it is told."""

    TOPIC: ClassVar[str] = "notifications.invoices-unfetched.v1"
    realm: str
    buyer: str
    seller: str
    invoices: tuple[WaitingInvoice, ...]
    """The first twenty."""
    since: datetime
    at: datetime


def connector_key(structure: str, department: str | None) -> str:
    """What tells the queues of one structure apart."""
    return f"{structure}#{department}" if department else structure


PROMISES = (
    DeliveryDue,
    ConnectorOpened,
    ConnectorClosed,
    EventsUnfetched,
    InvoicesUnfetched,
    WebhookSwitchedOff,
    FileHandedIn,
    DocumentWanted,
    DocumentPickedUp,
    AddressBounced,
)


class ConnectorRequest(Shape):
    """Asking for an AMQP queue for a structure."""

    structure: str = Field(max_length=120)
    department: str | None = Field(None, max_length=60)
    """Its code, to hear of its invoices alone."""


class Connector(Shape):
    """The address of a queue; the password inside is shown once."""

    structure: str
    queue: str
    amqp_url: str


class ConnectorView(Shape):
    """A connector without its secret."""

    structure: str
    queue: str
    department: str | None = None
    opened_at: datetime
    rotated_at: datetime


class ConnectorStatus(ConnectorView):
    """A connector and how far its owner is."""

    waiting: int
    """Events in the queue."""
    in_hand: int
    """Of them handed out and not yet acknowledged."""
    fetched_at: datetime | None
    """When the queue was seen to shrink last, within a minute."""
    idle_since: datetime | None
    """Since when events wait and the queue does not shrink."""
    late: bool
    """Whether that is so long that both sides were told."""


class ConnectorPage(Shape):
    """One page of connectors."""

    items: tuple[ConnectorView, ...]
    next_cursor: str | None = None


DeliveryState = Literal["DUE", "HELD", "MERGED", "SENT", "SILENCED", "REFUSED", "GIVEN_UP"]
"""HELD and MERGED: it becomes, or became, a line of a mail that gathers several; SILENCED: its
reader wants none of its kind."""


class DeliveryView(Shape):
    """A mail: to whom, about what, and the proof that it left or the reason why not."""

    id: str
    structure: str | None
    notice: str
    subject: str
    to: str | None
    state: DeliveryState
    created_at: datetime
    sent_at: datetime | None = None
    message_id: str | None = None
    reply: str | None = None
    """What the mail server answered last."""
    failures: int = 0
    next_try_at: datetime | None = None


class DeliveryPage(Shape):
    """One page of mails, newest first."""

    items: tuple[DeliveryView, ...]
    next_cursor: str | None = None
