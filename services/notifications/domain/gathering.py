"""Mails that became lines of one; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Literal

from services.notifications.domain.letters import HOME, Facts
from services.notifications.domain.quiet import KINDS
from services.notifications.domain.words import PLACE, clean, moment
from shared.contracts.preferences import Kind

Gathering = Literal["digest", "burst"]
"""The day's mails of a reader who wants them so, or too many for a moment."""
MOST_LINES = 25
"""Lines of one kind in a mail; the others are counted."""


@dataclass(frozen=True, slots=True)
class Line:
    """A mail that does not leave by itself."""

    id: str
    kind: Kind
    subject: str
    at: datetime


def gathered(lines: Sequence[Line], case: Gathering, public_url: str) -> Facts:
    """What a mail that gathers others says: their subjects by kind, and how many more there are."""
    order: Mapping[Kind, int] = {kind: place for place, kind in enumerate(KINDS)}
    ranked = sorted(lines, key=lambda line: (order[line.kind], line.at, line.id))
    groups = [
        _group(kind, list(rows)) for kind, rows in groupby(ranked, key=lambda line: line.kind)
    ]
    return {
        "daily": case == "digest",
        "count": len(lines),
        "groups": groups,
        "link": public_url + HOME,
        "settings": public_url + "/compte/courriels",
    }


def _group(kind: Kind, rows: Sequence[Line]) -> Facts:
    shown = [
        {"subject": clean(row.subject, 200), "at": moment(row.at).removesuffix(PLACE)}
        for row in rows[:MOST_LINES]
    ]
    return {"label": KINDS[kind], "lines": shown, "more": len(rows) - len(shown)}
