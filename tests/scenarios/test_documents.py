"""Whatever the seller sends, the buyer fetches the format it wants, at the one public origin."""

import pytest

from deploy.local.demo import WRITERS
from deploy.local.door import Refused
from deploy.local.handle import Stack
from deploy.local.samples import Company
from services.ingest import formats
from services.ingest.formats import Document
from shared.contracts.ingest import DocumentKind
from tests.scenarios.steps import Party, Scene, scene
from tests.scenarios.test_seller_is_paid import BUYER, SAMPLE, SELLER

STRANGER = Company("35600000000048", "Autre", "1 rue", "75001", "Paris")
READ_BACK = ("ubl", "cii", "facturx")


async def integrated(play: Scene, seller: Party, format: str) -> str:
    writer, suffix = WRITERS[format]
    report = await play.deposit(seller, f"facture.{suffix}", writer(SAMPLE))
    if report["state"] == "AWAITING_CONFIRMATION":
        await seller.program.confirm(report["id"])
        report = await seller.program.settled(report["id"])
    assert report["state"] == "INTEGRATED", report
    return str(report["items"][0]["invoice_id"])


@pytest.mark.parametrize("format", ["ubl", "cii", "facturx", "pdf"])
async def test_the_buyer_fetches_every_document(stack: Stack, format: str) -> None:
    async with scene(stack) as play:
        seller = await play.party(SELLER)
        buyer = await play.party(BUYER, public=True, stands_in=True)
        stranger = await play.party(STRANGER)
        invoice_id = await integrated(play, seller, format)
        invoice = await play.expect_status(buyer, invoice_id, "MADE_AVAILABLE")
        assert set(DocumentKind) <= invoice["links"].keys()
        for kind in READ_BACK:
            data = await buyer.program.get(invoice["links"][kind])
            reading = formats.read(Document("a", data))
            assert reading.accepted, (kind, reading.findings)
            assert reading.invoice is not None
            assert (reading.invoice.number, reading.invoice.totals.with_vat) == (
                SAMPLE.number,
                SAMPLE.with_vat,
            )
            assert reading.invoice.order_reference == SAMPLE.order
        original = await buyer.person.get(invoice["links"]["original"])
        assert original == WRITERS[format][0](SAMPLE)
        readable = await buyer.person.get(invoice["links"]["readable"])
        assert readable.startswith(b"%PDF-")
        assert (readable == original) is (format in {"facturx", "pdf"})
        proof = await seller.person.get(invoice["links"]["certificate"])
        assert proof["sha256"] == invoice["sha256"]
        with pytest.raises(Refused) as refused:
            await stranger.program.get(invoice["links"]["ubl"])
        assert refused.value.status == 404
        with pytest.raises(Refused) as refused:
            await buyer.program.get(invoice["links"]["attachments"])
        assert refused.value.problem["code"] == "document-not-available"
