"""Where a second look may help: at the sums, at the head, at a bank account whose key fails."""

from collections.abc import Mapping, Sequence

from services.ingest.formats.pdf_ocr.engine import Band, Sheet
from services.ingest.formats.pdf_ocr.union import adds_up
from services.ingest.formats.pdf_text.fold import fold
from services.ingest.formats.pdf_text.identifiers import valid
from services.ingest.formats.pdf_text.understanding import Understanding

TOTALS = ("total", "ttc", "t.t.c", "payer", "tva", "t.v.a")
ABOVE, BELOW = 0.18, 0.08
"""How far around the last of these words the sums stand, of the height of a page."""
HEAD = 0.45
"""Where number and date stand, of the height of a page."""
LINES = 1.5

Bands = Mapping[int, Sequence[Band]]
"""Parts of pages, by the number of the page."""


def doubtful(read: Understanding, sheets: Sequence[Sheet]) -> Bands:
    """The parts of pages where what is missing or wrong should stand."""
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
    if not _account_holds(read):
        for sheet in sheets:
            for word in sheet.words:
                if "iban" in fold(word.text):
                    space = LINES * (word.y1 - word.y0)
                    part = word.y0 - space, word.y1 + space
                    bands.setdefault(sheet.number, []).append(part)
    return {number: _apart(parts) for number, parts in bands.items()}


def entire(read: Understanding, sheets: Sequence[Sheet]) -> Bands:
    """All of the pages, when what matters is still missing or wrong."""
    known = {"number", "issue_date"} <= read.fields.keys()
    if read.looks_like_invoice and known and adds_up(read.fields):
        return {}
    return {sheet.number: [(0, sheet.height)] for sheet in sheets}


def _account_holds(read: Understanding) -> bool:
    account = read.fields.get("iban")
    return account is None or valid("iban", str(account.value))


def _apart(bands: Sequence[Band]) -> list[Band]:
    """The bands, those that overlap as one."""
    apart: list[Band] = []
    for top, bottom in sorted(bands):
        if apart and top <= apart[-1][1]:
            apart[-1] = apart[-1][0], max(bottom, apart[-1][1])
        else:
            apart.append((top, bottom))
    return apart
