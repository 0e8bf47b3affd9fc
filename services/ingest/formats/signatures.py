"""Signed PDFs: who signed, and whether the file is still what was signed; it is never touched.

The digest and the signature are checked with the certificate that travels inside; whether that
certificate deserves trust is not decided here, and what is said of it says so.
Sources: ISO 32000-1 §12.8 (byte ranges), RFC 5652 §5 (signed data).
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pymupdf
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization.pkcs7 import load_der_pkcs7_certificates

from services.ingest.domain.refusals import refusal
from services.ingest.formats import pdf
from services.ingest.formats.der import Node, node_at
from services.ingest.formats.reading import Document
from services.ingest.formats.unreadable import Unreadable
from shared.contracts.finding import Finding

RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]")
HEX = re.compile(rb"<[0-9A-Fa-f\s]*>")
MOST_SIGNATURES = 10
MOST_NAMED = 3
LARGEST = 2 * 1024 * 1024
"""Characters of one signature in the file."""
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
PSS = "1.2.840.113549.1.1.10"
TIMESTAMP = "1.2.840.113549.1.9.16.1.4"
"""What a document time stamp signs: nobody's name."""
HASHES: dict[str, hashes.HashAlgorithm] = {
    "1.3.14.3.2.26": hashes.SHA1(),
    "2.16.840.1.101.3.4.2.1": hashes.SHA256(),
    "2.16.840.1.101.3.4.2.2": hashes.SHA384(),
    "2.16.840.1.101.3.4.2.3": hashes.SHA512(),
}
SEALS: dict[str, hashes.HashAlgorithm] = {
    "1.2.840.113549.1.1.5": hashes.SHA1(),
    "1.2.840.113549.1.1.11": hashes.SHA256(),
    "1.2.840.113549.1.1.12": hashes.SHA384(),
    "1.2.840.113549.1.1.13": hashes.SHA512(),
    "1.2.840.10045.4.3.2": hashes.SHA256(),
    "1.2.840.10045.4.3.3": hashes.SHA384(),
    "1.2.840.10045.4.3.4": hashes.SHA512(),
}
"""Ways to sign that name their sum."""
UNKNOWN = "un inconnu"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature: who, by whose word, and whether it holds."""

    signer: str
    issuer: str | None
    holds: bool | None
    """Whether the bytes it covers are those that were signed; nothing when we cannot tell."""
    end: int
    """Where what it covers ends in the file."""


def findings(document: Document) -> list[Finding]:
    """What a PDF's signatures say; nothing when it has none."""
    sealed = b"/ByteRange" in document.data
    signed = [one for one in signatures(document.data) if one is not None] if sealed else []
    if not signed:
        return []
    names = " et ".join(dict.fromkeys(told(one) for one in signed[:MOST_NAMED]))
    if any(one.holds is False for one in signed) or changed(document, max(o.end for o in signed)):
        return [refusal("FAC-READ-041", names)]
    if any(one.holds is None for one in signed):
        return [refusal("FAC-READ-040", f"{names} ; cette signature n'a pas pu être vérifiée")]
    kept = "ce qu'il montre n'a pas changé depuis, l'identité du signataire n'est pas vérifiée"
    return [refusal("FAC-READ-040", f"{names} ; {kept}")]


def told(one: Signature) -> str:
    """A signer by name."""
    return f"« {one.signer} »" + (f" (certificat de « {one.issuer} »)" if one.issuer else "")


def signatures(data: bytes) -> Iterator[Signature | None]:
    """The signatures of a file, in its order; nothing where only a time was sealed."""
    for count, found in enumerate(RANGE.finditer(data)):
        start, length, rest, tail = map(int, found.groups())
        if count == MOST_SIGNATURES:
            return
        if not length + tail:  # a place for a signature that nobody has given yet
            continue
        hole = data[length:rest]
        if start != 0 or rest + tail > len(data) or len(hole) > LARGEST:
            yield Signature(UNKNOWN, None, False, min(rest + tail, len(data)))
        elif not HEX.fullmatch(hole):  # more than the signature itself is left out of the sum
            yield Signature(UNKNOWN, None, False, rest + tail)
        else:
            digits = re.sub(rb"[<>\s]", b"", hole).decode()
            packed = bytes.fromhex(digits + "0" * (len(digits) % 2))
            yield _judged(packed, data[:length] + data[rest : rest + tail], rest + tail)


def _judged(packed: bytes, content: bytes, end: int) -> Signature | None:
    """The signature over some content."""
    try:
        node = node_at(packed)
        signed = node[1][0]
        if signed[2][0].oid == TIMESTAMP:
            return None
        certificate = _certificate(node.raw, signed[-1][0][1])
        names = _name(certificate.subject) or UNKNOWN, _name(certificate.issuer)
    except Exception:  # a hostile certificate may break its library in ways nobody listed
        return Signature(UNKNOWN, None, None, end)
    try:
        return Signature(*names, _holds(signed[-1][0], certificate, content), end)
    except Exception:  # the same
        return Signature(*names, None, end)


def _certificate(packed: bytes, signer: Node) -> x509.Certificate:
    """The signer's certificate among those that travel along."""
    found = load_der_pkcs7_certificates(packed)
    if signer.tag == 0x30:
        serial = signer[1].integer
        return [one for one in found if one.serial_number == serial][0]
    kind = x509.SubjectKeyIdentifier
    digests = [one.extensions.get_extension_for_class(kind).value.digest for one in found]
    return found[digests.index(signer.value)]


def _name(name: x509.Name) -> str | None:
    """What a certificate calls somebody, short enough for a sentence."""
    for kind in (x509.NameOID.COMMON_NAME, x509.NameOID.ORGANIZATION_NAME):
        for one in name.get_attributes_for_oid(kind):
            words = re.sub(r"\s+", " ", str(one.value)).strip()[:80]
            if words:
                return words
    return None


def _holds(info: Node, certificate: x509.Certificate, content: bytes) -> bool | None:
    """Whether the sum of the content is the one that was signed, and signed with that key."""
    algorithm = HASHES[info[2][0].oid]
    if info[3].tag != 0xA0:
        return None
    attributes = {one[0].oid: one[1][0].value for one in info[3]}
    if attributes[MESSAGE_DIGEST] != hashlib.new(algorithm.name, content).digest():
        return False
    statement = b"\x31" + info[3].raw[1:]  # it is signed as a set, whatever it is inside
    key, kind, seal = certificate.public_key(), info[4][0].oid, info[5].value
    algorithm = SEALS.get(kind, algorithm)
    try:
        if isinstance(key, rsa.RSAPublicKey) and kind == PSS:
            salt = padding.PSS(padding.MGF1(algorithm), padding.PSS.AUTO)
            key.verify(seal, statement, salt, algorithm)
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(seal, statement, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(seal, statement, ec.ECDSA(algorithm))
        else:
            return None
    except InvalidSignature:
        return None if kind == PSS else False  # its parameters may be others than the usual ones
    return True


def changed(document: Document, end: int) -> bool:
    """Whether what was added after the last signature changed the words or the files of the PDF.

    Proofs and further seals are added at the end of a signed file by right; other pages are not.
    """
    if not document.data[end:].strip():
        return False
    try:
        signed = Document(document.name, document.data[:end])
        return shown(signed) != shown(document)
    except Unreadable:
        return True


def shown(document: Document) -> tuple[object, object]:
    """What a person and a program read of a PDF."""
    with pdf.damage_refused():
        words = [_words(page) for page in document.pages.pages()]
    return words, document.embedded


def _words(page: pymupdf.Page) -> list[object]:
    return [word[:5] for word in page.get_text("words")]
