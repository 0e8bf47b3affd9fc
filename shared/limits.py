"""How many requests a program may make: a bucket for each, kept by each process for itself.

A bucket holds a minute's requests and refills steadily, so that a program may come in bursts. The
headers are those of the IETF draft on rate limits (`RateLimit-Policy` and `RateLimit`).
"""

import math
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

WINDOW_SECONDS = 60
POLICY = "client"
REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Room:
    """What is left to a program after a request."""

    quota: int
    left: float
    """Requests that it may still make at once; below none when this one was too many."""

    @property
    def refused(self) -> bool:
        """Whether this request was too many."""
        return self.left < 0

    @property
    def headers(self) -> Mapping[str, str]:
        """What the answer says of it."""
        per_second = self.quota / WINDOW_SECONDS
        full = math.ceil((self.quota - max(self.left, 0)) / per_second)
        told = {
            "RateLimit-Policy": f'"{POLICY}";q={self.quota};w={WINDOW_SECONDS}',
            "RateLimit": f'"{POLICY}";r={max(0, math.floor(self.left))};t={full}',
        }
        wait = str(max(1, math.ceil(-self.left / per_second)))
        return told | ({"Retry-After": wait} if self.refused else {})


class Buckets:
    """The buckets of every program that came lately."""

    def __init__(self, quota: int) -> None:
        self.quota = quota
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, who: str, now: float) -> Room:
        """Count a request made at `now`, in seconds of a clock that only goes forward."""
        left, since = self._left.get(who, (float(self.quota), now))
        refilled = min(self.quota, left + (now - since) * self.quota / WINDOW_SECONDS)
        after = refilled - 1
        self._left[who] = (refilled if after < 0 else after, now)
        self._left.move_to_end(who)
        if len(self._left) > REMEMBERED:
            self._left.popitem(last=False)
        return Room(self.quota, after)
