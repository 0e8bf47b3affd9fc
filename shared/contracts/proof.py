"""Proofs that anybody can check: keys, certificates of deposit, the journal and its heads."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from shared.contracts.ingest import Certificate
from shared.contracts.invoice import Totals
from shared.contracts.message import Shape

CERTIFICATE, HEAD = "chorale-certificate+jwt", "chorale-head+jwt"
"""The `typ` of what is signed."""


class ProofKey(Shape):
    """A public key (JWK, RFC 7517) and the time in which it signs."""

    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    x: str
    kid: str
    use: Literal["sig"]
    alg: Literal["EdDSA"]
    since: datetime
    until: datetime | None = None
    compromised_since: datetime | None = None
    """Since when somebody else may hold its private part."""


class KeySet(Shape):
    """Every key that ever signed, oldest first (JWK set); none is ever taken off."""

    keys: tuple[ProofKey, ...]


class KeyRequest(Shape):
    """A new key; it signs from `since` on, or at once."""

    since: datetime | None = None


class KeyReport(Shape):
    """Since when somebody else may hold the private part of a key."""

    since: datetime


class CertifiedParty(Shape):
    """Who takes part, as the invoice says it."""

    name: str | None = None
    siret: str | None = None
    structure: str
    """Its key in the directory."""


class CertifiedInvoice(Shape):
    """The invoice that a deposit became: parties and totals as they were handed in."""

    invoice_id: str
    number: str
    issue_date: date
    type_code: str
    currency: str
    seller: CertifiedParty
    buyer: CertifiedParty
    totals: Totals
    integrated_at: datetime


class SignedCertificate(Certificate):
    """A certificate of deposit as it is signed and shown."""

    realm: str
    """`live`, or the sandbox that it was made in and that proves nothing outside."""
    invoice: CertifiedInvoice | None = None
    """Known once the file was read and the invoice taken."""
    signed_at: datetime
    check_url: str
    """Where anybody can check it."""


class CertificateQuestion(Shape):
    """A certificate to check: its number or its signed form, and the hash of a file at hand."""

    number: str | None = Field(default=None, max_length=64)
    jws: str | None = Field(default=None, max_length=20_000)
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")


class CertificateAnswer(Shape):
    """Whether it is genuine, in one word and one sentence, and what it says."""

    genuine: bool
    sentence: str
    same_file: bool | None = None
    certificate: SignedCertificate | None = None


class Inclusion(Shape):
    """That a head seals an entry: its place among so many leaves, and the way up (RFC 6962)."""

    head: int
    index: int
    count: int
    path: tuple[str, ...]


class JournalEntry(Shape):
    """One entry of an invoice's chain."""

    n: int
    hash: str
    """SHA-256 of `content`, in hexadecimal."""
    content: str
    """JSON: `invoice`, `n`, `previous` (the hash before), and what was `set`, `add` or `unset`."""
    sealed: Inclusion | None = None
    """Absent for the few seconds before the next head."""


class HeadView(Shape):
    """A head: it seals entries by their Merkle root, and the head before by its hash."""

    number: int
    at: datetime
    count: int
    root: str
    previous: str
    closes: date | None = None
    """The day, in UTC, that it is the first to follow: everything of that day is sealed."""
    jws: str
    """All this, signed; the next head's `previous` is the SHA-256 of this text."""


class HeadPage(Shape):
    """Heads, newest first."""

    items: tuple[HeadView, ...]
    next_cursor: str | None = None


class JournalPage(Shape):
    """The chain of an invoice, oldest first, and the heads that seal it."""

    invoice_id: str
    entries: tuple[JournalEntry, ...]
    heads: tuple[HeadView, ...]
    next_cursor: str | None = None
