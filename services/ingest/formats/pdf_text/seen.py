"""What a page shows beside its fields, for a directory that may know it: numbers and codes."""

import re
from bisect import bisect_right
from collections.abc import Iterator

from services.ingest.formats.pdf_text.geometry import Piece
from services.ingest.formats.pdf_text.identifiers import siren_of
from services.ingest.formats.pdf_text.values import Found
from services.ingest.formats.reading import Seen, SeenCode

MOST_NUMBERS = 20
MOST_CODES = 120
CODE = re.compile(r"\b[A-Z0-9][A-Z0-9_/.-]+[A-Z0-9]\b")
"""Codes of bodies are written in capitals and figures, at least three of them."""
LONGEST = 50
JOINED = frozenset("@.,")
"""A word after one of these is part of something else: an address, an amount."""
TAKEN = frozenset({"siret", "siren", "vat", "iban", "phone", "percent", "date"})


def seen(found: Found) -> Seen:
    """The SIRETs and SIRENs of the pages, and the words that could be somebody's code."""
    numbers: dict[str, None] = {}
    for value in found.values:
        if value.kind == "siret" and len(value.text) == 14:
            numbers[value.text] = None
        if siren := siren_of(value.kind, value.text):
            numbers[siren] = None
    codes: dict[str, SeenCode] = {}
    for page in found.pages:
        for piece in page.pieces:
            for text, start in _codes(found, piece):
                if text not in codes:
                    x0, y0, x1, y1 = piece.boxes[bisect_right(piece.starts, start) - 1]
                    place = round(x0, 1), round(y0, 1), round(x1, 1), round(y1, 1)
                    codes[text] = text, piece.page, place
            if len(codes) >= MOST_CODES:
                break
    return Seen(tuple(numbers)[:MOST_NUMBERS], tuple(codes.values())[:MOST_CODES])


def _codes(found: Found, piece: Piece) -> Iterator[tuple[str, int]]:
    """The words of a piece that are neither prose nor a figure, and where they begin."""
    taken: list[tuple[int, int]] | None = None
    for code in CODE.finditer(piece.text):
        start, end = code.span()
        if end - start > LONGEST or piece.text[start - 1 : start] in JOINED:
            continue
        if taken is None:
            values = found.values_of.get(piece, ())
            taken = [(v.start, v.end) for v in values if v.kind in TAKEN or v.money]
        if not any(first < end and start < last for first, last in taken):
            yield code.group(), start
