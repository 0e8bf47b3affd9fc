"""Files that are only tried: each file inside answered, the directory asked, rules demanded."""

from typing import Any

import aiohttp

from shared.contracts.structures import Requirements, Structure, StructureChanged
from tests.component.neighbours import House, house
from tests.conftest import Broker, Mongo
from tests.fixtures.pivot import pivot, unit
from tests.papers import fixture, mended, sheet
from tests.scenarios.test_recognition import PAGE
from tests.unit.test_archive import zipped

SELLER = "live/siret/40483304800022"
BUYER = "22310001700423"
GOOD, BAD = fixture("ubl/invoice.xml"), mended("ubl/invoice.xml", ("GAR-2026-0117", "n°"))


async def tried(
    ingest: House, what: str, name: str, data: bytes, status: int = 200
) -> dict[str, Any]:
    """The answer to a file that is only tried."""
    form = aiohttp.FormData()
    form.add_field("file", data, filename=name)
    headers = ingest.token(SELLER)
    async with ingest.http.post(f"/v1/{what}", data=form, headers=headers) as answer:
        assert answer.status == status, await answer.text()
        found: dict[str, Any] = await answer.json(content_type=None)
        return found


async def test_each_file_of_an_archive_and_of_a_pivot_is_answered(
    mongo: Mongo, broker: Broker
) -> None:
    async with house("ingest", mongo, broker) as ingest:
        packed = zipped(("a.xml", GOOD), ("b.xml", BAD), ("c.zip", zipped(("d.xml", GOOD))))
        read = await tried(ingest, "extractions", "lot.zip", packed)
        assert (read["format"], read["fields"]) == ("archive", {})
        assert [item["file"] for item in read["items"]] == ["a.xml", "b.xml", "c.zip"]
        assert read["items"][0]["fields"]["number"]["value"] == "GAR-2026-0117"
        assert read["items"][2]["findings"][0]["code"] == "FAC-SAFE-008"
        judged = await tried(ingest, "validations", "lot.zip", packed)
        assert judged["accepted"] is False
        assert [item["accepted"] for item in judged["items"]] == [True, False, False]
        assert judged["items"][0]["conforms"]["xsd"] is True
        many = pivot(unit(number="P-1"), unit(number="P-2"))
        read = await tried(ingest, "extractions", "flux.xml", many)
        numbers = [item["fields"]["number"]["value"] for item in read["items"]]
        assert numbers == ["P-1", "P-2"]
        crowd = zipped(*((f"{n}.txt", b"x") for n in range(101)))
        refused = await tried(ingest, "extractions", "lot.zip", crowd, 422)
        assert refused["code"] == "archive-too-large"
        assert await ingest.db["deposits"].count_documents({}) == 0


async def test_the_directory_decides_on_trial_as_it_does_for_a_deposit(
    mongo: Mongo, broker: Broker
) -> None:
    async with house("ingest", mongo, broker) as ingest:
        body = Structure(
            key=f"live/siret/{BUYER}",
            realm="live",
            kind="siret",
            identifier=BUYER,
            name="Département de la Haute-Garonne",
            public=True,
            requirements=Requirements(order_pattern=r"CP\d{4}/[A-Z0-9]+/\d+"),
        )
        blind = await tried(ingest, "extractions", "page.pdf", sheet(*PAGE))
        assert "order_reference" not in blind["fields"]
        await ingest.learn(StructureChanged(structure=body))
        await ingest.until(lambda: ingest.db["directory"].find_one({}), "the body is known")
        read = await tried(ingest, "extractions", "page.pdf", sheet(*PAGE))
        assert read["fields"]["order_reference"]["value"] == "CP2025/AB12/3"


async def test_an_instance_may_demand_official_rules(mongo: Mongo, broker: Broker) -> None:
    async with house(
        "ingest", mongo, broker, CHORALE_DEMANDED_RULES="BR-FR-12, BR-FR-13"
    ) as ingest:
        judged = await tried(ingest, "validations", "a.xml", GOOD)
        errors = [one for one in judged["findings"] if one["severity"] == "error"]
        assert judged["accepted"] is False
        assert {one["rule"].partition("_")[0] for one in errors} == {"BR-FR-12", "BR-FR-13"}
        assert all("exige" in one["hint"] for one in errors)
        form = aiohttp.FormData()
        form.add_field("file", GOOD, filename="a.xml")
        headers = ingest.token(SELLER)
        async with ingest.http.post("/v1/deposits", data=form, headers=headers) as answer:
            url = (await answer.json())["links"]["wait"]
        async with ingest.http.get(url, headers=headers) as answer:
            report = await answer.json()
        assert report["state"] == "REJECTED"
        refused = {f["rule"] for f in report["items"][0]["findings"] if f["severity"] == "error"}
        assert refused == {one["rule"] for one in errors}
