"""What recognition confuses: labels and signs are mended, figures only where that is proved."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from services.ingest.domain.directory import RESERVED
from services.ingest.formats.pdf_ocr.hocr import Word
from services.ingest.formats.pdf_text.fold import fold
from services.ingest.formats.pdf_text.geometry import Box, Page, Piece
from services.ingest.formats.pdf_text.identifiers import identifiers_in, valid

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
_GAP = "[ .]{0,2}"
NUMBERS = (
    ("iban", re.compile(rf"(?<!\w)FR(?: ?{_F}){{25,26}}(?!\w)")),
    ("vat", re.compile(rf"(?<!\w)FR(?:{_GAP}{_F}){{11,12}}(?!\w)")),
    ("siret", re.compile(rf"(?<!\w)(?:{_F}{_GAP}){{13,14}}{_F}(?!\w)")),
    ("siren", re.compile(rf"(?<!\w){_F}{{3}}[ .]?{_F}{{3}}[ .]?{_F}{{3}}(?![\w ])")),
)
"""Identifiers of which letters were made, or gaps, or twice the same figure."""
DOUBLED = re.compile("0O|O0")
LENGTHS = {"iban": 27, "vat": 13, "siret": 14, "siren": 9}
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
        gone = (held.text.rstrip("."), word.text) == LOW
        if (low or gone) and abs(word.y1 - held.y1) < 1 and word.x1 > held.x1 and _near(held, word):
            first = f"{held.text.rstrip('.')}_" if gone else held.text
            text, sure = first + word.text, min(held.sure, word.sure)
            held = replace(held, x1=word.x1, text=text, sure=sure)
            continue
        yield held
        held = word
    if held is not None:
        yield held


def _near(one: Word, two: Word) -> bool:
    return abs(two.x0 - one.x1) < NEAR * (one.y1 - one.y0)


def mend_keys(pages: Iterable[Page]) -> list[Mend]:
    """Put figures for letters in identifiers, and close their gaps, where only then a key holds."""
    mends: list[Mend] = []
    for page in pages:
        for piece in page.pieces:
            for kind, pattern in NUMBERS:
                for found in pattern.finditer(piece.text):
                    was = found.group().rstrip(" .")
                    meant = _meant(kind, was, piece)
                    if meant is not None:
                        place = piece.box(found.start(), found.start() + len(was))
                        mends.append(Mend(page.number, place, was, KEY))
                        _put(piece, found.start(), meant.ljust(len(was)))
    return mends


def _meant(kind: str, was: str, piece: Piece) -> str | None:
    """The identifier that was printed; nothing when it is read as it is, or no key proves it."""
    head = was[:2] if kind in ("iban", "vat") else ""
    figures = was[len(head) :]
    if sum(c.isalpha() or c in "|!" for c in figures) > MOST_LETTERS:
        return None
    if any(n.kind == kind and n.valid for n in identifiers_in(fold(piece.text))):
        return None
    if not head and not any(word in piece.folded for word in ("siret", "siren", "rcs")):
        return None  # one key in ten holds by chance
    for read in (figures, DOUBLED.sub("0", figures)):
        meant = head + _bare(read.translate(FIGURES))
        if len(meant) == LENGTHS[kind] and valid(kind, meant):
            return meant
    return None


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


def alike(code: str) -> list[str]:
    """What a code may be too: next to letters and figures O looks like zero, or becomes both."""
    others = (BORDER.sub(_exchanged, code), DOUBLED.sub("0", code))
    return [other for other in dict.fromkeys(others) if other != code]


def _exchanged(found: re.Match[str]) -> str:
    run = found.group()
    return run.replace("O", "0") if "O" in run else f"O{run[1:]}"


def _bare(text: str) -> str:
    return text.replace(" ", "").replace(".", "")


def _put(piece: Piece, start: int, text: str) -> None:
    piece.text = piece.text[:start] + text + piece.text[start + len(text) :]
    piece.folded = fold(piece.text)
