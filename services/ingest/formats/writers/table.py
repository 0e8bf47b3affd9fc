"""Text set on paper from top to bottom: paragraphs, pairs of a label and a value, tables."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from services.ingest.formats.writers.paper import HEIGHT, Paper, Part, right, wrapped

LEFT, RIGHT, TOP, BOTTOM = 48.0, 547.0, 52.0, HEIGHT - 60
SIZE, SMALL, LEADING, SMALL_LEADING = 9.0, 7.5, 12.0, 10.0
PALE = 0.38
"""Grey of labels: dark enough to be read by everybody."""
PADDING = 4.0
MOST_LINES = 12
"""Of one cell; the file says the rest."""
MOST_CELLS = 8000
"""Beyond so many cells a row is one element of the structure."""
MOST_PAGES = 400


@dataclass(frozen=True)
class Column:
    """A column of a table, between two edges."""

    title: str
    start: float
    end: float
    align: Literal["left", "right"] = "left"


class Setting:
    """Where the next text goes on a paper."""

    def __init__(self, paper: Paper, start: float = LEFT, end: float = RIGHT) -> None:
        self.paper = paper
        self.start, self.end = start, end
        self.y = TOP
        self.cells = 0

    def need(self, height: float) -> bool:
        """Turn the page when so much does not fit; whether it was turned."""
        if self.y + height <= BOTTOM:
            return False
        self.paper.turn()
        self.y = TOP
        return True

    def gap(self, height: float) -> None:
        """Some white, not at the top of a page."""
        if self.y > TOP:
            self.y += height

    def text(
        self, words: str, part: Part, *, size: float = SIZE, bold: bool = False, gray: float = 0
    ) -> None:
        """A paragraph."""
        for line in wrapped(words, self.end - self.start, size, bold=bold):
            self.need(size * 1.33)
            self.y += size * 1.33
            self.paper.text(
                line, self.start, self.y - size * 0.3, part, size=size, bold=bold, gray=gray
            )

    def heading(self, words: str, above: Part) -> None:
        """A heading that is not left alone at the foot of a page."""
        self.gap(14)
        self.need(48)
        self.text(words, above.part("H2"), size=11, bold=True)
        self.y += 3

    def pair(self, label: str, value: str, above: Part) -> None:
        """A label and its value below, as one paragraph."""
        part = above.part("P")
        self.text(label, part, size=SMALL, gray=PALE)
        self.text(value, part)
        self.y += 3

    def table(self, above: Part, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> bool:
        """Rows under their titles, which come again on every page; whether all were set."""
        table = above.part("Table")
        self.need(3 * LEADING)
        self._titles(columns, table)
        for row in rows:
            lines = [
                cut(wrapped(words, column.end - column.start - PADDING, SIZE))
                for column, words in zip(columns, row, strict=True)
            ]
            height = max(map(len, lines)) * LEADING + PADDING
            if len(self.paper.sheets) >= MOST_PAGES and self.y + height > BOTTOM:
                return False
            if self.need(height):
                self._titles(columns, None)
            self._row(columns, lines, table)
            self.y += height
            self.paper.rule(columns[0].start, columns[-1].end, self.y, gray=0.85)
        return True

    def _titles(self, columns: Sequence[Column], table: Part | None) -> None:
        lines = [
            wrapped(column.title, column.end - column.start - PADDING, SMALL, bold=True)
            for column in columns
        ]
        height = max(map(len, lines)) * SMALL_LEADING + PADDING
        self.paper.shade(columns[0].start, columns[-1].end, self.y, self.y + height)
        row = table.part("TR") if table else None
        for column, cell in zip(columns, lines, strict=True):
            part = row.part("TH") if row else None
            self._cell(column, cell, part, SMALL, SMALL_LEADING, bold=True)
        self.y += height

    def _row(self, columns: Sequence[Column], lines: list[list[str]], table: Part) -> None:
        self.cells += len(columns)
        whole = self.cells > MOST_CELLS
        row = table.part("TR")
        part = row.part("TD") if whole else None
        for column, cell in zip(columns, lines, strict=True):
            self._cell(column, cell, part or row.part("TD"), SIZE, LEADING)

    def _cell(
        self,
        column: Column,
        lines: list[str],
        part: Part | None,
        size: float,
        leading: float,
        *,
        bold: bool = False,
    ) -> None:
        for number, line in enumerate(lines, 1):
            x = column.start + PADDING / 2
            if column.align == "right":
                x = right(line, column.end - PADDING / 2, size, bold=bold)
            self.paper.text(line, x, self.y + number * leading - 2, part, size=size, bold=bold)


def cut(lines: list[str]) -> list[str]:
    """Not more lines than a cell takes."""
    return lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], "…"]
