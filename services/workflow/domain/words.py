"""Words by which an invoice is found, the same for what it says and for what somebody types.

Letters lose their accents and capitals. A word with a digit is a reference and stays whole without
its signs, so that `FA-2026/12` and `fa 2026 12` are one; other words end at a sign.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b

from services.workflow.domain.parties import identity
from services.workflow.domain.record import Record
from shared.contracts.invoice import Header, Party

LONGEST, MOST = 30, 8
IDLE = frozenset(
    [
        "de",
        "du",
        "des",
        "la",
        "le",
        "les",
        "et",
        "en",
        "au",
        "aux",
        "un",
        "une",
        "sur",
        "pour",
        "par",
    ]
)
"""Words that find everything."""
SIGNS = re.compile(r"[\W_]+")
USUAL = {"~380", "~A1"}
"""Kinds of nearly every invoice: they are met at once, and need no index."""


@lru_cache(maxsize=8192)
def words(text: str) -> tuple[str, ...]:
    """The words of a text, the first few."""
    found: dict[str, None] = {}
    for chunk in _plain(text).split():
        signed = [SIGNS.sub("", chunk)] if re.search(r"\d", chunk) else SIGNS.split(chunk)
        found |= dict.fromkeys(w[:LONGEST] for w in signed if len(w) > 1 and w not in IDLE)
    return tuple(found)[:MOST]


def reference(text: str | None) -> str:
    """A number or a reference as one word."""
    return SIGNS.sub("", _plain(text or ""))[:LONGEST]


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in letters if not unicodedata.combining(c))


def party_words(party: Party) -> tuple[str, ...]:
    """What a party is found by: its name and its identifier."""
    who = identity(party)
    named = words(party.name or "")
    return (*named, reference(who.identifier)) if who else named


def kind(*, type_code: str | None = None, frame: str | None = None) -> str:
    """The word for a kind of invoice, which nobody types."""
    return f"~{type_code or frame}"


def term(structure: str, word: str) -> str:
    """A word as one structure looks for it."""
    return _own(structure) + word


@lru_cache(maxsize=8192)
def _own(structure: str) -> str:
    return blake2b(structure.encode(), digest_size=5).hexdigest()


def terms(record: Record) -> tuple[str, ...]:
    """Every word of an invoice, for each of its readers; none looks for itself."""
    common = tuple(_common(record.header, record.frame.code))
    seller, buyer = party_words(record.header.seller), party_words(record.header.buyer)
    found: dict[str, None] = {}
    for reader in record.readers:
        others = (*(seller if reader != record.seller else ()),)
        others += buyer if reader != record.buyer else ()
        found |= dict.fromkeys(term(reader, word) for word in (*common, *others))
    return tuple(found)


def _common(header: Header, frame: str) -> Iterator[str]:
    references = (
        *(header.number, header.order_reference, header.contract_reference),
        *(header.preceding_invoice, header.buyer_reference),
    )
    yield from filter(None, map(reference, references))
    yield from (word for word in words(header.note or "") if len(word) > 3)
    yield from {kind(type_code=header.type_code), kind(frame=frame)} - USUAL
