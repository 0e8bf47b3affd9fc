"""What tesseract writes of a page, as lines of words; its own places are those of the ink."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

LINE = re.compile(
    r"<span class='ocr_(?:line|caption|header|textfloat)'[^>]*?title=\"bbox "
    r"(\d+) (\d+) (\d+) (\d+); (?:baseline (-?[\d.]+) (-?[\d.]+)|textangle \d+)"
    r"(?:; x_size ([\d.]+))?"
)
WORD = re.compile(
    r"<span class='ocrx_word'[^>]*?title='bbox (\d+) (\d+) (\d+) (\d+); x_wconf (\d+)'[^>]*>"
    r"(.*?)</span>",
    re.DOTALL,
)
TAG = re.compile(r"<[^>]*>")
HEIGHT, DEPTH = 1.44, 0.30
"""How tall a line of type stands, and how far below its base, in heights of its letters."""
SIDE = 0.06
"""How far a letter stands from its ink on either side, in heights of its letters."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word: the place that its type takes, in pixels, and how sure tesseract is, of 100."""

    x0: float
    y0: float
    x1: float
    y1: float
    text: str
    sure: int


def words_of(text: str) -> Iterator[Word]:
    """Every word of a page in hOCR, standing on its base line as printed type does."""
    starts = [found.start() for found in LINE.finditer(text)]
    for start, stop in pairwise([*starts, len(text)]):
        line = LINE.match(text, start)
        if line is None or line[5] is None:
            continue  # written from bottom to top
        left, top, bottom = int(line[1]), int(line[2]), int(line[4])
        slope, offset = float(line[5]), float(line[6])
        size = float(line[7] or 0) or float(bottom - top)
        for word in WORD.finditer(text, start, stop):
            x0, x1 = int(word[1]), int(word[3])
            base = bottom + offset + slope * ((x0 + x1) / 2 - left) + DEPTH * size
            said = html.unescape(TAG.sub("", word[6])).strip()
            if said:
                side = SIDE * size
                yield Word(x0 - side, base - HEIGHT * size, x1 + side, base, said, int(word[5]))
