"""Proofs that were downloaded, checked without a network: certificates, journals, heads, keys."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pymupdf

from services.workflow.domain.journal import Fault
from services.workflow.domain.trust import WHY, check_chain, check_heads
from shared.contracts.proof import (
    CERTIFICATE,
    HeadPage,
    HeadView,
    JournalPage,
    KeySet,
    SignedCertificate,
)
from shared.signing import Doubtful, signed

MOST_BYTES = 64 * 1024 * 1024
INSIDE = "certificat.json"
"""The name under which the readable certificate holds the signed one."""
FORGED = "what it says is not what is signed"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was checked."""

    sentence: str
    faults: tuple[Fault, ...] = ()


@dataclass
class Papers:
    """What was handed in, sorted by kind."""

    keys: list[dict[str, Any]] = field(default_factory=list)
    certificates: list[tuple[str, SignedCertificate]] = field(default_factory=list)
    chains: dict[str, list[JournalPage]] = field(default_factory=dict)
    heads: list[HeadView] = field(default_factory=list)
    others: list[tuple[str, str]] = field(default_factory=list)
    """Names and hashes of files that are no proof: those that a certificate may speak of."""
    faults: list[Fault] = field(default_factory=list)

    @classmethod
    def read(cls, files: Sequence[Path], key_sets: Sequence[Path]) -> "Papers":
        """Read files; one that cannot be read is a fault."""
        found = cls()
        for path in (*key_sets, *files):
            try:
                if path.stat().st_size > MOST_BYTES:
                    raise ValueError("it is too large")
                found._sort(path.name, path.read_bytes(), is_keys=path in key_sets)
            except (OSError, ValueError) as error:
                found.faults.append(Fault(str(path), f"unreadable: {error}"[:200]))
        return found

    def _sort(self, name: str, data: bytes, *, is_keys: bool) -> None:
        paper = _json(data)
        if is_keys:
            self.keys += [k.model_dump(mode="json") for k in KeySet.model_validate(paper).keys]
        elif isinstance(paper, dict) and "jws" in paper and "deposit_id" in paper:
            self.certificates.append((name, SignedCertificate.model_validate(paper)))
        elif isinstance(paper, dict) and "entries" in paper:
            page = JournalPage.model_validate(paper)
            self.chains.setdefault(page.invoice_id, []).append(page)
        elif isinstance(paper, dict) and "items" in paper:
            self.heads += HeadPage.model_validate(paper).items
        else:
            self.others.append((name, hashlib.sha256(data).hexdigest()))

    def checked(self) -> Iterator[Line]:
        """Everything that was handed in, one after another."""
        for name, certificate in self.certificates:
            yield self._certificate(name, certificate)
        for invoice, pages in self.chains.items():
            faults = check_chain(pages, self.keys, self.heads)
            entries = [entry for page in pages for entry in page.entries]
            sealed = sum(entry.sealed is not None for entry in entries)
            told = f"journal de {invoice} : {len(entries)} entrées, {sealed} scellées"
            yield _line(told, faults)
        if self.heads:
            told = f"{len(self.heads)} têtes du journal"
            yield _line(told, check_heads(self.heads, self.keys))
        for name, hash in self.others:
            matching = [c.number for _, c in self.certificates if c.sha256 == hash]
            told = f"{name} : SHA-256 {hash}"
            if matching:
                yield Line(f"✓ {told}, le fichier du certificat {matching[0]}")
            else:
                yield _line(told, [Fault(name, "no certificate here speaks of this file")])

    def _certificate(self, name: str, certificate: SignedCertificate) -> Line:
        told = f"{name} : certificat {certificate.number}"
        try:
            said = signed(certificate.jws or "", CERTIFICATE, self.keys, "signed_at")
        except Doubtful as doubt:
            why = WHY[doubt.why] if doubt.why != "compromised-key" else "its key was stolen"
            return _line(told, [Fault(name, why)])
        shown = certificate.model_copy(update={"jws": None})
        if SignedCertificate.model_validate(said) != shown:
            return _line(told, [Fault(name, FORGED)])
        return Line(f"✓ {told}, déposé le {certificate.received_at:%d/%m/%Y à %H:%M:%S} UTC")


def _json(data: bytes) -> Any:
    """The JSON that a file is, or that the readable certificate holds; None for other files."""
    if data.startswith(b"%PDF"):
        try:
            with pymupdf.open(stream=data, filetype="pdf") as document:
                if INSIDE not in document.embfile_names():
                    return None
                data = document.embfile_get(INSIDE)
        except (RuntimeError, ValueError):
            return None
    try:
        return json.loads(data)
    except ValueError:
        return None


def _line(told: str, faults: Sequence[Fault]) -> Line:
    return Line(f"{'✗' if faults else '✓'} {told}", tuple(faults))
