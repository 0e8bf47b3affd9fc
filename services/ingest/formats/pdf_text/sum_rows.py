"""Rows of sums at the foot of a table: « TOTAL 100,00 20,00 120,00 », each under its own head."""

from collections.abc import Iterator, Sequence

from services.ingest.formats.pdf_text.geometry import Piece
from services.ingest.formats.pdf_text.labels import Label
from services.ingest.formats.pdf_text.pairing import Candidate
from services.ingest.formats.pdf_text.rules import meanings
from services.ingest.formats.pdf_text.values import Found, Value

_SUM = frozenset({"total"})
_FIELDS = ("total_without_vat", "total_vat", "total_with_vat")
_REACH = 16
"""Rows between a sum and its head."""


def under_heads(found: Found) -> Iterator[tuple[str, Candidate]]:
    """The totals that rows of sums show."""
    for page in found.pages:
        for at, row in enumerate(page.rows):
            labels = found.labels_of.get(row[0], ())
            if not labels or labels[0].concepts != _SUM or not labels[0].clean:
                continue
            amounts = [v for piece in row for v in found.of_kind(piece, "amount") if v.money]
            if len(amounts) < 2:
                continue
            for value in amounts:
                head = _head(found, page.rows[max(at - _REACH, 0) : at], value)
                for meaning in meanings(head.concepts - {"base", "rate"} | _SUM) if head else ():
                    if meaning.field in _FIELDS:
                        yield meaning.field, Candidate(value, head, 0.95 * meaning.weight, "foot")


def _head(found: Found, rows: Sequence[Sequence[Piece]], value: Value) -> Label | None:
    """The nearest label above a value, in a row that holds labels and no amounts."""
    box = value.box
    for row in reversed(rows):
        labels = [label for piece in row for label in found.labels_of.get(piece, ())]
        if len(labels) < 2 or any(found.of_kind(piece, "amount") for piece in row):
            continue
        for label in labels:
            place = label.box
            if min(place[2], box[2]) - max(place[0], box[0]) > 0 or abs(place[2] - box[2]) < 4:
                return label
        return None
    return None
