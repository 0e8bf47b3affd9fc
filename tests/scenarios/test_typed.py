"""A seller without software types its invoice; it goes the way of every other."""

from decimal import Decimal

from deploy.local.city import STRICT
from deploy.local.handle import Stack
from services.ingest import formats
from services.ingest.formats import Document
from tests.scenarios.steps import scene
from tests.scenarios.test_seller_is_paid import ARRIVAL, BUYER, DEPARTMENTS, SAMPLE, SELLER

TYPED = {
    "number": "S-2026-001",
    "issue_date": "2026-11-20",
    "process": "A1",
    "seller_name": SELLER.name,
    "seller_vat_number": "FR83999400047",
    "buyer_siret": BUYER.siret,
    "buyer_name": BUYER.name,
    "buyer_reference": "AUTRE",
    "order_reference": SAMPLE.order,
    "total_without_vat": "310.00",
    "total_vat": "62.00",
    "total_with_vat": "372.00",
    "vat_breakdown": [{"rate": "20", "base": "310.00", "vat": "62.00"}],
    "lines": [
        {"name": "Porte", "quantity": "1", "price": "310.00", "net": "310.00", "vat_rate": "20"}
    ],
}


async def test_a_typed_invoice_is_refused_mended_and_reaches_its_buyer(stack: Stack) -> None:
    async with scene(stack) as play:
        seller = await play.party(SELLER)
        buyer = await play.party(
            BUYER, public=True, requirements=STRICT, departments=DEPARTMENTS, stands_in=True
        )
        events = await play.events(buyer)
        person = seller.person
        draft = await person.post("/v1/drafts", {"fields": TYPED}, Idempotency_Key="begin")
        here = draft["links"]["self"]
        assert draft["ready"], draft["findings"]
        sent = await person.post(f"{here}/send", {}, Idempotency_Key="first")
        report = await person.settled(sent["id"])
        assert report["state"] == "REJECTED", report
        draft = await person.get(here)
        assert (draft["state"], draft["number"]) == ("DRAFT", "Provisoire")
        assert "/fields/buyer_reference" in {one["pointer"] for one in draft["findings"]}
        await play.expect_mail(seller.email, "S-2026-001")

        tag = {"If-Match": f'"{draft["version"]}"'}
        mended = {"fields": {"buyer_reference": DEPARTMENTS[0].code}}
        await person.call("PATCH", here, headers=tag, json=mended)
        sent = await person.post(f"{here}/send", {}, Idempotency_Key="second")
        report = await person.settled(sent["id"])
        assert report["state"] == "INTEGRATED", report
        invoice_id = report["items"][0]["invoice_id"]
        draft = await person.get(here)
        assert (draft["state"], draft["number"]) == ("SENT", "S-2026-001")
        assert draft["invoice_id"] == invoice_id
        invoice = await play.expect_status(buyer, invoice_id, "MADE_AVAILABLE")
        told = await events.take(3)
        assert [event["data"]["status"] for event in told] == ARRIVAL

        data = await buyer.program.get(invoice["links"]["original"])
        read = formats.read(Document("a", data)).invoice
        assert read is not None and read.totals.with_vat == Decimal("372.00")
        assert [line.name for line in read.lines] == ["Porte"]
        listed = await person.get("/v1/drafts")
        assert listed["items"] == []
        proof = await person.get(invoice["links"]["certificate"])
        assert proof["sha256"] == sent["sha256"]
