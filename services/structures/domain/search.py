"""Under which words a structure is found; pure."""

import re
import unicodedata
from collections.abc import Iterable

from shared.contracts.structures import Structure

MOST_WORDS = 40
MOST_SEARCHED = 6
HEADS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12)


def words(text: str) -> tuple[str, ...]:
    """The words of a text as they are compared: no accents, no case, no punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return tuple(re.findall(r"[^\W_]+", letters))


def searched(text: str) -> tuple[str, ...]:
    """The beginnings of words that somebody looks for; digits in groups are one number."""
    joined = re.sub(r"(?<=\d)\s+(?=\d)", "", text.strip())
    return words(joined)[:MOST_SEARCHED]


def found_by(structure: Structure) -> tuple[str, ...]:
    """Every word under which a structure is found."""
    texts = (
        structure.name,
        structure.identifier,
        structure.postcode,
        structure.city,
        structure.budget,
    )
    return tuple(dict.fromkeys(word for text in texts for word in words(text or "")))[:MOST_WORDS]


def heads(found: Iterable[str]) -> tuple[str, ...]:
    """The beginnings of words, of some lengths: by them the directory is walked in its order."""
    return tuple(dict.fromkeys(word[:n] for word in found for n in HEADS if len(word) >= n))


def head_of(prefix: str) -> str:
    """The longest of these beginnings that a prefix begins with."""
    return prefix[: max(n for n in HEADS if n <= len(prefix))]


def order_of(structure: Structure) -> str:
    """Where a structure stands in the directory: by name, and never twice at the same place."""
    return f"{' '.join(words(structure.name))}\x00{structure.key}"


def after(prefix: str) -> str:
    """The first word after all those that begin with `prefix`."""
    return prefix + "\U0010ffff"
