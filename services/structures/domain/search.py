"""Under which words a structure is found; pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from shared.contracts.structures import Structure

MOST_WORDS = 40
MOST_SEARCHED = 6
HEADS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12)
PAIRED = 3
"""Letters of each of two words."""


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


def heads(found: Sequence[str]) -> tuple[str, ...]:
    """The beginnings of words, of some lengths, and of two words together: by them the directory
    is walked in its order.
    """
    alone = dict.fromkeys(word[:n] for word in found for n in HEADS if len(word) >= n)
    return (*alone, *("+".join(two) for two in combinations(sorted(set(_starts(found))), 2)))


def head_of(prefix: str) -> str:
    """The longest of these beginnings that a prefix begins with."""
    return prefix[: max(n for n in HEADS if n <= len(prefix))]


def pair_of(prefixes: Iterable[str]) -> str | None:
    """What the first two prefixes that begin otherwise have in common with `heads`."""
    starts = list(dict.fromkeys(_starts(prefixes)))[:2]
    return "+".join(sorted(starts)) if len(starts) == 2 else None


def _starts(found: Iterable[str]) -> Iterator[str]:
    """The first letters of words that are no numbers; a word has one, so two are two words."""
    return (word[:PAIRED] for word in found if len(word) >= PAIRED and not word[0].isdigit())


def order_of(structure: Structure) -> str:
    """Where a structure stands in the directory: by name, and never twice at the same place."""
    return f"{' '.join(words(structure.name))}\x00{structure.key}"


def after(prefix: str) -> str:
    """The first word after all those that begin with `prefix`."""
    return prefix + "\U0010ffff"
