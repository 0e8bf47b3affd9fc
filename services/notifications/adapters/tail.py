"""Who waits for new events in this process, and waking them."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager

MOST_WAITING = 2000


class Tail:
    """Wakes whoever waits for events that are for them."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._count = 0

    @property
    def idle(self) -> bool:
        """Whether nobody waits."""
        return not self._count

    @property
    def full(self) -> bool:
        """Whether so many wait already that one more should not."""
        return self._count >= MOST_WAITING

    @contextmanager
    def waits(self, to: Collection[str]) -> Iterator[asyncio.Event]:
        """From now on be woken when there is an event for one of these."""
        event = asyncio.Event()
        self._count += 1
        for one in to:
            self._waiting[one].add(event)
        try:
            yield event
        finally:
            self._count -= 1
            for one in to:
                self._waiting[one].discard(event)
                if not self._waiting[one]:
                    del self._waiting[one]

    def wake(self, to: Collection[str]) -> None:
        """There are events for these."""
        for one in to:
            for event in self._waiting.get(one, ()):
                event.set()

    def wake_all(self) -> None:
        """There may be events for anybody."""
        self.wake(list(self._waiting))
