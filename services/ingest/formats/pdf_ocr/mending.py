"""What recognition confuses: labels and signs are mended, figures only where that is proved."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from services.ingest.formats.pdf_ocr.hocr import Word
from services.ingest.formats.pdf_text.fold import fold
from services.ingest.formats.pdf_text.geometry import Box, Page, Piece
from services.ingest.formats.pdf_text.identifiers import valid

EDGES = "|[]{}~"
SIGNS = frozenset(":;,.-–—/%+&€$£#()")
"""Words without letter or figure that may be meant."""
LABELS = {"TIC": "TTC", "TTG": "TTC", "T1C": "TTC", "TTIC": "TTC", "TYA": "TVA", "TVÀ": "TVA"}
STUCK = re.compile(
    r"(total|montant|net|base|taux|prix)(h\.?t\.?|t\.?t\.?c\.?|t\.?v\.?a\.?|hors|toutes)",
    re.IGNORECASE,
)
EURO = re.compile(r"(\d[.,]\d{2})[eE£]")
FIGURES = str.maketrans("OoQDlIi|!SsBZzGgq", "00001111155822699")
_F = r"[\dOoQDlIi|!SsBZzGgq]"
NUMBERS = (
    ("iban", re.compile(rf"(?<!\w)FR ?{_F}{{2}} ?(?:{_F}{{4}} ?){{5}}{_F}{{3}}(?!\w)")),
    ("vat", re.compile(rf"(?<!\w)FR ?{_F}{{2}} ?{_F}{{3}}[ .]?{_F}{{3}}[ .]?{_F}{{3}}(?!\w)")),
    ("siret", re.compile(rf"(?<!\w){_F}{{3}}[ .]?{_F}{{3}}[ .]?{_F}{{3}}[ .]?{_F}{{5}}(?!\w)")),
    ("siren", re.compile(rf"(?<!\w){_F}{{3}}[ .]?{_F}{{3}}[ .]?{_F}{{3}}(?![\w ])")),
)
"""Identifiers whose figures may have been taken for letters."""
MOST_LETTERS = 4
AMOUNT = re.compile(rf"(?<![\w.,]){_F}[\dOolISB .]*,{_F}{{2}}(?:6(?!\w)|(?!\w))")


@dataclass(frozen=True, slots=True)
class Mend:
    """A place where figures were put for letters, and what stood there."""

    page: int
    box: Box
    was: str
    proof: str


def tidied(words: Sequence[Word]) -> Iterator[Word]:
    """The words without frames and blots, labels and the sign of the euro as they were meant."""
    for word in words:
        text = word.text.strip(EDGES).lstrip("_")
        if not text or not (any(c.isalnum() for c in text) or set(text) <= SIGNS):
            continue
        text = EURO.sub(r"\1€", LABELS.get(text, text))
        stuck = STUCK.fullmatch(text)
        if stuck is None:
            yield replace(word, text=text)
            continue
        middle = word.x0 + (word.x1 - word.x0) * (len(stuck[1]) + 0.2) / len(text)
        gap = (word.x1 - word.x0) * 0.2 / len(text)
        yield replace(word, x1=middle - gap, text=stuck[1])
        yield replace(word, x0=middle + gap, text=stuck[2])


def mend_keys(pages: Iterable[Page]) -> list[Mend]:
    """Put figures for letters in identifiers, where the key holds then and did not before."""
    mends: list[Mend] = []
    for page in pages:
        for piece in page.pieces:
            for kind, pattern in NUMBERS:
                for found in pattern.finditer(piece.text):
                    was = found.group()
                    head = 2 if kind in ("iban", "vat") else 0
                    letters = sum(c.isalpha() or c in "|!" for c in was[head:])
                    meant = was[:head] + was[head:].translate(FIGURES)
                    if not 0 < letters <= MOST_LETTERS or not valid(kind, _bare(meant)):
                        continue
                    if kind == "iban" and valid(kind, _bare(was)):
                        continue
                    mends.append(
                        Mend(page.number, piece.box(*found.span()), was, "sa clé le prouve")
                    )
                    _put(piece, found.start(), meant)
    return mends


def mend_amounts(pages: Iterable[Page]) -> list[Mend]:
    """Put figures for letters in amounts; who calls must prove them by adding them up."""
    mends: list[Mend] = []
    for page in pages:
        for piece in page.pieces:
            for found in AMOUNT.finditer(piece.text):
                was = found.group()
                meant = was.translate(FIGURES)
                if meant[-4:-3] == ",":
                    meant = meant[:-1] + "€"  # a euro sign taken for a six
                if meant != was and sum(c.isdigit() for c in was) > 1:
                    mends.append(
                        Mend(page.number, piece.box(*found.span()), was, "les sommes le prouvent")
                    )
                    _put(piece, found.start(), meant)
    return mends


def _bare(text: str) -> str:
    return text.replace(" ", "").replace(".", "")


def _put(piece: Piece, start: int, text: str) -> None:
    piece.text = piece.text[:start] + text + piece.text[start + len(text) :]
    piece.folded = fold(piece.text)
