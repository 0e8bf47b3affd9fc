"""Addresses, links and client secrets as they are kept: nothing that opens a door is in clear."""

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable

NOBODY = hashlib.sha256(b"nobody").hexdigest()


def login_of(email: str) -> str:
    """The form of an address by which accounts are found."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


def hashed(secret: str) -> str:
    """What is kept of a secret of 256 random bits: being random, it needs no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def matches(secret: str, hashes: Iterable[str]) -> bool:
    """Whether a secret is one of those kept, compared in constant time, known or not."""
    given = hashed(secret)
    found = [hmac.compare_digest(given, kept) for kept in (NOBODY, *hashes)]
    return any(found[1:])
