"""How long a session lives, and what is remembered of where it was opened; pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
CHALLENGE = timedelta(minutes=10)
"""How long somebody may take to show a second factor."""
PROOF = timedelta(minutes=10)
"""How long a token lives in which a password was typed again."""
LONGEST_DEVICE = 160
MOST_PLACES = 20
MOST = 50
"""Sessions of one account at a time."""


def alive(session: Mapping[str, Any], at: datetime) -> bool:
    """Whether a session is open: not ended, not idle for long, not too old."""
    if session["ended_at"] is not None or at >= session["ends_at"]:
        return False
    return bool(at < session["used_at"] + IDLE)


def surplus(opened: Iterable[dict[str, Any]], at: datetime) -> list[dict[str, Any]]:
    """Those to end when one more begins: what ran out, and of too many the least lately used."""
    rows = sorted(opened, key=lambda row: (alive(row, at), row["used_at"]))
    living = sum(alive(row, at) for row in rows)
    return rows[: len(rows) - min(living, MOST - 1)]


def device_of(user_agent: str | None) -> str | None:
    """What a browser says of itself, on one line and not too long."""
    line = "".join(c if c.isprintable() else " " for c in user_agent or "")
    return " ".join(line.split())[:LONGEST_DEVICE] or None


def places(known: list[str], place: str) -> list[str]:
    """The places an account was entered from, the latest last and not too many."""
    return [*(other for other in known if other != place), place][-MOST_PLACES:]
