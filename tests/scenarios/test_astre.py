"""The demo's finance system plays the other side through public doors."""

import asyncio
import contextlib
import json
from pathlib import Path

from deploy.local import astre
from deploy.local.city import STRICT
from deploy.local.handle import Stack
from tests.bench.documents import ubl
from tests.faults.flow import BUYER, DEPARTMENTS, SELLER
from tests.scenarios.steps import scene

ENDS = {
    "TEST-PAYEE-1": "PAYMENT_SENT",
    "TEST-SUSPENDUE-1": "SUSPENDED",
    "TEST-REJETEE-1": "REJECTED",
    "TEST-RECYCLEE-1": "MISROUTED",
    "TEST-OUBLIEE-1": "MADE_AVAILABLE",
    "F-1": "MADE_AVAILABLE",
}


async def test_a_word_in_the_number_plays_an_invoice_to_its_end(
    stack: Stack, tmp_path: Path
) -> None:
    async with scene(stack) as play:
        seller = await play.party(SELLER)
        buyer = await play.party(BUYER, public=True, requirements=STRICT, departments=DEPARTMENTS)
        told = {"client_id": buyer.client_id, "client_secret": buyer.client_secret}
        demo = tmp_path / "demo.json"
        demo.write_text(json.dumps({"base_url": stack.base_url, "buyer": told}))
        place = tmp_path / "place"
        playing = asyncio.create_task(
            astre.play(demo, place, url=None, pause=0, every=False), name="astre"
        )
        try:
            invoices = {}
            for number in ENDS:
                data = ubl(
                    number,
                    seller=SELLER.siret,
                    buyer=BUYER.siret,
                    order="CP2020/X123456/1",
                    lines=1,
                )
                report = await play.deposit(seller, f"{number}.xml", data)
                invoices[number] = report["items"][0]["invoice_id"]
            for number, status in ENDS.items():
                await play.expect_status(seller, invoices[number], status)
            suspended = invoices["TEST-SUSPENDUE-1"]
            await seller.person.move(suspended, "complete", comment="Bon de livraison joint")
            await play.expect_status(seller, suspended, "PAYMENT_SENT")
            paid = await seller.person.get(f"/v1/invoices/{invoices['TEST-PAYEE-1']}/history")
            assert [step["status"] for step in paid["items"]][-4:] == [
                "SERVICE_DONE",
                "PAYMENT_ORDERED",
                "SENT_TO_ACCOUNTANT",
                "PAYMENT_SENT",
            ]
        finally:
            playing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await playing
