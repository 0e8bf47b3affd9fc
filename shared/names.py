"""Names as people typed them: on one line, without what is not seen, of one alphabet; pure."""

import re
import unicodedata

UNSEEN = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
"""Line breaks, and signs that are not seen or turn the direction of a text."""
SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")
"""Alphabets whose letters pass for one another."""


def one_line(text: str | None) -> str | None:
    """A text without line breaks and signs that are not seen; None when nothing is left."""
    return " ".join(UNSEEN.sub(" ", text or "").split()) or None


def mixed(text: str) -> bool:
    """Whether a word mixes letters of alphabets that pass for one another."""
    return any(len(_scripts(word)) > 1 for word in text.split())


def _scripts(word: str) -> set[str]:
    names = (unicodedata.name(letter, "").partition(" ")[0] for letter in word)
    return {name for name in names if name in SCRIPTS}
