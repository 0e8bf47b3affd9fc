"""Who sells and who buys: identifiers gathered to two parties by key, place and words."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from services.ingest.formats.pdf_text.blocks import Block, blocks_of
from services.ingest.formats.pdf_text.columns import Column, column_of, heading, lean_of
from services.ingest.formats.pdf_text.geometry import Piece, right_of
from services.ingest.formats.pdf_text.identifiers import siren_of
from services.ingest.formats.pdf_text.values import Found, Value

_PLACES = 3
_IDENTIFIERS = 60


@dataclass(slots=True, eq=False)
class Mark:
    """An identifier on a page, and whom its surroundings name: the seller above 0, or the buyer."""

    value: Value
    block: Block | None
    column: Column
    lean: float
    word: str | None
    """The label that announces it, if any."""


@dataclass(slots=True, eq=False)
class Group:
    """Identifiers of one party."""

    marks: list[Mark] = field(default_factory=list)

    @property
    def lean(self) -> float:
        """How far its marks lean to the seller (above 0) or the buyer: the plainest one leads."""
        first, *others = sorted((mark.lean for mark in self.marks), key=abs, reverse=True)
        return first + 0.25 * sum(others)


@dataclass(slots=True)
class Parties:
    """The identifiers of the seller and of the buyer, and the blocks of the pages."""

    seller: Group | None
    buyer: Group | None
    blocks: list[Block]
    block_of: dict[Piece, Block]
    leans: dict[Block, float]
    lead: float = 0.0
    """How clearly the two were told apart."""


def part(found: Found) -> Parties:
    """Tell seller and buyer apart."""
    blocks = [block for page in found.pages for block in blocks_of(page)]
    block_of = {piece: block for block in blocks for piece in block.pieces}
    leans = {block: _block_lean(found, block) for block in blocks}
    marks = [
        mark
        for value in _first(value for value in found.values if _counts(found, value))
        if (mark := _mark(found, value, block_of)) is not None
    ]
    groups = _group(marks)
    seller, buyer, lead = _roles(groups)
    return Parties(seller, buyer, blocks, block_of, leans, lead)


def _first(values: Iterable[Value]) -> Iterator[Value]:
    """Each identifier at its first places only: a footer repeated on every page says no more."""
    seen: Counter[str] = Counter()
    for value in values:
        seen[value.text] += 1
        if seen[value.text] <= _PLACES and len(seen) <= _IDENTIFIERS:
            yield value


def _counts(found: Found, value: Value) -> bool:
    word, concepts = _word(found, value)
    named = bool(concepts & {"siren", "siret", "registry"})
    if value.kind == "siren":
        return named or value.valid and word is None
    if value.kind == "siret":
        return named or value.valid
    return value.kind == "vat"


def _word(found: Found, value: Value) -> tuple[str | None, frozenset[str]]:
    """The label just before a value, in its piece, to its left or above it."""
    before = [label for label in found.labels_of.get(value.piece, ()) if label.end <= value.start]
    if before and value.start - before[-1].end < 14:
        return before[-1].text, before[-1].concepts
    page = found.page(value.piece)
    row = page.rows[value.piece.row]
    left = [piece for piece in row if piece.x1 <= value.piece.x0 + 1]
    for piece in reversed(left):
        labels = found.labels_of.get(piece, ())
        if labels and not found.values_of.get(piece):
            return labels[-1].text, labels[-1].concepts
        if found.values_of.get(piece):
            break
    for upper in page.rows[max(value.piece.row - 2, 0) : value.piece.row]:
        for piece in upper:
            labels = found.labels_of.get(piece, ())
            if (
                labels
                and abs(piece.x0 - value.piece.x0) < value.piece.height
                and not found.values_of.get(piece)
            ):
                return labels[-1].text, labels[-1].concepts
    return None, frozenset()


def _mark(found: Found, value: Value, block_of: dict[Piece, Block]) -> Mark | None:
    """A mark, unless it is that of a third party."""
    piece = value.piece
    page = found.page(piece)
    word, concepts = _word(found, value)
    column = column_of(found, piece)
    if "payee" in column.heading | concepts:
        return None
    lean = 4.0 * lean_of(concepts) + 3.0 * lean_of(column.heading)
    for other in (piece, *right_of(piece, page)):
        for label in found.labels_of.get(other, ()):
            if "capital" in label.concepts:
                lean += 1.5
            elif "registry" in label.concepts:
                lean += 0.7
    left = piece.x0 < page.width * 0.45
    if piece.y0 > page.height * 0.86:
        lean += 1.2
    elif column.address and piece.y0 < page.height * 0.5:
        lean += 1.6 if left else -1.0
    elif piece.y0 < page.height * 0.1:
        lean += 0.7
    elif piece.y0 < page.height * 0.5:
        lean += 0.3 if left else -0.3
    return Mark(value, block_of.get(piece), column, lean, word)


def _block_lean(found: Found, block: Block) -> float:
    """What the heading of a block says: its own first lines, or the piece just above it."""
    for piece in block.pieces[:2]:
        lean = lean_of(heading(found, piece))
        if lean:
            return lean
    return lean_of(column_of(found, block.pieces[0]).heading)


def _group(marks: Sequence[Mark]) -> list[Group]:
    """Marks with one SIREN are one party; so are neighbours that do not contradict each other."""
    parent = list(range(len(marks)))

    def root(at: int) -> int:
        while parent[at] != at:
            at = parent[at]
        return at

    owner: dict[str, int] = {}
    for at, mark in enumerate(marks):
        siren = siren_of(mark.value.kind, mark.value.text) or mark.value.text
        parent[root(at)] = root(owner.setdefault(siren, at))
    for i, first in enumerate(marks):
        for j in range(i):
            second = marks[j]
            if root(i) != root(j) and _neighbours(first, second) and _agree(marks, root, i, j):
                parent[root(i)] = root(j)
    groups: dict[int, Group] = defaultdict(Group)
    for at, mark in enumerate(marks):
        groups[root(at)].marks.append(mark)
    return list(groups.values())


def _neighbours(first: Mark, second: Mark) -> bool:
    if first.value.piece.page != second.value.piece.page:
        return False
    return (
        first.value.piece is second.value.piece
        or first.value.piece in second.column.pieces
        or second.value.piece in first.column.pieces
    )


def _agree(marks: Sequence[Mark], root: object, i: int, j: int) -> bool:
    """Two groups join only if no kind of identifier would then have two values, nor two owners."""
    find = root
    assert callable(find)
    one = [m for at, m in enumerate(marks) if find(at) == find(i)]
    two = [m for at, m in enumerate(marks) if find(at) == find(j)]
    for a in one:
        for b in two:
            if a.value.kind == b.value.kind and a.value.text != b.value.text:
                return False
            if a.lean * b.lean < -4:
                return False
    return True


def _roles(groups: Sequence[Group]) -> tuple[Group | None, Group | None, float]:
    ranked = sorted(groups, key=lambda group: -group.lean)
    if not ranked:
        return None, None, 0.0
    if len(ranked) == 1:
        only = ranked[0]
        return (only, None, abs(only.lean)) if only.lean > -0.5 else (None, only, abs(only.lean))
    seller, buyer = ranked[0], ranked[-1]
    lead = seller.lean - buyer.lean
    if buyer.lean > 2.0 and lead < 1.0:
        return seller, None, lead
    return seller, buyer, lead
