"""Labels: runs of words that mean something, found in a piece and read as a set of concepts."""

import re
from dataclasses import dataclass
from functools import lru_cache

from services.ingest.formats.pdf_text.fold import fold, plain
from services.ingest.formats.pdf_text.geometry import Box, Piece
from services.ingest.formats.pdf_text.lexicon import (
    COMPOUNDS,
    CONCEPTS,
    ENDINGS,
    STOP_WORDS,
)
from services.ingest.formats.pdf_text.rules import Meaning, meanings

_TOKEN = re.compile(
    r"\bn ?°s?|#|[vn]/ref\b|w/o\b|\b[a-z](?:\.[a-z])+\b\.?|\S*@\S*|[a-z]{2,}(?:\.[a-z]{2,})+"
    r"|[a-z]+[0-9_][^\s:]*|[a-z]+[-/][^\s:]*\d[^\s:]*|[a-z]+|[0-9][^\s:]*|[^\s]"
)
_DIGIT = re.compile(r"\d")
_JOINERS = frozenset(".'/()-*,\"’°&")


@dataclass(slots=True, eq=False)
class Label:
    """A label in a piece, what it may announce, and how cleanly it stands there."""

    piece: Piece
    start: int
    end: int
    concepts: frozenset[str]
    means: tuple[Meaning, ...]
    clean: bool
    """Nothing but the label stands before it in its piece."""
    above: "Label | None" = None
    """The first line of a label in two lines."""

    @property
    def text(self) -> str:
        """The label as printed."""
        text = self.piece.text[self.start : self.end].strip(" :.-")
        return f"{self.above.text} {text}" if self.above else text

    @property
    def whole(self) -> bool:
        """Whether its piece holds nothing else."""
        return self.clean and not self.piece.text[self.end :].strip(" :.()")

    @property
    def box(self) -> Box:
        """Where it is printed."""
        return self.piece.box(self.start, self.end)


Token = tuple[str, int, int]
Entry = tuple[tuple[str, ...], frozenset[str], int]


def _words(phrase: str) -> tuple[str, ...]:
    text = plain(phrase)
    return tuple(word for word, _, _ in _tokens(text, fold(text)))


def _tokens(text: str, folded: str) -> list[Token]:
    """The words of a text with their places; an empty word where a run of words must end."""
    tokens: list[Token] = []
    for found in _TOKEN.finditer(folded):
        word, start, end = found.group(), found.start(), found.end()
        if word in _JOINERS:
            continue
        if word[0] == "n" and "°" in word:
            word = "n°"
        elif (
            word == "du" and text[start + 1] in "ûÛ" or word == "facture" and text[end - 1] in "éÉ"
        ):
            word = word[:-1] + text[end - 1].lower()
        elif "@" in word or _DIGIT.search(word) or not (word[0].isalpha() or word == "#"):
            word = ""
        elif "." in word:
            word = "" if len(word) > 2 * word.count(".") + 2 else word.replace(".", "")
        tokens.append((word, start, end))
    return tokens


def _trie() -> dict[str, list[Entry]]:
    phrases: dict[tuple[tuple[str, ...], int], frozenset[str]] = {}
    for concept, wordings in CONCEPTS.items():
        for wording in wordings.split(";"):
            mark = wording.strip()
            exact = mark.startswith("!") + mark.endswith("!")
            words = _words(wording.strip(" !"))
            key = words if exact else tuple(w for w in words if w not in STOP_WORDS), exact
            phrases[key] = phrases.get(key, frozenset()) | {concept}
    for wording, concepts in COMPOUNDS.items():
        key = tuple(w for w in _words(wording) if w not in STOP_WORDS), 0
        phrases[key] = frozenset(concepts.split())
    index: dict[str, list[Entry]] = {}
    for (words, exact), found in phrases.items():
        index.setdefault(words[0], []).append((words, found, exact))
    for entries in index.values():
        entries.sort(key=lambda entry: (-entry[2], -len(entry[0])))
    return index


@lru_cache(maxsize=1)
def _index() -> dict[str, list[Entry]]:
    return _trie()


def labels_in(piece: Piece) -> list[Label]:
    """Every label of a piece, left to right."""
    index = _index()
    tokens = _tokens(piece.text, piece.folded)
    found: list[Label] = []
    concepts: set[str] = set()
    start = end = at = 0
    clean = first = True
    while at < len(tokens):
        word, left, _ = tokens[at]
        match = _longest(index[word], tokens, at) if word in index else _compound(word, at)
        if match is not None:
            after, meaning = match
            if not concepts:
                start, clean = left, first
            concepts |= meaning
            end = tokens[after - 1][2]
            at = after
            continue
        if word not in STOP_WORDS:
            if concepts:
                found.append(_label(piece, start, end, concepts, clean))
                concepts = set()
            first = False
        at += 1
    if concepts:
        found.append(_label(piece, start, end, concepts, clean))
    return found


def _longest(
    entries: list[Entry], tokens: list[Token], at: int
) -> tuple[int, frozenset[str]] | None:
    """The longest phrase that begins at a token: the token after it, and what it means."""
    for words, concepts, exact in entries:
        if len(words) == 1 and not exact:
            return at + 1, concepts
        after = _stands(words, tokens, at, exact) if exact else _follows(words, tokens, at)
        if after:
            return after, concepts
    return None


def _compound(word: str, at: int) -> tuple[int, frozenset[str]] | None:
    """What the end of a long German word says: « Mietrechnung » is a « Rechnung »."""
    if len(word) > 8:
        for ending, concept in ENDINGS.items():
            if word.endswith(ending):
                return at + 1, frozenset((concept,))
    return None


def _stands(words: tuple[str, ...], tokens: list[Token], at: int, exact: int) -> int:
    """Where a phrase that needs its little words ends, or 0; with 2 it must also stand alone."""
    after = at + len(words)
    if after > len(tokens) or exact == 2 and (at or after < len(tokens) and tokens[after][0]):
        return 0
    same = all(token[0] == word for token, word in zip(tokens[at:after], words, strict=True))
    return after if same else 0


def _follows(words: tuple[str, ...], tokens: list[Token], at: int) -> int:
    """Where a phrase ends, little words between its words left aside, or 0."""
    place = at
    for word in words:
        while place < len(tokens) and tokens[place][0] in STOP_WORDS and tokens[place][0] != word:
            place += 1
        if place == len(tokens) or tokens[place][0] != word:
            return 0
        place += 1
    return place


def _label(piece: Piece, start: int, end: int, concepts: set[str], clean: bool) -> Label:
    known = frozenset(concepts)
    return Label(piece, start, end, known, meanings(known), clean)


def joined(first: Label, second: Label) -> Label | None:
    """One label of two lines, « Numéro de » over « facture », when together they mean more."""
    one, two = first.piece, second.piece
    gap = two.y0 - one.y1
    if not (first.whole and second.whole) or not -0.5 * two.height < gap < 0.35 * two.height:
        return None
    if abs(one.x0 - two.x0) > two.height and abs(one.x0 + one.x1 - two.x0 - two.x1) > two.height:
        return None
    concepts = first.concepts | second.concepts
    means = meanings(concepts)
    before = max((m.weight for label in (first, second) for m in label.means), default=0.0)
    if max((m.weight for m in means), default=0.0) <= before:
        return None
    return Label(two, second.start, second.end, concepts, means, True, first)
