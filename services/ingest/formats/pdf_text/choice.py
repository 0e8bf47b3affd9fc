"""Rivals for one field: the same value seen twice is surer, and the others stay as alternatives."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from services.ingest.formats.pdf_text.pairing import Candidate


@dataclass(slots=True, eq=False)
class Option:
    """A value with everything that speaks for it."""

    key: Hashable
    best: Candidate
    score: float
    seen: int = 1
    others: list[Candidate] = field(default_factory=list)


def options(candidates: Iterable[Candidate], key: Callable[[Candidate], Hashable]) -> list[Option]:
    """The rivals, best first."""
    found: dict[Hashable, Option] = {}
    for candidate in candidates:
        name = key(candidate)
        known = found.get(name)
        if known is None:
            found[name] = Option(name, candidate, candidate.score)
            continue
        known.others.append(candidate)
        if candidate.value is not known.best.value:
            known.seen += 1
        if candidate.score > known.best.score:
            known.best = candidate
    for option in found.values():
        more = sum(other.score for other in option.others if other is not option.best)
        option.score = option.best.score + min(0.1 * more, 0.15)
    return sorted(found.values(), key=lambda option: -option.score)


def certainty(found: list[Option], floor: float = 0.0) -> float:
    """How sure the first option is, by its own score and its lead over the second."""
    if not found:
        return 0.0
    first = min(found[0].score, 1.0)
    second = min(found[1].score, 1.0) if len(found) > 1 else 0.0
    lead = first - max(second, floor)
    return calibrated(0.25 + 0.6 * first + 0.3 * min(lead, 0.5))


_MEASURED = ((0.0, 0.05), (0.6, 0.6), (0.7, 0.8), (0.8, 0.92), (1.0, 0.98), (9.0, 0.98))
"""From a raw score to the share of such fields that were right, on layouts no rule was made for."""


def calibrated(raw: float) -> float:
    """The raw score as a probability."""
    for (low, first), (high, last) in pairwise(_MEASURED):
        if raw <= high:
            return first + (last - first) * max(raw - low, 0.0) / (high - low)
    return _MEASURED[-1][1]
