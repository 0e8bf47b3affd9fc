"""Where a second look may help: at the sums, at the head, at a bank account whose key fails."""

from collections.abc import Mapping, Sequence

from services.ingest.formats.pdf_ocr.engine import EDGE, Band, Sheet
from services.ingest.formats.pdf_ocr.union import adds_up, holds
from services.ingest.formats.pdf_text.fold import fold
from services.ingest.formats.pdf_text.understanding import Understanding
from shared.contracts.ingest import ReadField

TOTALS = ("total", "ttc", "t.t.c", "payer", "tva", "t.v.a")
ABOVE, BELOW = 0.18, 0.08
"""How far around the last of these words the sums stand, of the height of a page."""
HEAD = 0.45
"""Where number and date stand, of the height of a page."""
LINES = 1.5
FAINT = 60
"""Certainty of 100 below which a field is looked at again."""
CLEAR = 88
"""The same for a field whose key is false; what is surer was printed so."""
WATCHED = (
    *("number", "issue_date", "iban", "buyer_reference", "order_reference"),
    *("seller_siret", "seller_vat_number", "buyer_siret", "buyer_vat_number"),
)

Bands = Mapping[int, Sequence[Band]]
"""Parts of pages, by the number of the page."""


def doubtful(read: Understanding, sheets: Sequence[Sheet]) -> Bands:
    """The parts of pages where what is missing or wrong should stand; fields are not placed yet."""
    if not read.looks_like_invoice:
        return {}
    bands: dict[int, list[Band]] = {}
    if not adds_up(read.fields):
        for sheet in sheets:
            lows = [word.y1 for word in sheet.words if fold(word.text).startswith(TOTALS)]
            if lows:
                high = sheet.height
                bands[sheet.number] = [(max(lows) - ABOVE * high, max(lows) + BELOW * high)]
    if sheets and not {"number", "issue_date"} <= read.fields.keys():
        bands.setdefault(sheets[0].number, []).append((0, HEAD * sheets[0].height))
    for sheet in sheets:
        for name in WATCHED:
            if part := _faint(name, read.fields.get(name), sheet):
                bands.setdefault(sheet.number, []).append(part)
    return {number: _apart(parts) for number, parts in bands.items()}


def entire(read: Understanding, sheets: Sequence[Sheet]) -> Bands:
    """All of the pages, when what matters is still missing or wrong."""
    known = {"number", "issue_date"} <= read.fields.keys()
    if read.looks_like_invoice and known and adds_up(read.fields):
        return {}
    return {sheet.number: [(-EDGE, sheet.height + EDGE)] for sheet in sheets if sheet.words}


def _faint(name: str, field: ReadField | None, sheet: Sheet) -> Band | None:
    """The lines around a field that was hardly recognised, less so when its key is false."""
    if field is None or field.box is None or field.page != sheet.number:
        return None
    if sheet.surety(field.box) >= (FAINT if holds(name, field.value) else CLEAR):
        return None
    top, bottom = field.box[1], field.box[3]
    return top - LINES * (bottom - top), bottom + LINES * (bottom - top)


def _apart(bands: Sequence[Band]) -> list[Band]:
    """The bands, those that overlap as one."""
    apart: list[Band] = []
    for top, bottom in sorted(bands):
        if apart and top <= apart[-1][1]:
            apart[-1] = apart[-1][0], max(bottom, apart[-1][1])
        else:
            apart.append((top, bottom))
    return apart
