"""What recognition confuses: labels and signs are mended, figures only where that is proved."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from services.ingest.domain.directory import RESERVED
from services.ingest.formats.pdf_ocr.hocr import Word
from services.ingest.formats.pdf_text.fold import fold
from services.ingest.formats.pdf_text.geometry import Box, Page, Piece
from services.ingest.formats.pdf_text.identifiers import valid

EDGES = "|[]{}~"
SIGNS = frozenset(":;,.-–—/%+&€$£#()")
"""Words without letter or figure that may be meant."""
LABELS = {"TIC": "TTC", "TTG": "TTC", "T1C": "TTC", "TTIC": "TTC", "TYA": "TVA", "TVÀ": "TVA"}
STUCK = re.compile(
    r"(total|montant|net|base|taux|prix)(h\.?t\.?|t\.?t\.?c\.?|t\.?v\.?a\.?|hors|toutes)"
    r"|(tva|t\.v\.a\.?)(\d{1,2}(?:[.,]\d{1,2})?%?)",
    re.IGNORECASE,
)
EURO = re.compile(r"(\d[.,]\d{2})[eE£]")
LOW = tuple(RESERVED.split("_"))
"""Words that are one, whose low line gets lost."""
NEAR = 0.6
"""Heights: two words nearer than this are one, when a low line joins them."""

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
KEY, SUM = "sa clé le prouve", "les sommes le prouvent"
AMOUNT = re.compile(rf"(?<![\w.,]){_F}[\dOolISB .]*,{_F}{{2}}(?:6(?!\w)|(?!\w))")
WHOLE = re.compile(r"\d{4,9}")
"""An amount whose comma was lost."""
BORDER = re.compile(r"(?<=[A-Z])[O0]+(?=\d)|(?<=\d)[O0]+(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Mend:
    """A place where recognition was mended, what stood there, and what proves it."""

    page: int
    box: Box
    was: str
    proof: str


def tidied(words: Sequence[Word]) -> Iterator[Word]:
    """The words without frames and blots, labels and the sign of the euro as they were meant."""
    for word in _joined(words):
        text = word.text.strip(EDGES)
        if not text.strip("_") or not (any(c.isalnum() for c in text) or set(text) <= SIGNS):
            continue
        text = EURO.sub(r"\1€", LABELS.get(text, text))
        stuck = STUCK.fullmatch(text)
        if stuck is None:
            yield replace(word, text=text)
            continue
        first, second = (part for part in stuck.groups() if part)
        width = (word.x1 - word.x0) / len(text)
        middle = word.x0 + width * len(first)
        yield replace(word, x1=middle - 0.2 * width, text=first)
        yield replace(word, x0=middle + 0.2 * width, text=second)


def _joined(words: Sequence[Word]) -> Iterator[Word]:
    """The words, those that a low line joins as one."""
    held: Word | None = None
    for word in words:
        if held is None:
            held = word
            continue
        low = held.text.endswith("_") or word.text.startswith("_")
        gone = (held.text, word.text) == LOW
        if (low or gone) and abs(word.y1 - held.y1) < 1 and word.x1 > held.x1 and _near(held, word):
            text, sure = held.text + "_" * gone + word.text, min(held.sure, word.sure)
            held = replace(held, x1=word.x1, text=text, sure=sure)
            continue
        yield held
        held = word
    if held is not None:
        yield held


def _near(one: Word, two: Word) -> bool:
    return abs(two.x0 - one.x1) < NEAR * (one.y1 - one.y0)


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
                    mends.append(Mend(page.number, piece.box(*found.span()), was, KEY))
                    _put(piece, found.start(), meant)
    return mends


def mend_amounts(pages: Iterable[Page]) -> list[Mend]:
    """Put figures, commas and euros where amounts need them; the caller must add them up."""
    mends: list[Mend] = []
    for page in pages:
        for piece in page.pieces:
            if WHOLE.fullmatch(piece.text):
                mends.append(Mend(page.number, piece.box(0, len(piece.text)), piece.text, SUM))
                _put(piece, 0, f"{piece.text[:-2]},{piece.text[-2:]}")
                continue
            for found in AMOUNT.finditer(piece.text):
                was = found.group()
                meant = was.translate(FIGURES)
                if meant[-4:-3] == ",":
                    meant = meant[:-1] + "€"  # taken for a six
                if meant != was and sum(c.isdigit() for c in was) > 1:
                    mends.append(Mend(page.number, piece.box(*found.span()), was, SUM))
                    _put(piece, found.start(), meant)
    return mends


def alike(code: str) -> str | None:
    """The code as it may have been printed: next to letters and figures O looks like zero."""
    other = BORDER.sub(_exchanged, code)
    return None if other == code else other


def _exchanged(found: re.Match[str]) -> str:
    run = found.group()
    return run.replace("O", "0") if "O" in run else f"O{run[1:]}"


def _bare(text: str) -> str:
    return text.replace(" ", "").replace(".", "")


def _put(piece: Piece, start: int, text: str) -> None:
    piece.text = piece.text[:start] + text + piece.text[start + len(text) :]
    piece.folded = fold(piece.text)
