"""A page that was handed in, as its sender sees it beside the form."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.component.neighbours import House, house
from tests.component.test_drafts import OTHER, SELLER, Desk
from tests.conftest import Broker, Mongo
from tests.papers import sheet

PAGE = sheet(
    (72, 72, "Facture n° F-9"), (72, 90, "Date : 24/11/2026"), (72, 110, "Total TTC : 12,00 €")
)


@pytest.fixture
async def ingest(mongo: Mongo, broker: Broker) -> AsyncIterator[House]:
    async with house("ingest", mongo, broker) as inhabited:
        yield inhabited


async def handed_in(desk: Desk) -> str:
    form = aiohttp.FormData()
    form.add_field("file", PAGE, filename="f.pdf")
    async with desk.ingest.http.post("/v1/deposits", data=form, headers=desk.headers) as answer:
        deposit = str((await answer.json())["id"])
    report = await desk.ask("GET", f"/v1/deposits/{deposit}?wait=20")
    assert report["state"] == "AWAITING_CONFIRMATION", report
    return deposit


async def test_a_page_is_seen_as_a_picture_with_its_words_by_its_owner_alone(ingest: House) -> None:
    desk, stranger = Desk(ingest, SELLER), Desk(ingest, OTHER, subject="person-2")
    deposit = await handed_in(desk)
    here = f"/v1/deposits/{deposit}/pages/1"
    page = await desk.ask("GET", here)
    assert (page["number"], page["count"]) == (1, 1)
    found = dict(page["words"])
    left, top, right, bottom = found["F-9"]
    assert 72 < left < right < page["width"] and 50 < top < bottom < 90
    async with ingest.http.get(f"{here}/image", headers=desk.headers) as image:
        assert image.status == 200 and (await image.read()).startswith(b"\x89PNG")
        assert image.content_type == "image/png"
        tag = {"If-None-Match": image.headers["ETag"]}
    async with ingest.http.get(f"{here}/image", headers=desk.headers | tag) as again:
        assert again.status == 304
    for path in (here, f"{here}/image", f"/v1/deposits/{deposit}/fields"):
        await stranger.ask("GET", path, status=404)
    for number in ("0", "2", "x", "99999"):
        await desk.ask("GET", f"/v1/deposits/{deposit}/pages/{number}", status=404)
        await desk.ask("GET", f"/v1/deposits/{deposit}/pages/{number}/image", status=404)


async def test_corrections_are_kept_and_judged_until_the_page_is_confirmed(ingest: House) -> None:
    desk = Desk(ingest, SELLER)
    deposit = await handed_in(desk)
    here = f"/v1/deposits/{deposit}/fields"
    first = await desk.ask("GET", here)
    assert not first["ready"] and first["typed"] == []
    missing = {finding["pointer"] for finding in first["findings"]}
    assert "/fields/total_without_vat" in missing
    await desk.ask("PATCH", here, {"fields": {"colour": "red"}}, status=422)
    sums = {"total_without_vat": "10.00", "total_vat": "2.00", "buyer_siret": "22310001700423"}
    names = {"seller_name": "Atelier", "seller_siret": "40483304800022", "buyer_name": "Mairie"}
    await desk.ask("PATCH", here, {"fields": sums | names})
    wrong = await desk.ask("PATCH", here, {"fields": {"total_vat": "3.00"}})
    assert "/fields/total_with_vat" in {finding["pointer"] for finding in wrong["findings"]}
    await desk.ask("PATCH", here, {"fields": {"total_vat": "2.00"}})
    kept = await desk.ask("GET", here)
    assert kept["fields"]["total_without_vat"] == "10.00" and "total_vat" in kept["typed"]
    assert kept["ready"], [one for one in kept["findings"] if one["severity"] == "error"]
    confirmed = await desk.ask("POST", f"/v1/deposits/{deposit}/confirm", {"fields": {}})
    assert confirmed["state"] == "READING" and confirmed["items"][0]["total_with_vat"] == "12.00"
    await desk.ask("PATCH", here, {"fields": {}}, status=409)
