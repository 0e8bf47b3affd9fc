"""Certificates of deposits: signed here, kept with their deposits, found by their number."""

from datetime import datetime

from services.ingest.domain.certificate import certificate, said, shown
from services.ingest.domain.deposit import certified
from shared import ring, signing
from shared.contracts.ingest import Certificate, DepositReceived
from shared.contracts.proof import CERTIFICATE, SignedCertificate
from shared.contracts.workflow import InvoiceOpened
from shared.errors import NotFound
from shared.mongo import Database, Document, Index
from shared.ring import Ring

DEPOSITS = "deposits"
COLLECTIONS = ring.COLLECTIONS
INDEXES = (Index(DEPOSITS, [("number", 1)], where={"number": {"$exists": True}}),)


class Certificates:
    """Signs certificates and finds them again."""

    def __init__(self, db: Database) -> None:
        self._deposits = db[DEPOSITS]
        self.ring = Ring(db)
        self.origin = ""
        """The public origin, given at the start: certificates say where they are checked."""

    async def receipt(self, fact: DepositReceived, at: datetime) -> Certificate:
        """The receipt of a deposit, signed."""
        receipt = certified(fact)
        whole = certificate(receipt, fact.realm, self.origin, at)
        return receipt.model_copy(update={"jws": await self._signed(whole, at)})

    async def complete(self, kept: str, opened: InvoiceOpened, at: datetime) -> str:
        """The whole certificate of a deposit whose invoice is integrated, in its signed form."""
        receipt = Certificate.model_validate_json(kept)
        return await self._signed(certificate(receipt, opened.realm, self.origin, at, opened), at)

    async def _signed(self, whole: SignedCertificate, at: datetime) -> str:
        signer = await self.ring.signer(at)
        return signer.sign(CERTIFICATE, said(whole))

    async def numbered(self, number: str) -> SignedCertificate | None:
        """The certificate of this number, as complete as it is by now."""
        found = await self._deposits.find_one({"number": number})
        return of(found) if found else None


def of(deposit: Document) -> SignedCertificate:
    """The certificate of a deposit, as complete as it is by now. Raises NotFound."""
    whole = next((item["certified"] for item in deposit["items"] if "certified" in item), None)
    jws = whole or Certificate.model_validate_json(deposit["certificate"]).jws
    if jws is None:
        raise NotFound("Ce dépôt n'a pas de certificat signé.", code="document-not-available")
    return shown(signing.content(jws), jws)
