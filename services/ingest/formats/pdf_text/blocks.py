"""Blocks: pieces that stand under each other as one paragraph, with the heading that names them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.ingest.formats.pdf_text.geometry import Page, Piece

_TOWN = re.compile(
    r"(?:^|[ -])(?:[a-z]{1,3}[- ])?\d{4,5} [a-z]|\b[a-z]{2} \d{5}\b"
    r"|^[a-z]{1,2}\d{1,2}[a-z]? \d[a-z]{2}\b"
)


@dataclass(slots=True, eq=False)
class Block:
    """Pieces one under another."""

    page: int
    pieces: list[Piece]

    @property
    def x0(self) -> float:
        """Its left edge."""
        return min(piece.x0 for piece in self.pieces)

    @property
    def y0(self) -> float:
        """Its top."""
        return self.pieces[0].y0

    @property
    def has_town(self) -> bool:
        """Whether a line of it looks like a postcode and a town."""
        return any(has_town(piece) for piece in self.pieces)


def has_town(piece: Piece) -> bool:
    """Whether a piece looks like a postcode and a town."""
    return bool(_TOWN.search(piece.folded))


def blocks_of(page: Page) -> list[Block]:
    """The blocks of a page, in reading order."""
    blocks: list[Block] = []
    for piece in page.pieces:
        home = _home(blocks, piece)
        if home is None:
            blocks.append(Block(page.number, [piece]))
        else:
            home.pieces.append(piece)
    return blocks


def _home(blocks: Sequence[Block], piece: Piece) -> Block | None:
    for block in reversed(blocks[-40:]):
        last = block.pieces[-1]
        height = max(min(last.height, piece.height), 1.0)
        gap = piece.y0 - last.y1
        if (
            -0.6 * height < gap < 0.75 * height
            and piece.middle > last.middle
            and _lined_up(last, piece, height)
        ):
            return block
    return None


def _lined_up(last: Piece, piece: Piece, height: float) -> bool:
    return (
        abs(last.x0 - piece.x0) < 0.5 * height
        or abs(last.x1 - piece.x1) < 0.5 * height
        or abs(last.x0 + last.x1 - piece.x0 - piece.x1) < height
    )
