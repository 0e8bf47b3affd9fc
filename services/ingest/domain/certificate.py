"""The certificate of a deposit: what it says, and how its number is written in an address."""

from datetime import datetime
from typing import Any

from shared.contracts.ingest import Certificate
from shared.contracts.invoice import Party
from shared.contracts.proof import CertifiedInvoice, CertifiedParty, SignedCertificate
from shared.contracts.workflow import InvoiceOpened

SAFE = str.maketrans("+/", "-_")
UNSAFE = str.maketrans("-_", "+/")
LETTERS = 44
"""Of a number: base64 of 32 bytes."""


def in_address(number: str) -> str:
    """A number as it stands in an address."""
    return number.translate(SAFE).rstrip("=")


def number_of(text: str) -> str:
    """A number as it is kept, however it was written or copied."""
    bare = "".join(text.split()).translate(UNSAFE).rstrip("=")
    return bare.ljust(LETTERS, "=") if len(bare) <= LETTERS else bare


def certificate(
    receipt: Certificate, realm: str, origin: str, at: datetime, opened: InvoiceOpened | None = None
) -> SignedCertificate:
    """What is certified of a deposit, and once it is integrated of its invoice; not yet signed."""
    facts = receipt.model_dump(exclude={"jws"})
    return SignedCertificate(
        **facts,
        realm=realm,
        invoice=_invoice(opened, at) if opened else None,
        signed_at=at,
        check_url=f"{origin}/certificat?numero={in_address(receipt.number)}",
    )


def said(certified: SignedCertificate) -> bytes:
    """The bytes that are signed."""
    return certified.model_dump_json(exclude={"jws"}, exclude_none=True).encode()


def shown(content: dict[str, Any], jws: str) -> SignedCertificate:
    """A certificate from what was signed."""
    return SignedCertificate.model_validate({**content, "jws": jws})


def _invoice(opened: InvoiceOpened, at: datetime) -> CertifiedInvoice:
    header = opened.header
    return CertifiedInvoice(
        invoice_id=opened.invoice_id,
        number=header.number,
        issue_date=header.issue_date,
        type_code=header.type_code,
        currency=header.currency,
        seller=_party(header.seller, opened.seller),
        buyer=_party(header.buyer, opened.buyer),
        totals=header.totals,
        integrated_at=opened.steps[0].at if opened.steps else at,
    )


def _party(party: Party, structure: str) -> CertifiedParty:
    return CertifiedParty(name=party.name, siret=party.siret, structure=structure)
