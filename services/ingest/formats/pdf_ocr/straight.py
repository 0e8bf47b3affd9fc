"""How crooked a page lies: the angle at which its rows of ink stand out most from the white.

The page is squeezed into a few columns of rows; for each angle the columns are shifted against each
other and added up. Where lines of text lie level, the sums jump from row to row.
"""

import math
from collections.abc import Sequence
from operator import add, mul, sub

import pymupdf

COLUMNS = 16
ROWS_PER_INCH = 100
MOST_ROWS = 3000
COARSE = [step / 2 for step in range(-6, 7)]
"""Degrees that are tried first; scanners that draw paper in tilt it less."""
SHARP = 1.5
"""How much better level lines are than those half a degree off, when a page lies straight."""
FINE = [step / 16 for step in range(-5, 6)]
"""Degrees around the best of them."""


def slope(page: pymupdf.Page, turn: int = 0) -> float:
    """By how many degrees the lines of a page fall to the right, when it is turned so."""
    upright = page.rect * pymupdf.Matrix(1, 1).prerotate(turn)
    zoom = min(ROWS_PER_INCH / 72, MOST_ROWS / max(upright.height, 1))
    squeezed = pymupdf.Matrix(COLUMNS / max(upright.width, 1), zoom)
    picture = page.get_pixmap(
        matrix=pymupdf.Matrix(1, 1).prerotate(turn) * squeezed, colorspace=pymupdf.csGRAY
    )
    ink, step = picture.samples, picture.stride
    columns = [list(ink[at : step * picture.height : step]) for at in range(picture.width)]
    width = upright.width * zoom / COLUMNS

    def contrast(angle: float) -> int:
        return _contrast(columns, width * math.tan(math.radians(angle)))

    if contrast(0) > SHARP * max(contrast(COARSE[5]), contrast(COARSE[7])):
        return 0.0
    best = max(COARSE, key=lambda angle: (contrast(angle), -abs(angle)))
    return max(FINE, key=lambda more: (contrast(best + more), -abs(more))) + best


def _contrast(columns: Sequence[list[int]], fall: float) -> int:
    """How much rows differ from their neighbours when each column is raised by so much more."""
    rows = [0] * len(columns[0])
    for at, column in enumerate(columns):
        shift = round((at - len(columns) / 2) * fall)
        rows = list(map(add, rows, column[shift:] + column[:shift]))
    jumps = list(map(sub, rows[1:], rows))
    return sum(map(mul, jumps, jumps))
