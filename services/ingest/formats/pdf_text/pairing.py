"""Labels meet values: in the same piece, to the right, or below, each with a share of certainty."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from services.ingest.formats.pdf_text.geometry import Piece, below, right_of
from services.ingest.formats.pdf_text.labels import Label
from services.ingest.formats.pdf_text.values import Found, Value

_TABLE = frozenset({"quantity", "unit", "item"})
_FIGURE = re.compile(r"\d|:")
_LETTERS = re.compile(r"[a-z]{2,}")

Take = Callable[[Piece, int, int], Sequence[Value]]
"""The values of a piece between two characters, left to right."""


@dataclass(slots=True, eq=False)
class Candidate:
    """A value that may be a field's, why, and how well that stands."""

    value: Value
    label: Label | None
    score: float
    relation: str
    """`same`, `right`, `below` or `alone`."""


def heads_of_tables(found: Found) -> set[Piece]:
    """The pieces that head a table of lines: what stands below them is a line, not a total."""
    heads: set[Piece] = set()
    for page in found.pages:
        for at, row in enumerate(page.rows):
            if _heads_lines(found, row):
                heads.update(row)
                for other in (*page.rows[max(at - 2, 0) : at], *page.rows[at + 1 : at + 3]):
                    if _joins(row, other):
                        heads.update(other)
    return heads


def _joins(row: Sequence[Piece], other: Sequence[Piece]) -> bool:
    """Whether another row is a further line of the same head: close by, and no figure in it."""
    gap = max(other[0].y0 - row[0].y1, row[0].y0 - other[0].y1)
    return gap < 0.25 * row[0].height and not any(_FIGURE.search(piece.text) for piece in other)


def _heads_lines(found: Found, row: Sequence[Piece]) -> bool:
    concepts = [label.concepts for piece in row for label in found.labels_of.get(piece, ())]
    kinds = {name for each in concepts for name in each & _TABLE}
    numbers = any(_numbers(found, piece) for piece in row)
    return len(kinds) >= 2 or bool(kinds) and len(row) >= 4 and not numbers


def _numbers(found: Found, piece: Piece) -> bool:
    return any(value.kind == "amount" for value in found.values_of.get(piece, ()))


def pairs(
    found: Found, label: Label, take: Take, heads: set[Piece], reach: float = 2.6
) -> Iterator[Candidate]:
    """The values that a label may announce, with the share that their place earns."""
    stop = _next_label(found, label)
    inside = take(label.piece, label.end, stop)
    for rank, value in enumerate(inside[:2]):
        between = label.piece.folded[label.end : value.start]
        share = 1.0 - 0.12 * len(_LETTERS.findall(between)) - 0.3 * rank
        if ":" in between and _LETTERS.search(between[: between.index(":")]):
            share -= 0.3
        if not label.clean:
            share -= 0.1
        if share > 0.2:
            yield Candidate(value, label, share, "same")
    if stop < len(label.piece.text):
        if not take(label.piece, 0, len(label.piece.text)):
            yield from _under(found, label, take, reach, 0.25 if label.piece in heads else 0.75)
        return
    if label.piece in heads:
        yield from _under(found, label, take, reach, 0.25)
        return
    blocked = bool(inside)
    yield from _beside(found, label, take, blocked)
    yield from _under(found, label, take, reach, 0.8 if not blocked else 0.3)


def _next_label(found: Found, label: Label) -> int:
    later = [other.start for other in found.labels_of[label.piece] if other.start >= label.end]
    return min(later, default=len(label.piece.text))


def _beside(found: Found, label: Label, take: Take, blocked: bool) -> Iterator[Candidate]:
    share = 0.45 if blocked else 0.97
    tail = label.piece.folded[label.end :]
    share -= 0.1 * len(_LETTERS.findall(tail)) + (0.0 if label.clean else 0.15)
    for piece in right_of(label.piece, found.page(label.piece)):
        values = take(piece, 0, len(piece.text))
        labels = found.labels_of.get(piece, ())
        first = values[0] if values else None
        if labels and (first is None or labels[0].start < first.start):
            share -= 0.3 if labels[0].concepts <= {"no", "ref", "currency", "code"} else 0.6
            share += 0.25 if labels[0].concepts <= {"no", "currency"} else 0.0
        if share < 0.2:
            return
        for rank, value in enumerate(values[:3]):
            yield Candidate(value, label, share - 0.1 * rank, "right")
        if values:
            share -= 0.12
        elif not piece.text.strip(" :.-–€$|"):
            continue
        else:
            share -= 0.15


def _under(
    found: Found, label: Label, take: Take, reach: float, share: float
) -> Iterator[Candidate]:
    share -= 0.0 if label.clean else 0.2
    share -= 0.1 * len(_LETTERS.findall(label.piece.folded[label.end :]))
    seen = 0
    for piece in below(label.piece, found.page(label.piece), reach):
        values = take(piece, 0, len(piece.text))
        if not values:
            share -= 0.15 if found.labels_of.get(piece) else 0.25
            if share < 0.2:
                return
            continue
        labels = found.labels_of.get(piece, ())
        own = any(other.start < values[0].start for other in labels)
        for value in _nearest(label, values):
            near = 0.0 if _aligned(label, piece) else 0.08
            yield Candidate(value, label, share - near - (0.35 if own else 0.0), "below")
        seen += 1
        share -= 0.2
        if share < 0.2 or seen == 3:
            return


def _nearest(label: Label, values: Sequence[Value]) -> Sequence[Value]:
    if len(values) == 1:
        return values
    box = label.box
    middle = (box[0] + box[2]) / 2

    def away(value: Value) -> float:
        place = value.box
        return min(
            abs((place[0] + place[2]) / 2 - middle), abs(place[0] - box[0]), abs(place[2] - box[2])
        )

    return sorted(values, key=away)[:1]


def _aligned(label: Label, piece: Piece) -> bool:
    box = label.box
    tolerance = piece.height * 0.6
    return (
        abs(box[0] - piece.x0) < tolerance
        or abs(box[2] - piece.x1) < tolerance
        or abs((box[0] + box[2] - piece.x0 - piece.x1) / 2) < tolerance
    )
