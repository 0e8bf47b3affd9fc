"""The currency and the type: words and signs that stand anywhere."""

import re
from collections import Counter

from services.ingest.formats.pdf_text.geometry import Piece
from services.ingest.formats.pdf_text.labels import Label
from services.ingest.formats.pdf_text.values import Found

_SIGN = re.compile(r"€|\$|£|\beuros?\b|\beur\b|\busd\b|\bgbp\b|\bchf\b|\bxpf\b")
_CODES = {"€": "EUR", "$": "USD", "£": "GBP", "euro": "EUR", "euros": "EUR"}
_TITLES = {"prepayment_title": "386", "correction_title": "384", "selfbilling_title": "389"}


def currency(found: Found) -> tuple[str, Piece, int, int, float] | None:
    """The currency most often seen, where, and its share of all the signs."""
    seen: Counter[str] = Counter()
    first: dict[str, tuple[Piece, int, int]] = {}
    for page in found.pages:
        for piece in page.pieces:
            for sign in _SIGN.finditer(piece.folded):
                code = _CODES.get(sign.group(), sign.group().upper())
                seen[code] += 1
                first.setdefault(code, (piece, sign.start(), sign.end()))
    if not seen:
        return None
    code, count = seen.most_common(1)[0]
    piece, start, end = first[code]
    return code, piece, start, end, count / seen.total()


def kind(found: Found) -> tuple[str, Label | None]:
    """The type code: an invoice, unless the title or the number says otherwise."""
    for label in found.labels:
        page = found.page(label.piece)
        if label.piece.page > 1 or label.piece.y0 > page.height * 0.5 or not label.clean:
            continue
        if "credit" in label.concepts and not label.concepts & {
            "total",
            "paid",
            "customer",
            "pay",
            "origin",
        }:
            return "381", label
        for title, code in _TITLES.items():
            if title in label.concepts:
                return code, label
        if label.concepts == {"invoice"} or label.concepts == {"invoice", "no"}:
            return "380", label
    return "380", None
