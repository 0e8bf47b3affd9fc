"""A sender hands in scans: they are recognised, confirmed, and delay nobody."""

import asyncio

import aiohttp

from deploy.local.city import STRICT
from deploy.local.handle import Stack
from tests.bench.documents import ubl
from tests.faults.flow import BUYER, DEPARTMENTS, SELLER
from tests.fixtures.make_pdf import draw_invoice
from tests.fixtures.pdf.layouts import LAYOUTS
from tests.fixtures.pdf.scan import Copier, scanned
from tests.scenarios.steps import scene

CROOKED = Copier(angle=1.2, noise=0.08, quality=45)


async def test_a_scan_becomes_fields_that_its_sender_confirms(stack: Stack) -> None:
    async with scene(stack) as play:
        seller = await play.party(SELLER)
        await play.party(BUYER, public=True, requirements=STRICT, departments=DEPARTMENTS)
        pdf, truth = draw_invoice(2600, LAYOUTS[0])
        report = await play.deposit(seller, "scan.pdf", scanned(pdf, CROOKED))
        assert report["state"] == "AWAITING_CONFIRMATION"
        (item,) = report["items"]
        assert item["format"] == "pdf_ocr"
        for name in ("number", "issue_date", "total_with_vat"):
            assert item["fields"][name]["value"] == str(truth[name])
        assert "reconnu sur l'image" in item["fields"]["number"]["evidence"]
        fields = {
            "seller_siret": SELLER.siret,
            "buyer_siret": BUYER.siret,
            "buyer_reference": "DRT",
            "order_reference": "CP2020/X123456/1",
        }
        await seller.program.confirm(report["id"], **fields)
        done = await seller.program.settled(report["id"])
        assert done["state"] == "INTEGRATED", done["items"]


async def test_scans_that_wait_delay_no_invoice_of_text(stack: Stack) -> None:
    async with scene(stack) as play:
        seller = await play.party(SELLER)
        await play.party(BUYER, public=True, requirements=STRICT, departments=DEPARTMENTS)
        files = [scanned(draw_invoice(seed, LAYOUTS[0])[0]) for seed in range(2700, 2712)]
        ids = [
            (await seller.program.deposit(f"{n}.pdf", data))["id"] for n, data in enumerate(files)
        ]
        xml = ubl("VITE-1", seller=SELLER.siret, buyer=BUYER.siret, order="CP2020/X123456/1")
        assert (await play.deposit(seller, "text.xml", xml))["state"] == "INTEGRATED"
        states = [(await seller.program.get(f"/v1/deposits/{id}"))["state"] for id in ids]
        assert "RECEIVED" in states, "the text should have been faster"
        reports = await asyncio.gather(*(seller.program.settled(id) for id in ids))
        assert {report["state"] for report in reports} == {"AWAITING_CONFIRMATION"}


async def test_a_scan_is_tried_without_being_kept(stack: Stack) -> None:
    async with scene(stack) as play:
        seller = await play.party(SELLER)
        pdf, truth = draw_invoice(2601, LAYOUTS[0])
        form = aiohttp.FormData()
        form.add_field("file", scanned(pdf), filename="scan.pdf")
        found = await seller.program.call("POST", "/v1/extractions", data=form)
        assert found["format"] == "pdf_ocr"
        assert found["fields"]["number"]["value"] == truth["number"]
