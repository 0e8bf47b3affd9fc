"""What stands above a piece in its column, up to the heading that says whose it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.ingest.formats.pdf_text.blocks import has_town
from services.ingest.formats.pdf_text.geometry import Piece
from services.ingest.formats.pdf_text.values import Found

_OWNERS = frozenset({"customer", "vendor", "payee", "your", "our"})
_NOT_HEADING = frozenset(
    {"invoice", "no", "vat", "order", "siret", "siren", "date", "iban", "terms"}
)
_STEPS = 12
_REACH = 3.2
"""Line heights between two pieces of one column."""


@dataclass(slots=True, eq=False)
class Column:
    """The pieces above one piece, nearest first, and the heading they end at."""

    pieces: list[Piece]
    heading: frozenset[str]

    @property
    def address(self) -> bool:
        """Whether a postal address stands in it."""
        return any(has_town(piece) for piece in self.pieces)


def column_of(found: Found, piece: Piece) -> Column:
    """Walk up from a piece."""
    pieces = [piece]
    page = found.page(piece)
    for _ in range(_STEPS):
        owner = heading(found, pieces[-1])
        if owner:
            return Column(pieces, owner)
        upper = _next(page.rows, pieces[-1])
        if upper is None:
            break
        pieces.append(upper)
    return Column(pieces, frozenset())


def _next(rows: Sequence[Sequence[Piece]], piece: Piece) -> Piece | None:
    for row in reversed(rows[: piece.row]):
        if piece.y0 - row[0].y1 > (_REACH + 1) * piece.height:
            return None
        for other in row:
            gap = piece.y0 - other.y1
            if gap < _REACH * piece.height and abs(other.x0 - piece.x0) < 1.5 * piece.height:
                return other
    return None


def heading(found: Found, piece: Piece) -> frozenset[str]:
    """Whose things follow, if the piece is a heading that says so."""
    labels = found.labels_of.get(piece, ())
    if not labels or not labels[0].clean or labels[0].concepts & _NOT_HEADING:
        return frozenset()
    if len(piece.text) - (labels[0].end - labels[0].start) > 40:
        return frozenset()
    return labels[0].concepts & _OWNERS


def lean_of(concepts: frozenset[str]) -> float:
    """1 when the words speak of the seller, -1 of the buyer, 0 of neither or both."""
    buys = bool(concepts & {"customer", "your"})
    sells = bool(concepts & {"vendor", "our"})
    return 0.0 if buys == sells else 1.0 if sells else -1.0
