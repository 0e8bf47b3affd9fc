"""Everything on the pages that could be the value of a field, with its place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise

from services.ingest.formats.pdf_text import amounts, dates, identifiers
from services.ingest.formats.pdf_text.geometry import Box, Page, Piece
from services.ingest.formats.pdf_text.labels import Label, joined, labels_in

_CODE = re.compile(r"(?<![\w@])(?:(?!N )[A-Z]{1,6} (?=\d))?[A-Za-z0-9](?:[\w./\-]*[\w])?(?![\w@])")
_DIGIT = re.compile(r"\d")
_PHONE = re.compile(r"(?:\+\d{2} ?|\b0)(?:\(0\) ?)?\d(?:[ .-]?\d{2}){4}\b|\+\d[\d ()/.-]{7,}")


@dataclass(slots=True, eq=False)
class Value:
    """A value on a page: an amount, a percentage, a date, an identifier or a code."""

    kind: str
    piece: Piece
    start: int
    end: int
    amount: Decimal = Decimal(0)
    day: date | None = None
    text: str = ""
    valid: bool = True
    money: bool = False
    """It is written as money: with two decimals or a currency."""
    currency: bool = False

    @property
    def cents(self) -> int:
        """An amount in hundredths."""
        return amounts.cents(self.amount)

    @property
    def box(self) -> Box:
        """Where it is printed."""
        return self.piece.box(self.start, self.end)

    @property
    def printed(self) -> str:
        """The value as printed."""
        return self.piece.text[self.start : self.end].strip()


@dataclass(slots=True)
class Found:
    """What the pages hold: their pieces, the labels and the values in each piece."""

    pages: Sequence[Page]
    labels: list[Label] = field(default_factory=list)
    labels_of: dict[Piece, list[Label]] = field(default_factory=dict)
    values: list[Value] = field(default_factory=list)
    values_of: dict[Piece, list[Value]] = field(default_factory=dict)
    point: bool = False

    def page(self, piece: Piece) -> Page:
        """The page of a piece."""
        return self.pages[piece.page - 1]

    def of_kind(self, piece: Piece, kind: str) -> list[Value]:
        """The values of a kind in a piece, left to right."""
        return [value for value in self.values_of.get(piece, ()) if value.kind == kind]


def look(pages: Sequence[Page]) -> Found:
    """Find every label and every value."""
    found = Found(pages)
    numbers: dict[Piece, list[amounts.Number]] = {}
    written: dict[Piece, list[dates.Written]] = {}
    ids: dict[Piece, list[identifiers.Number]] = {}
    for page in pages:
        for piece in page.pieces:
            labels = labels_in(piece)
            if labels:
                found.labels += labels
                found.labels_of[piece] = labels
            if _DIGIT.search(piece.folded):
                ids[piece] = list(identifiers.identifiers_in(piece.folded))
                if "siret" in piece.folded:
                    ids[piece] += identifiers.odd_sirets_in(piece.folded)
                written[piece] = list(dates.dates_in(piece.folded))
                numbers[piece] = list(amounts.numbers_in(piece.folded))
    _join(found)
    found.point = amounts.english([n for ns in numbers.values() for n in ns])
    swap = dates.month_first([d for ds in written.values() for d in ds])
    for piece in ids:
        values = _values(piece, numbers[piece], written[piece], ids[piece], found.point, swap)
        found.values_of[piece] = values
        found.values += values
    return found


def _join(found: Found) -> None:
    """Replace the second lines of labels by the whole labels."""
    for page in found.pages:
        for upper, lower in pairwise(page.rows):
            for first in upper:
                for second in lower:
                    labels = found.labels_of.get(first, ()), found.labels_of.get(second, ())
                    if len(labels[0]) != 1 or len(labels[1]) != 1:
                        continue
                    whole = joined(labels[0][0], labels[1][0])
                    if whole is not None:
                        found.labels[found.labels.index(labels[1][0])] = whole
                        found.labels_of[second] = [whole]


def _values(
    piece: Piece,
    numbers: Sequence[amounts.Number],
    written: Sequence[dates.Written],
    ids: Sequence[identifiers.Number],
    point: bool,
    swap: bool,
) -> list[Value]:
    values = [Value(i.kind, piece, i.start, i.end, text=i.value, valid=i.valid) for i in ids]
    values += [
        Value("phone", piece, found.start(), found.end(), text=found.group())
        for found in _PHONE.finditer(piece.folded)
        if not _taken(values, found.start(), found.end())
    ]
    values += [
        Value("date", piece, d.start, d.end, day=d.swapped or d.value if swap else d.value)
        for d in written
        if not _taken(values, d.start, d.end)
    ]
    dated = list(values)
    values += [
        _number(piece, n, point) for n in numbers if not (n.bare or _taken(dated, n.start, n.end))
    ]
    values.sort(key=lambda value: value.start)
    return values


def _taken(values: Sequence[Value], start: int, end: int) -> bool:
    return any(value.start < end and start < value.end for value in values)


def _number(piece: Piece, number: amounts.Number, point: bool) -> Value:
    return Value(
        "percent" if number.percent else "amount",
        piece,
        number.start,
        number.end,
        amount=amounts.amount(number, point),
        money=number.money or number.decimals,
        currency=number.money,
    )


def codes_in(piece: Piece, start: int, end: int | None = None) -> list[Value]:
    """The words of a piece from a character on that could be a number or a code."""
    stop = len(piece.text) if end is None else end
    return [
        Value("code", piece, found.start(), found.end(), text=found.group())
        for found in _CODE.finditer(piece.text, start, stop)
    ]
