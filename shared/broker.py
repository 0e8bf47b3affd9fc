"""RabbitMQ: topology, confirmed publishing, consuming, retry and dead letters.

Facts travel in parcels: one AMQP message carries up to `PARCEL` facts of one topic, since the cost
of a message is the client's and not the fact's. What fails is retried after 10 s, 1 min and 10 min
by way of three shared queues, then set aside in `<queue>.dead` with its reason.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

import aio_pika
from aio_pika.abc import (
    AbstractChannel,
    AbstractConnection,
    AbstractExchange,
    AbstractIncomingMessage,
    AbstractQueue,
)

from shared import clock, logs, topology
from shared.parcel import DEAD, RETRY, Fact, Parcel, pack, unpack
from shared.wire import BrokerError, Delivery, Foreign, Receive, ReceiveForeign, message_of

TIERS = (10, 60, 600)
"""Seconds before the second, third and fourth try."""
PUBLISH_SECONDS, LINK_SECONDS = 10.0, 30.0
DECLARE_TRIES, DECLARE_PAUSE = 8, 0.5
HEARTBEAT = 5


class Broker:
    """A link to a virtual host: a connection to publish, and one to hear, with a channel a queue.

    Two, since a broker in alarm reads nothing from a connection that publishes: what was heard
    must be acknowledged even then, or no queue would ever shrink. A link that breaks anywhere is
    thrown away whole and made anew, and what was heard is heard again: plain connections under a
    rule of our own, since aio-pika's robust ones lose channels when a link breaks while it is
    being restored.
    """

    def __init__(self, url: str, name: str) -> None:
        self._url, self._name = url, name
        self._connections: tuple[AbstractConnection, ...] = ()
        self._out: AbstractChannel | None = None
        self._exchanges: dict[str, AbstractExchange] = {}
        self._heard: list[tuple[str, int, Receive]] = []
        self._taken: list[tuple[str, int, ReceiveForeign]] = []
        self._consumers: list[tuple[AbstractQueue, str]] = []
        self._broken = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        """Whether it can publish now."""
        return self._out is not None and not self._broken.is_set()

    async def connect(self) -> None:
        """Connect, and stay connected from now on; raises when it is not answered in time."""
        await self._link()
        self._keeper = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Close the link for good."""
        if self._keeper:
            self._keeper.cancel()
        await self._unlink()

    async def _link(self) -> None:
        """Make it whole; aiormq can wait for ever for a link that is cut meanwhile."""
        async with asyncio.timeout(LINK_SECONDS):
            await self._make()

    async def _make(self) -> None:
        self._broken.clear()
        for way in ("out", "in"):
            made = await aio_pika.connect(
                self._url,
                timeout=PUBLISH_SECONDS,
                heartbeat=HEARTBEAT,
                client_properties={"connection_name": f"{self._name} {way}"},
            )
            made.close_callbacks.add(self._break)
            self._connections += (made,)
        self._out = await self._channel()
        for queue, prefetch, receive in self._heard:
            await self._consume(queue, prefetch, receive)
        for queue, prefetch, take in self._taken:
            await self._take(queue, prefetch, take)

    async def _unlink(self) -> None:
        self._out, connections, self._connections = None, self._connections, ()
        self._exchanges.clear()
        self._consumers.clear()
        await asyncio.gather(*(self._end(connection) for connection in connections))

    async def _end(self, connection: AbstractConnection) -> None:
        connection.close_callbacks.discard(self._break)  # it is no longer part of the link
        for _ in range(2):  # the second time lets go of a wire that does not answer
            if not connection.is_closed:
                with suppress(*BrokerError, asyncio.CancelledError):
                    await asyncio.wait_for(connection.close(), 3)

    def _break(self, *_: Any) -> None:
        self._broken.set()

    async def _keep(self) -> None:
        """Make the link anew whenever it breaks, with pauses that grow and differ."""
        while True:
            await self._broken.wait()
            pause = 0.1
            while self._broken.is_set():
                await self._unlink()
                await asyncio.sleep(clock.jitter(pause))
                pause = min(pause * 2, 3.0)
                try:
                    await self._link()
                except asyncio.CancelledError:
                    task = asyncio.current_task()
                    if task and task.cancelling():
                        raise
                    self._broken.set()
                except Exception as error:
                    self._broken.set()
                    logs.logger().warning("broker_unreachable", error=repr(error)[:200])
            logs.logger().info("broker_linked_again")

    async def _channel(self, prefetch: int | None = None) -> AbstractChannel:
        """A channel to hear with, so many messages in hand at most, else one to publish with."""
        if not self._connections:
            raise ConnectionError("not connected")
        connection = self._connections[-1 if prefetch else 0]
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        channel.close_callbacks.add(self._break)
        if prefetch:
            await channel.set_qos(prefetch_count=prefetch)
        return channel

    async def declare_exchanges(self) -> None:
        """Declare the exchanges and the shared retry queues."""
        await self._declare(lambda channel: topology.exchanges(channel, TIERS))

    async def declare_queue(self, name: str, topics: Iterable[str]) -> None:
        """Declare the queue of a handler, bound to its topics, and its dead-letter queue."""
        bound = tuple(topics)
        await self._declare(lambda channel: topology.queue(channel, name, bound))

    async def _declare(self, declare: Callable[[AbstractChannel], Awaitable[None]]) -> None:
        """Declare, and again when the broker breaks the link over it.

        RabbitMQ does so when two processes make the same quorum queue at the same moment.
        """
        for patience in range(DECLARE_TRIES, 0, -1):
            try:
                if self._out is None:
                    raise ConnectionError("not connected")
                return await asyncio.wait_for(declare(self._out), PUBLISH_SECONDS)
            except (*BrokerError, asyncio.CancelledError) as error:
                task = asyncio.current_task()
                if patience == 1 or (task and task.cancelling()):
                    raise
                logs.logger().warning("declaring_again", error=repr(error)[:200])
                await asyncio.sleep(clock.jitter(DECLARE_PAUSE))

    async def depth(self, queues: Iterable[str]) -> int:
        """How many messages wait in these queues, which exist; those in hand do not count."""
        async with asyncio.timeout(PUBLISH_SECONDS):
            channel = await self._channel(prefetch=1)
            try:
                found = [await channel.declare_queue(name, passive=True) for name in queues]
            finally:
                channel.close_callbacks.discard(self._break)
                await channel.close()
        return sum(queue.declaration_result.message_count or 0 for queue in found)

    async def consume(self, queue: str, prefetch: int, receive: Receive) -> None:
        """Hear a queue; `receive` only takes in hand what arrives, the work is done elsewhere.

        A link that breaks over it, as over a queue that another process makes at this moment, is
        made anew and hears the queue then.
        """
        self._heard.append((queue, prefetch, receive))
        try:
            await self._consume(queue, prefetch, receive)
        except (*BrokerError, asyncio.CancelledError) as error:
            task = asyncio.current_task()
            if task and task.cancelling():
                raise
            logs.logger().warning("hearing_later", queue=queue, error=repr(error)[:200])
            self._break()

    async def _consume(self, queue: str, prefetch: int, receive: Receive) -> None:
        channel = await self._channel(prefetch)
        heard = await channel.get_queue(queue, ensure=False)

        async def arrived(message: AbstractIncomingMessage) -> None:
            try:
                delivery = Delivery(tuple(unpack(message.body)), message)
            except ValueError as error:
                await self.bury(
                    queue, message.body, message.message_id or "", f"unreadable: {error}"
                )
                await message.ack()
                return
            await receive(delivery)

        self._consumers.append((heard, await heard.consume(arrived)))

    async def take(self, queue: str, prefetch: int, receive: ReceiveForeign) -> None:
        """Hear what others publish; `receive` acknowledges, or gives back, each message."""
        self._taken.append((queue, prefetch, receive))
        await self._take(queue, prefetch, receive)

    async def _take(self, queue: str, prefetch: int, receive: ReceiveForeign) -> None:
        channel = await self._channel(prefetch)
        heard = await channel.get_queue(queue, ensure=False)

        async def arrived(message: AbstractIncomingMessage) -> None:
            headers = dict(message.headers or {})
            key, id = message.routing_key or "", message.message_id
            await receive(Foreign(message.body, key, headers, id, message))

        self._consumers.append((heard, await heard.consume(arrived)))

    async def silence(self) -> None:
        """Stop hearing; what is in hand may still be acknowledged."""
        self._heard.clear()
        self._taken.clear()
        for queue, tag in self._consumers:
            with suppress(*BrokerError):
                await asyncio.wait_for(queue.cancel(tag), 3)
        self._consumers.clear()

    async def publish(self, parcels: Sequence[Parcel]) -> list[BaseException | None]:
        """Publish all, in order, and wait for every confirm; what failed has its error in its
        place.
        """
        return await asyncio.gather(*(self._publish(parcel) for parcel in parcels))

    async def _publish(self, parcel: Parcel) -> BaseException | None:
        try:
            exchange = await self._exchange(parcel.exchange)
            async with asyncio.timeout(PUBLISH_SECONDS):
                confirmation = await exchange.publish(
                    message_of(parcel), parcel.keys[0], mandatory=parcel.mandatory
                )
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task and task.cancelling():
                raise
            return ConnectionError(
                f"the connection was cut: {error}"
            )  # aiormq cancels what it cannot finish
        except BrokerError as error:
            return error
        if parcel.mandatory and type(confirmation).__name__ != "Ack":
            return ConnectionError(f"not confirmed: {confirmation!r}")
        return None

    async def _exchange(self, name: str) -> aio_pika.abc.AbstractExchange:
        if self._out is None:
            raise ConnectionError("not connected")
        if name not in self._exchanges:
            self._exchanges[name] = (
                await self._out.get_exchange(name, ensure=False)
                if name
                else self._out.default_exchange
            )
        return self._exchanges[name]

    async def again(self, queue: str, fact: Fact, error: str) -> None:
        """Try a fact later, or set it aside when it was tried often enough."""
        if fact.attempt > len(TIERS):
            await self.bury(queue, pack([fact]), fact.id, error)
            return
        later = Fact(fact.id, fact.topic, fact.body, fact.attempt + 1)
        tier = f"{RETRY}.{TIERS[fact.attempt - 1]}s"
        await self._surely(
            Parcel(tier, (queue,), pack([later]), fact.id, headers={"x-error": error[:500]})
        )

    async def apart(self, queue: str, facts: Sequence[Fact]) -> None:
        """Give a parcel back as single facts, so that one that kills its reader is alone."""
        for fact in facts:
            await self._surely(Parcel("", (queue,), pack([fact]), fact.id))

    async def bury(self, queue: str, body: bytes, message_id: str, reason: str) -> None:
        """Set a message aside in the dead-letter queue, with its reason."""
        logs.logger().error(
            "message_set_aside", queue=queue, message_id=message_id, reason=reason[:500]
        )
        await self._surely(
            Parcel(DEAD, (queue,), body, message_id, headers={"x-reason": reason[:500]})
        )

    async def _surely(self, parcel: Parcel) -> None:
        (error,) = await self.publish([parcel])
        if error:
            raise ConnectionError(str(error))
