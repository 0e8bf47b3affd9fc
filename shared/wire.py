"""Messages of the broker as they come and go, in the driver's form."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aio_pika
from aio_pika.abc import AbstractIncomingMessage
from aio_pika.exceptions import AMQPException

from shared import logs
from shared.parcel import Fact, Parcel

BrokerError = (AMQPException, OSError, TimeoutError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A parcel as it arrived."""

    facts: tuple[Fact, ...]
    message: AbstractIncomingMessage

    @property
    def count(self) -> int:
        """How often the broker delivered it before."""
        return int(self.message.headers.get("x-delivery-count", 0) or 0)  # type: ignore[arg-type]

    async def ack(self) -> None:
        """Say that it is dealt with; a connection lost by now only means that it comes again."""
        try:
            await self.message.ack()
        except BrokerError as error:
            logs.logger().warning("ack_lost", error=str(error))


Receive = Callable[[Delivery], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Foreign:
    """A message that somebody outside published: nothing of it is known to be true."""

    body: bytes
    key: str
    headers: dict[str, Any]
    message_id: str | None
    message: AbstractIncomingMessage

    async def ack(self) -> None:
        """Say that it is dealt with; a connection lost by now only means that it comes again."""
        with suppress(*BrokerError):
            await self.message.ack()

    async def back(self) -> None:
        """Give it back, to come again."""
        with suppress(*BrokerError):
            await self.message.nack(requeue=True)


ReceiveForeign = Callable[[Foreign], Awaitable[None]]


def message_of(parcel: Parcel) -> aio_pika.Message:
    """The driver's message: always persistent."""
    headers: dict[str, Any] = dict(parcel.headers or {})
    if len(parcel.keys) > 1:
        headers["CC"] = list(parcel.keys[1:])
    return aio_pika.Message(
        parcel.body,
        message_id=parcel.message_id,
        content_type=parcel.content_type,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        headers=headers,
        app_id="chorale",
    )
