"""Words become pieces: runs of words that stand together on a line, with their neighbours."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from services.ingest.formats.pdf_text.fold import fold, plain

Box = tuple[float, float, float, float]
RawWord = tuple[float, float, float, float, str]

GAP = 0.85
"""A gap wider than this share of the line's height parts two pieces."""
WIDE = 0.45
"""Words of one line belong together when they share this much of their height."""


@dataclass(slots=True, eq=False)
class Piece:
    """A run of words on one line, as one text."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float
    text: str
    folded: str
    starts: list[int]
    boxes: list[Box]
    order: int = 0
    row: int = 0

    @property
    def height(self) -> float:
        """How tall the line is."""
        return self.y1 - self.y0

    @property
    def middle(self) -> float:
        """The height of its middle line."""
        return (self.y0 + self.y1) / 2

    def box(self, start: int, end: int) -> Box:
        """The box of the words between two characters."""
        stops = [*self.starts[1:], len(self.text) + 1]
        inside = [
            box
            for at, stop, box in zip(self.starts, stops, self.boxes, strict=True)
            if at < max(end, start + 1) and stop > start
        ] or self.boxes
        return (
            round(min(b[0] for b in inside), 2),
            round(min(b[1] for b in inside), 2),
            round(max(b[2] for b in inside), 2),
            round(max(b[3] for b in inside), 2),
        )


@dataclass(slots=True, eq=False)
class Page:
    """A page: its size and its pieces in reading order."""

    number: int
    width: float
    height: float
    pieces: list[Piece]
    rows: list[list[Piece]] = field(default_factory=list)


def page_of(number: int, width: float, height: float, words: Iterable[RawWord]) -> Page:
    """Join the words of a page to pieces, and the pieces to rows."""
    pieces: list[Piece] = []
    rows: list[list[Piece]] = []
    for line in _lines(words):
        row = [_piece(number, run) for run in _runs(line)]
        for piece in row:
            piece.row = len(rows)
            piece.order = len(pieces)
            pieces.append(piece)
        rows.append(row)
    return Page(number, width, height, pieces, rows)


def _lines(words: Iterable[RawWord]) -> list[list[RawWord]]:
    lines: list[list[RawWord]] = []
    tops: list[tuple[float, float]] = []
    for word in sorted(words, key=lambda w: (w[1] + w[3], w[0])):
        top, bottom = word[1], word[3]
        at = _line_for(tops, top, bottom)
        if at is None:
            lines.append([word])
            tops.append((top, bottom))
        else:
            lines[at].append(word)
    for line in lines:
        line.sort(key=lambda w: w[0])
    return lines


def _line_for(tops: Sequence[tuple[float, float]], top: float, bottom: float) -> int | None:
    height = max(bottom - top, 0.1)
    for at in range(len(tops) - 1, max(len(tops) - 4, -1), -1):
        first, last = tops[at]
        shared = min(bottom, last) - max(top, first)
        if shared > (1 - WIDE) * min(height, last - first):
            return at
    return None


def _runs(line: Sequence[RawWord]) -> list[list[RawWord]]:
    runs: list[list[RawWord]] = [[line[0]]]
    for word in line[1:]:
        last = runs[-1][-1]
        height = min(word[3] - word[1], last[3] - last[1])
        if word[0] - last[2] > GAP * height:
            runs.append([word])
        else:
            runs[-1].append(word)
    return runs


def _piece(page: int, run: Sequence[RawWord]) -> Piece:
    starts: list[int] = []
    parts: list[str] = []
    length = 0
    for word in run:
        text = plain(word[4])
        starts.append(length)
        parts.append(text)
        length += len(text) + 1
    text = " ".join(parts)
    return Piece(
        page,
        run[0][0],
        min(w[1] for w in run),
        max(w[2] for w in run),
        max(w[3] for w in run),
        text,
        fold(text),
        starts,
        [(w[0], w[1], w[2], w[3]) for w in run],
    )


def right_of(piece: Piece, page: Page) -> list[Piece]:
    """The pieces to the right on the same height, nearest first."""
    found = [
        other
        for row in page.rows[max(piece.row - 2, 0) : piece.row + 3]
        for other in row
        if other.x0 >= piece.x1 - 1
        and min(other.y1, piece.y1) - max(other.y0, piece.y0)
        > 0.5 * min(other.height, piece.height)
    ]
    return sorted(found, key=lambda other: other.x0)


def below(piece: Piece, page: Page, lines: float) -> list[Piece]:
    """The pieces under this one within so many line heights, nearest first."""
    limit = piece.y1 + lines * piece.height
    found: list[Piece] = []
    for row in page.rows[piece.row + 1 :]:
        if row[0].y0 > limit + 3 * piece.height:
            break
        found += [
            other
            for other in row
            if other.y0 <= limit
            and other.middle > piece.y1 - 0.2 * piece.height
            and min(other.x1, piece.x1) - max(other.x0, piece.x0) > 0
        ]
    return sorted(found, key=lambda other: other.y0)
