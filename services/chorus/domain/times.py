"""Times as Chorus Pro writes them: days, minutes and instants, all of Paris (dossier §1.3)."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def day(at: datetime) -> str:
    """A day."""
    return at.astimezone(PARIS).date().isoformat()


def minute(at: datetime) -> str:
    """A time to the minute."""
    return at.astimezone(PARIS).strftime("%Y-%m-%d %H:%M")


def midnight(at: date | None) -> str | None:
    """The minute at which a day begins, when there is one."""
    return f"{at} 00:00" if at else None


def instant(at: datetime) -> str:
    """A time to the millisecond, with the offset of Paris."""
    return at.astimezone(PARIS).isoformat(timespec="milliseconds")


def begins(at: date) -> str:
    """The instant at which a day begins."""
    return datetime.combine(at, time.min, PARIS).isoformat()


def ends(at: date) -> str:
    """The last instant of a day."""
    return datetime.combine(at, time.max, PARIS).isoformat()
