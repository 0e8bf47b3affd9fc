"""Hearing a queue: collect what has arrived, let the handler decide, commit together, acknowledge.

A handler sees one message and returns one `Change`; that many are decided together and saved in one
transaction never shows in it. What one message breaks, it breaks alone.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from pydantic import ValidationError
from typing_extensions import TypeVar

from shared import logs, metrics
from shared.broker import Broker
from shared.context import A, Context, S
from shared.contracts.message import Message
from shared.errors import Conflict, Problem, Unavailable
from shared.outbox import Change, Outbox
from shared.parcel import Fact, pack
from shared.wire import BrokerError, Delivery

HANDLER_SECONDS = 120.0
LINGER_SECONDS = 0.004
PREFETCH = 32
"""Parcels in hand."""
IN_FLIGHT = 2
RERUNS = 5
APART_AFTER = 3
"""Deliveries of a parcel after which its facts are given back one by one."""
M_contra = TypeVar("M_contra", bound=Message, contravariant=True)


class Handler(Protocol[M_contra, S, A]):
    """A function: message in, change out."""

    __name__: str

    def __call__(self, message: M_contra, context: Context[S, A], /) -> Awaitable[Change]:
        """Decide."""


@dataclass(frozen=True)
class Subscription:
    """A handler and the message that it hears."""

    message: type[Message]
    handler: Any
    batch: int | None = None
    prefetch: int = PREFETCH


class Listener:
    """One queue of one service."""

    def __init__(
        self,
        service: str,
        subscription: Subscription,
        broker: Broker,
        outbox: Outbox,
        context: Callable[[str], Context[Any, Any]],
        batch: int,
    ) -> None:
        self.queue = f"{service}.{subscription.handler.__name__}"
        self._subscription, self._broker, self._outbox, self._context = (
            subscription,
            broker,
            outbox,
            context,
        )
        self._batch = min(batch, subscription.batch or batch)
        self._arrived: asyncio.Queue[Delivery] = asyncio.Queue()
        self._running: set[asyncio.Task[None]] = set()
        self._pump: asyncio.Task[None] | None = None
        self._log = logs.logger().bind(queue=self.queue)

    async def start(self, *, hear: bool = True) -> None:
        """Declare the queue and begin to hear it; others hear it when this process does not."""
        await self._broker.declare_queue(self.queue, [self._subscription.message.TOPIC])
        if not hear:
            return
        self._pump = asyncio.create_task(self._collect())
        await self._broker.consume(self.queue, self._subscription.prefetch, self._arrived.put)

    async def finish(self) -> None:
        """Wait until everything taken is dealt with."""
        while self._running or not self._arrived.empty():
            await asyncio.sleep(0.01)
        if self._pump:
            self._pump.cancel()

    async def _collect(self) -> None:
        """Gather what has arrived into batches, a few of them under way at once."""
        while True:
            batch = [await self._arrived.get()]
            facts = len(batch[0].facts)
            if self._arrived.empty() and facts < self._batch:
                await asyncio.sleep(LINGER_SECONDS)
            while facts < self._batch and not self._arrived.empty():
                batch.append(self._arrived.get_nowait())
                facts += len(batch[-1].facts)
            while len(self._running) >= IN_FLIGHT:
                await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
            task = asyncio.create_task(self._work(batch))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _work(self, deliveries: list[Delivery]) -> None:
        """Deal with a batch, acknowledged only when every fact of it is saved or set aside."""
        try:
            together = []
            for delivery in deliveries:
                if delivery.count >= APART_AFTER and len(delivery.facts) > 1:
                    await self._broker.apart(self.queue, delivery.facts)
                    await delivery.ack()
                else:
                    together.append(delivery)
            await self._deal([fact for delivery in together for fact in delivery.facts])
            for delivery in together:
                await delivery.ack()
        except BrokerError as error:
            self._log.warning("batch_given_back", error=repr(error)[:300])
            await self._give_back(deliveries)
        except Exception:
            self._log.exception("batch_failed")
            await self._give_back(deliveries)

    async def _give_back(self, deliveries: list[Delivery]) -> None:
        await asyncio.sleep(1)
        for delivery in deliveries:
            try:
                await delivery.message.nack(requeue=True)
            except BrokerError:
                continue  # the connection is gone, and with it the delivery

    async def _deal(self, facts: list[Fact]) -> None:
        """Decide and commit; what met a conflict is decided again with fresh reads."""
        for run in range(RERUNS):
            decided = await asyncio.gather(*(self._decide(fact) for fact in facts))
            good = [(f, d) for f, d in zip(facts, decided, strict=True) if isinstance(d, Change)]
            outcomes = await self._outbox.commit([change for _, change in good])
            failed = [
                (f, d) for f, d in zip(facts, decided, strict=True) if not isinstance(d, Change)
            ]
            failed += [
                (fact, outcome)
                for (fact, _), outcome in zip(good, outcomes, strict=True)
                if isinstance(outcome, Exception)
            ]
            metrics.MESSAGES.labels(self.queue, "done").inc(len(facts) - len(failed))
            facts = [fact for fact, error in failed if isinstance(error, Conflict)]
            for fact, error in failed:
                if not isinstance(error, Conflict) or run == RERUNS - 1:
                    await self._fail(fact, error)
            if not facts:
                return

    async def _decide(self, fact: Fact) -> Change | Exception:
        """Run the handler; its change is marked, so that this fact has its effect once."""
        structlog.contextvars.bind_contextvars(message_id=fact.id)
        try:
            message = self._subscription.message.model_validate(fact.body)
            async with asyncio.timeout(HANDLER_SECONDS):
                change: Change = await self._subscription.handler(message, self._context(fact.id))
            return Change(change.save, change.tell, once=f"{self.queue}:{fact.id}")
        except ValidationError as error:
            return Problem(
                f"the message does not fit its contract: {error.errors(include_input=False)}"
            )
        except asyncio.TimeoutError:
            return Unavailable(f"the handler took over {HANDLER_SECONDS:.0f} s")
        except Exception as error:
            return error

    async def _fail(self, fact: Fact, error: BaseException) -> None:
        """Refuse at once what will never pass, try the rest later."""
        reason = f"{type(error).__name__}: {error}"
        if isinstance(error, Problem) and not isinstance(error, Unavailable | Conflict):
            metrics.MESSAGES.labels(self.queue, "dead").inc()
            await self._broker.bury(self.queue, pack([fact]), fact.id, reason)
            return
        metrics.MESSAGES.labels(self.queue, "again").inc()
        level = self._log.warning if isinstance(error, Problem) else self._log.error
        level(
            "message_failed",
            message_id=fact.id,
            attempt=fact.attempt,
            reason=reason[:500],
            exc_info=error,
        )
        await self._broker.again(self.queue, fact, reason)
