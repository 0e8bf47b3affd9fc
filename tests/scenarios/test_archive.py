"""A sender hands in many invoices at once and knows what became of each."""

import io
import zipfile
from collections import Counter

from deploy.local.city import STRICT
from deploy.local.handle import Stack
from tests.bench.documents import ubl
from tests.faults.flow import BUYER, DEPARTMENTS, SELLER
from tests.fixtures.make_pdf import draw_invoice
from tests.fixtures.pdf.layouts import LAYOUTS
from tests.scenarios.steps import scene


def invoice(number: str, order: str = "CP2020/X123456/1") -> bytes:
    return ubl(number, seller=SELLER.siret, buyer=BUYER.siret, order=order, lines=1)


def zipped(*files: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files:
            made.writestr(name, data)
    return packed.getvalue()


async def test_each_file_of_an_archive_has_its_result_and_one_mail_tells_the_refusals(
    stack: Stack,
) -> None:
    async with scene(stack) as play:
        seller = await play.party(SELLER)
        await play.party(BUYER, public=True, requirements=STRICT, departments=DEPARTMENTS)
        files = (
            ("lot/good-1.xml", invoice("LOT-1")),
            ("lot/good-2.xml", invoice("LOT-2")),
            ("lot/no-order.xml", invoice("LOT-3", order="")),
            ("lot/rubbish.bin", b"\x01\x02" * 100),
            ("lot/again.xml", invoice("LOT-1")),
            ("lot/page.pdf", draw_invoice(3, LAYOUTS[0])[0]),
            ("lot/more.zip", zipped(("inner.xml", invoice("LOT-9")))),
        )
        archive = zipped(*files)
        report = await play.deposit(seller, "lot.zip", archive)
        states = {item["filename"]: item["state"] for item in report["items"]}
        assert list(states) == [name.removeprefix("lot/") for name, _ in files]
        assert states == {
            "good-1.xml": "INTEGRATED",
            "good-2.xml": "INTEGRATED",
            "no-order.xml": "REJECTED",
            "rubbish.bin": "REJECTED",
            "again.xml": "REJECTED",
            "page.pdf": "AWAITING_CONFIRMATION",
            "more.zip": "REJECTED",
        }
        assert report["state"] == "AWAITING_CONFIRMATION"
        codes = {i["filename"]: {f["code"] for f in i["findings"]} for i in report["items"]}
        assert "FAC-DUP-001" in codes["again.xml"]
        assert codes["more.zip"] == {"FAC-SAFE-008"}

        mail = await play.expect_mail(seller.email, "lot.zip")
        assert "LOT-3" in mail["text"] and "LOT-2" not in mail["text"]
        again = await play.deposit(seller, "lot.zip", archive)
        assert again["id"] == report["id"]
        assert len(await play.anybody.mails(seller.email)) == 1


async def test_five_hundred_invoices_in_one_archive_are_five_hundred_invoices(
    stack: Stack,
) -> None:
    async with scene(stack) as play:
        seller = await play.party(SELLER)
        buyer = await play.party(BUYER, public=True, requirements=STRICT, departments=DEPARTMENTS)
        events = await play.events(buyer)
        files = ((f"{n}.xml", invoice(f"GROS-{n}")) for n in range(500))
        report = await play.deposit(seller, "gros.zip", zipped(*files))
        assert report["state"] == "INTEGRATED"
        assert len({item["invoice_id"] for item in report["items"]}) == 500
        told = Counter(event["data"]["number"] for event in await events.rest())
        assert len(told) == 500 and set(told.values()) == {3}


async def test_an_archive_that_leaves_its_folder_is_refused_whole(stack: Stack) -> None:
    async with scene(stack) as play:
        seller = await play.party(SELLER)
        archive = zipped(("good.xml", invoice("EVADE-1")), ("../bad.xml", invoice("EVADE-2")))
        report = await play.deposit(seller, "evade.zip", archive)
        assert report["state"] == "REJECTED"
        assert [f["code"] for f in report["items"][0]["findings"]] == ["FAC-SAFE-009"]
