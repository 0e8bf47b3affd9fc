"""What the platform makes of a page whose buyer it knows, and of a file of many invoices."""

from deploy.local import ready
from deploy.local.city import STRICT
from deploy.local.handle import Stack
from tests.faults.flow import BUYER, DEPARTMENTS, SELLER
from tests.fixtures.pivot import paper, pivot, unit
from tests.papers import sheet
from tests.scenarios.steps import scene

PAGE = (
    (40, 40, "Atelier du flux SARL"),
    (40, 82, f"SIRET : {SELLER.siret}"),
    (330, 100, "Client :"),
    (330, 114, "Département de la Haute-Garonne"),
    (330, 142, f"SIRET : {BUYER.siret}"),
    (40, 200, "Facture n° F-2025-017"),
    (40, 216, "Date : 03/11/2025"),
    (40, 240, "Vos interlocuteurs : DRT, affaire CP2025/AB12/3"),
    (350, 400, "Total HT"),
    (480, 400, "1 000,00 €"),
    (350, 416, "TVA 20 %"),
    (480, 416, "200,00 €"),
    (350, 432, "Total TTC"),
    (480, 432, "1 200,00 €"),
)


async def test_a_page_is_decided_by_what_the_directory_knows_of_its_buyer(stack: Stack) -> None:
    async with scene(stack) as play:
        seller = await play.party(SELLER)
        buyer = await play.party(BUYER, public=True, requirements=STRICT, departments=DEPARTMENTS)
        await ready.learned(stack.mongo_url, ("ingest", "directory"), [buyer.key])
        report = await play.deposit(seller, "page.pdf", sheet(*PAGE))
        fields = report["items"][0]["fields"]
        assert fields["buyer_siret"]["confidence"] == 0.98
        assert (fields["buyer_reference"]["value"], fields["order_reference"]["value"]) == (
            "DRT",
            "CP2025/AB12/3",
        )
        assert "est sur la page" in fields["order_reference"]["evidence"]


async def test_each_invoice_of_a_pivot_has_its_result(stack: Stack) -> None:
    async with scene(stack) as play:
        seller = await play.party(SELLER)
        await play.party(BUYER, public=True, requirements=STRICT, departments=DEPARTMENTS)
        known = {"identifier": SELLER.siret, "department": "DRT"}
        units = (
            unit(paper("a.pdf", b"%PDF-1.7"), number="PIVOT-1", **known),
            unit(number="PIVOT-2", **known),
            unit(number="PIVOT-3", rate="x", **known),
        )
        report = await play.deposit(seller, "flux", pivot(*units))
        states = {item["filename"]: item["state"] for item in report["items"]}
        assert list(states.values()) == ["INTEGRATED", "INTEGRATED", "REJECTED"], report["items"]
        assert report["state"] == "PARTLY_INTEGRATED"
        assert report["items"][0]["number"] == "PIVOT-1"
