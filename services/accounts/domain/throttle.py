"""How long somebody who was wrong must wait: LIMITS, one row for each way of counting.

Nobody is locked out for good, and a stranger who is wrong on purpose hardly delays the owner: the
long pause belongs to the pair of account and source, the account alone only has a short one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

WINDOW = timedelta(hours=1)
"""A wrong try is forgotten after this."""


@dataclass(frozen=True, slots=True)
class Limit:
    """After `free` tries each one waits longer: `first` seconds, doubled, at most `longest`."""

    by: str
    free: int
    first: int
    longest: int


LIMITS = (
    Limit("pair", free=5, first=10, longest=900),
    Limit("source", free=50, first=10, longest=300),
    Limit("account", free=50, first=2, longest=30),
)
FACTOR = Limit("account", free=5, first=10, longest=900)
"""Of second factors: only whoever has shown the password may try, so a stranger delays nobody."""
TOLD_AFTER = 20
"""Tries on one account within the window after which its owner is told."""
SIGN_UP = Limit("source", free=30, first=60, longest=900)
CHALLENGES = Limit("source", free=100, first=10, longest=300)
"""Of challenges for passkeys, which anybody may ask for."""
JUDGED = Limit("source", free=300, first=5, longest=60)
"""Of passwords judged while they are thought up."""
AGAIN_AFTER = 60
"""The seconds after which it makes sense to ask for a link again."""
MAILS_PER_ADDRESS = 3
"""Activation mails that one address gets within the window; more are silently not sent."""


def pause(limit: Limit, tries: Sequence[datetime], at: datetime) -> int:
    """The seconds left to wait before the next try; 0 when it may be made now."""
    recent = [t for t in tries if t > at - WINDOW]
    over = len(recent) - limit.free
    if over < 0:
        return 0
    wait = min(limit.first * 2 ** min(over, 16), limit.longest)
    return max(0, ceil((max(recent) + timedelta(seconds=wait) - at).total_seconds()))
