"""The happy path: from the deposit of each format to the payment, seen by everybody concerned."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from deploy.local.city import STRICT
from deploy.local.demo import WRITERS
from deploy.local.handle import Stack
from deploy.local.samples import Company, Item, Sample
from shared.contracts.structures import Department
from tests.scenarios.steps import scene

SELLER = Company("99940004700018", "Menuiserie Lauragaise", "2 rue du Bois", "31400", "Toulouse")
BUYER = Company("22310001700423", "Conseil départemental", "1 rue Haute", "31090", "Toulouse")
SAMPLE = Sample(
    "F2026-0001",
    date(2026, 9, 1),
    SELLER,
    BUYER,
    (Item("Porte", 3, Decimal("310.00")), Item("Guide", 2, Decimal("14.20"), Decimal("5.50"))),
    "DRT",
    "CP2020/X123456/1",
    "19M123",
)
DEPARTMENTS = (Department(code="DRT", name="Routes", order_required=True),)
ARRIVAL = ["DEPOSITED", "IN_TRANSIT", "MADE_AVAILABLE"]


@pytest.mark.parametrize("format", ["ubl", "cii", "facturx", "pdf"])
async def test_an_invoice_goes_from_its_deposit_to_its_payment(stack: Stack, format: str) -> None:
    async with scene(stack) as play:
        seller = await play.party(SELLER)
        buyer = await play.party(
            BUYER, public=True, requirements=STRICT, departments=DEPARTMENTS, stands_in=True
        )
        events = await play.events(buyer)
        writer, suffix = WRITERS[format]
        report = await play.deposit(seller, f"facture.{suffix}", writer(SAMPLE))
        if format == "pdf":
            assert report["state"] == "AWAITING_CONFIRMATION", report
            await seller.program.confirm(report["id"])
            report = await seller.program.settled(report["id"])
        assert report["state"] == "INTEGRATED", report
        (item,) = report["items"]
        assert item["number"] == SAMPLE.number
        assert item["issue_date"] == "2026-09-01"
        assert Decimal(item["total_with_vat"]) == SAMPLE.with_vat

        invoice = await play.expect_status(buyer, item["invoice_id"], "MADE_AVAILABLE")
        assert invoice["invoice"]["order_reference"] == SAMPLE.order
        await buyer.person.move(invoice["id"], "order_payment", mandate_number="2026-17")
        await buyer.program.move(invoice["id"], "send_payment")
        await play.expect_status(seller, invoice["id"], "PAYMENT_SENT")

        told = await events.take(5)
        assert [event["sequence"] for event in told] == [1, 2, 3, 4, 5]
        assert [event["data"]["status"] for event in told] == [
            *ARRIVAL,
            "PAYMENT_ORDERED",
            "PAYMENT_SENT",
        ]
        assert {event["subject"] for event in told} == {invoice["id"]}
        assert await events.rest() == []


async def test_a_refused_invoice_is_explained_by_mail_and_its_number_stays_free(
    stack: Stack,
) -> None:
    async with scene(stack) as play:
        seller = await play.party(SELLER)
        buyer = await play.party(BUYER, public=True, requirements=STRICT, departments=DEPARTMENTS)
        events = await play.events(buyer)
        writer, _ = WRITERS["ubl"]
        report = await play.deposit(seller, "a.xml", writer(replace(SAMPLE, order=None)))
        assert report["state"] == "REJECTED"
        assert [f["bt"] for item in report["items"] for f in item["findings"]] == ["BT-13"]
        mail = await play.expect_mail(seller.email, "Anomalie")
        assert "engagement" in mail["text"]

        again = await play.deposit(seller, "b.xml", writer(SAMPLE))
        assert again["state"] == "INTEGRATED", again
        assert [event["data"]["status"] for event in await events.take(3)] == ARRIVAL
