"""Pages of text with their structure: what is drawn is also said, for those who listen to a page.

Every text is a marked part of an element (heading, paragraph, cell); rules and shades are not.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

import pymupdf

WIDTH, HEIGHT = 595.0, 842.0
"""Points: A4."""
Face = Literal["regular", "bold", "other"]
BUILT_IN = {"regular": "helv", "bold": "hebo", "other": "cjk"}
"""Fonts that come with the library and may be embedded; the last knows most scripts."""
UNKNOWN = "?"


@dataclass(eq=False)
class Part:
    """An element of the structure: its kind, where it stands, its parts or its marks on pages."""

    kind: str
    above: "Part | None" = None
    parts: list["Part"] = field(default_factory=list)
    marks: list[tuple[int, int]] = field(default_factory=list)
    """Page and number of each marked content."""

    def part(self, kind: str) -> "Part":
        """A new part, the last so far."""
        made = Part(kind, self)
        self.parts.append(made)
        return made

    def walk(self) -> Iterator["Part"]:
        """This element and all below it."""
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass
class Sheet:
    """One page on its way: drawing instructions, and the element of each mark."""

    drawn: list[bytes] = field(default_factory=list)
    marked: list[Part] = field(default_factory=list)


class Paper:
    """Pages that are written from top to bottom; measures are from the top left corner."""

    def __init__(self) -> None:
        self.sheets = [Sheet()]
        self.root = Part("Document")
        self.faces: set[Face] = set()

    def turn(self) -> None:
        """Begin a new page."""
        self.sheets.append(Sheet())

    def text(
        self,
        words: str,
        x: float,
        y: float,
        part: Part | None,
        *,
        size: float = 9,
        bold: bool = False,
        gray: float = 0,
        page: int = -1,
    ) -> None:
        """One line of text, its base line at y; without a part it is decoration."""
        sheet = self.sheets[page]
        shown = "".join(
            f"/{face} {size:g} Tf <{glyphs}> Tj " for face, glyphs in self._runs(words, bold)
        )
        if not shown:
            return
        place = f"{gray:g} g BT 1 0 0 1 {x:.2f} {HEIGHT - y:.2f} Tm {shown}ET"
        if part is None:
            sheet.drawn.append(f"/Artifact BMC {place} EMC".encode())
            return
        mark = len(sheet.marked)
        sheet.marked.append(part)
        part.marks.append((page % len(self.sheets), mark))
        said = spoken(words)
        sheet.drawn.append(f"/{part.kind} <</MCID {mark}{said}>> BDC {place} EMC".encode())

    def rule(self, x0: float, x1: float, y: float, *, gray: float = 0.7) -> None:
        """A thin line across."""
        line = f"{gray:g} G 0.5 w {x0:.2f} {HEIGHT - y:.2f} m {x1:.2f} {HEIGHT - y:.2f} l S"
        self.sheets[-1].drawn.append(f"/Artifact BMC {line} EMC".encode())

    def shade(self, x0: float, x1: float, y0: float, y1: float, *, gray: float = 0.94) -> None:
        """A light ground under what is written next."""
        box = f"{gray:g} g {x0:.2f} {HEIGHT - y1:.2f} {x1 - x0:.2f} {y1 - y0:.2f} re f"
        self.sheets[-1].drawn.append(f"/Artifact BMC {box} EMC".encode())

    def _runs(self, words: str, bold: bool) -> Iterator[tuple[Face, str]]:
        """The glyphs of a text, face by face."""
        face: Face | None = None
        glyphs: list[str] = []
        for letter in drawable(words):
            now, glyph = found(letter, bold)
            if face is not None and now != face:
                yield face, "".join(glyphs)
                glyphs = []
            face = now
            self.faces.add(now)
            glyphs.append(f"{glyph:04x}")
        if face is not None:
            yield face, "".join(glyphs)


@cache
def font(face: Face) -> pymupdf.Font:
    """A font, loaded once per process."""
    return pymupdf.Font(BUILT_IN[face])


@cache
def found(letter: str, bold: bool) -> tuple[Face, int]:
    """The face that has a letter, and its glyph there."""
    faces: tuple[Face, ...] = ("bold" if bold else "regular", "other")
    for face in faces:
        if glyph := font(face).has_glyph(ord(letter)):
            return face, int(glyph)
    return faces[0], int(font(faces[0]).has_glyph(ord(UNKNOWN)))


@cache
def advance(letter: str, bold: bool) -> float:
    """How far a letter goes, at size one."""
    face, _ = found(letter, bold)
    return float(font(face).glyph_advance(ord(letter if known(letter) else UNKNOWN)))


def drawable(words: str) -> str:
    """The text in single letters: composed, its odd spaces as spaces, nothing invisible."""
    if words.isascii() and words.isprintable():
        return words
    composed = unicodedata.normalize("NFC", words)
    return "".join(
        " " if letter.isspace() else letter
        for letter in composed
        if letter.isspace() or unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )


def spoken(words: str) -> str:
    """What a text says, where its drawing alone would not tell."""
    if all(letter.isspace() or known(letter) for letter in unicodedata.normalize("NFC", words)):
        return ""
    return f"/ActualText <feff{words.encode('utf-16-be', 'replace').hex()}>"


@cache
def known(letter: str) -> bool:
    """Whether some font has a letter."""
    return any(font(face).has_glyph(ord(letter)) for face in ("regular", "other"))


def width(words: str, size: float, *, bold: bool = False) -> float:
    """How wide a line of text is."""
    return size * measure(drawable(words), bold)


def measure(drawn: str, bold: bool) -> float:
    """How wide a text is at size one, as it is drawn."""
    return sum(advance(letter, bold) for letter in drawn)


def wrapped(words: str, room: float, size: float, *, bold: bool = False) -> list[str]:
    """The text in lines that fit; a word that is too long is cut."""
    most, space = room / size, advance(" ", bold)
    lines: list[str] = []
    for paragraph in words.splitlines() or [""]:
        line, filled = "", 0.0
        for piece, wide in pieces(drawable(paragraph), most, bold):
            if line and filled + space + wide <= most:
                line, filled = f"{line} {piece}", filled + space + wide
                continue
            if line:
                lines.append(line)
            line, filled = piece, wide
        lines.append(line)
    return lines


def pieces(drawn: str, most: float, bold: bool) -> Iterator[tuple[str, float]]:
    """The words of a text and their widths, those that are too wide in pieces."""
    for word in drawn.split():
        start, filled = 0, 0.0
        for at, letter in enumerate(word):
            wide = advance(letter, bold)
            if at > start and filled + wide > most:
                yield word[start:at], filled
                start, filled = at, 0.0
            filled += wide
        yield word[start:], filled


def right(words: str, edge: float, size: float, *, bold: bool = False) -> float:
    """Where a text begins that ends at an edge."""
    return edge - width(words, size, bold=bold)
