"""What notifications promises."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field

from shared.contracts.doors import FileHandedIn
from shared.contracts.message import Message, Shape
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


PROMISES = (DeliveryDue, ConnectorOpened, WebhookSwitchedOff, FileHandedIn)


class ConnectorRequest(Shape):
    """Asking for an AMQP queue for a structure."""

    structure: str = Field(max_length=120)


class Connector(Shape):
    """The address of a queue; the password inside is shown once."""

    structure: str
    queue: str
    amqp_url: str


class ConnectorView(Shape):
    """A connector without its secret."""

    structure: str
    queue: str
    opened_at: datetime
    rotated_at: datetime


class ConnectorPage(Shape):
    """One page of connectors."""

    items: tuple[ConnectorView, ...]
    next_cursor: str | None = None


DeliveryState = Literal["DUE", "SENT", "REFUSED", "GIVEN_UP"]


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
