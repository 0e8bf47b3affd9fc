"""What is written: an invoice, the contents of its attachments, its parties' identifiers."""

import base64
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.ingest.domain import Draft, check
from services.ingest.formats.values import LEGAL_SCHEMES, compact
from shared.contracts.invoice import Attachment, Identifier, Invoice, Party

SUBJECT = re.compile(r"#([A-Z]{2,3})#(.+)")
SIRET, SIREN = "0009", "0002"
"""Schemes of ISO 6523."""


@dataclass(frozen=True)
class Content:
    """An invoice and the bytes of its attachments, in their order."""

    invoice: Invoice
    contents: Sequence[bytes] = ()

    def attachments(self) -> Iterator[tuple[Attachment, str]]:
        """Every attachment with its bytes in base64."""
        for attachment, content in zip(self.invoice.attachments, self.contents, strict=True):
            yield attachment, base64.b64encode(content).decode()


def in_chorus_dialect(invoice: Invoice) -> bool:
    """Whether only Chorus Pro's own dialect lets it pass, which demands less than EN 16931."""
    draft = Draft.of(invoice)
    draft.chorus_dialect = False
    return any(finding.blocks for finding in check(draft))


def identifiers(party: Party) -> tuple[Identifier, ...]:
    """A party's identifiers; SIRET and SIREN among them when it is known by these alone."""
    known = {compact(one.value) for one in party.identifiers if one.scheme in LEGAL_SCHEMES}
    added = []
    if party.siret and party.siret not in known:
        added.append(Identifier(scheme=SIRET, value=party.siret))
    derived = party.siret in known and party.siren == (party.siret or "")[:9]
    if party.siren and party.siren not in known and not derived:
        added.append(Identifier(scheme=SIREN, value=party.siren, legal=True))
    return (
        *(one for one in added if not one.legal),
        *party.identifiers,
        *(one for one in added if one.legal),
    )


def notes(text: str | None) -> list[tuple[str | None, str]]:
    """The notes that a text is made of, each with its subject (BT-21); a text apart from them."""
    if text is None:
        return []
    found: list[tuple[str | None, str]] = []
    for line in text.split("\n"):
        match = SUBJECT.match(line)
        if match or not found:
            found.append((match[1], match[2]) if match else (None, line))
        else:
            found[-1] = (found[-1][0], f"{found[-1][1]}\n{line}")
    whole = all(said and said == said.strip() for _, said in found)
    return found if whole else [(None, text)]
