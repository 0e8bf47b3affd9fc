"""What notifications promises."""

from typing import ClassVar

from pydantic import Field

from shared.contracts.message import Message, Shape


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


PROMISES = (DeliveryDue, ConnectorOpened)


class ConnectorRequest(Shape):
    """Asking for an AMQP queue for a structure."""

    structure: str = Field(max_length=120)


class Connector(Shape):
    """The address of a queue; the password inside is shown once."""

    structure: str
    queue: str
    amqp_url: str
