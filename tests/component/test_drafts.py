"""Invoices that people type, as ingest keeps and sends them."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from services.ingest import formats
from services.ingest.adapters import Lives
from services.ingest.formats import Document
from services.ingest.handlers.drafts import expiring
from services.ingest.store import Store
from shared.contracts.drafts import DraftExpiring
from shared.contracts.finding import Finding
from shared.contracts.ingest import DepositReceived, InvoiceRead
from shared.contracts.workflow import InvoiceOpened, InvoiceRefused
from shared.mongo import Database, connect
from tests.component.neighbours import House, house
from tests.conftest import Broker, Mongo
from tests.papers import sheet

SELLER, BUYER, OTHER = "live/siret/40483304800022", "live/siret/2", "live/siret/3"
INVOICE = "01920000-0000-7000-8000-000000000001"
LINE = {"name": "Pose", "quantity": "2", "price": "500.00", "net": "1000.00", "vat_rate": "20"}
TYPED = {
    "number": "F-2026-017",
    "issue_date": "2026-11-24",
    "seller_name": "Atelier Garonne",
    "seller_vat_number": "FR83404833048",
    "buyer_siret": "22310001700423",
    "buyer_name": "Haute-Garonne",
    "buyer_reference": "DFD",
    "iban": "FR7630006000011234567890189",
    "total_without_vat": "1000.00",
    "total_vat": "200.00",
    "total_with_vat": "1200.00",
    "vat_breakdown": [{"rate": "20", "base": "1000.00", "vat": "200.00"}],
    "lines": [LINE],
    "note": "Chantier de la Daurade",
}
PAGE = sheet(
    (72, 72, "Facture n° F-9"), (72, 90, "Date : 24/11/2026"), (72, 110, "Total TTC : 12,00 €")
)
LIVES = Lives(timedelta(days=90), timedelta(days=7))


class Desk:
    """Somebody at the API of drafts."""

    def __init__(self, ingest: House, *structures: str, **who: Any) -> None:
        self.ingest, self.headers = ingest, ingest.token(*structures, **who)

    async def ask(
        self, method: str, path: str, body: Any = None, status: int = 200, **headers: str
    ) -> dict[str, Any]:
        """One request whose status is expected; underscores of headers are dashes."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()} | self.headers
        async with self.ingest.http.request(method, path, json=body, headers=sent) as answer:
            text = await answer.text()
            assert answer.status == status, text
            found: dict[str, Any] = await answer.json(content_type=None) if text else {}
            if answer.status < 300 and "version" in found:
                assert answer.headers["ETag"] == f'"{found["version"]}"'
            return found

    async def begin(self, fields: Mapping[str, Any] = TYPED, **body: Any) -> dict[str, Any]:
        """A new draft."""
        return await self.ask("POST", "/v1/drafts", {"fields": fields, **body}, 201)

    async def attach(self, draft: Mapping[str, Any], name: str, data: bytes) -> dict[str, Any]:
        """A file added to a draft."""
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("file", data, filename=name)
        headers = self.headers | {"If-Match": f'"{draft["version"]}"'}
        url = draft["links"]["attachments"]
        async with self.ingest.http.post(url, data=form, headers=headers) as answer:
            assert answer.status == 201, await answer.text()
            found: dict[str, Any] = await answer.json()
            return found


@pytest.fixture
async def ingest(mongo: Mongo, broker: Broker) -> AsyncIterator[House]:
    async with house("ingest", mongo, broker) as inhabited:
        yield inhabited


async def test_what_was_typed_is_sent_as_a_deposit_and_becomes_an_invoice(ingest: House) -> None:
    desk = Desk(ingest, SELLER)
    draft = await desk.begin({})
    assert (draft["number"], draft["state"], draft["ready"]) == ("Provisoire", "DRAFT", False)
    assert draft["fields"] == {"seller_siret": "40483304800022"}
    here = draft["links"]["self"]
    draft = await desk.ask("PATCH", here, {"fields": TYPED}, If_Match='"1"')
    assert draft["ready"] and draft["number"] == "Provisoire"
    draft = await desk.attach(draft, "devis signé.csv", b"a;b\n")
    first = await desk.ask("POST", f"{here}/send", None, 202, Idempotency_Key="k")
    again = await desk.ask("POST", f"{here}/send", None, 202, Idempotency_Key="k")
    assert again["id"] == first["id"] and again["certificate"] == first["certificate"]
    await ingest.until(lambda: ingest.of(InvoiceRead), "the invoice is told")
    [deposit], [read] = ingest.of(DepositReceived), ingest.of(InvoiceRead)
    assert deposit.depositor.structure == SELLER and deposit.filename == "F-2026-017.pdf"
    assert read.format == "facturx" and read.header.number == "F-2026-017"
    assert read.header.note == "Chantier de la Daurade"
    await ingest.learn(opened(read))
    await ingest.until(lambda: _is(desk, here, invoice_id=INVOICE), "it names its invoice")
    done = await desk.ask("GET", here)
    assert (done["number"], done["deposit_id"]) == ("F-2026-017", first["id"])
    url = f"/v1/invoices/{INVOICE}/documents/original"
    async with ingest.http.get(url, headers=desk.headers) as answer:
        whole = formats.read(Document("f.pdf", await answer.read())).invoice
    assert whole is not None and [line.name for line in whole.lines] == ["Pose"]
    assert [one.name for one in whole.attachments] == ["devis signé.csv"]
    problem = await desk.ask("PATCH", here, {"fields": {}}, 409, If_Match="*")
    assert problem["code"] == "already-sent" and first["id"] in problem["detail"]
    copy = await desk.begin({}, from_invoice=INVOICE)
    assert "number" not in copy["fields"] and "issue_date" not in copy["fields"]
    assert (
        copy["fields"]["lines"][0]["name"] == "Pose" and copy["fields"]["buyer_reference"] == "DFD"
    )


async def test_a_refused_sending_names_every_fault_and_leaves_the_draft(ingest: House) -> None:
    desk = Desk(ingest, SELLER)
    draft = await desk.begin(TYPED | {"total_vat": "abc", "issue_date": "", "number": "x" * 21})
    problem = await desk.ask("POST", f"{draft['links']['self']}/send", None, 422)
    assert [(e["code"], e["pointer"]) for e in problem["errors"] if e["severity"] == "error"] == [
        ("FAC-READ-021", "/fields/total_vat"),
        ("FAC-READ-022", "/fields/issue_date"),
        ("FAC-B2G-002", "/fields/number"),
    ]
    assert (await desk.ask("GET", draft["links"]["self"]))["version"] == 1
    unknown = await desk.ask("POST", "/v1/drafts", {"fields": {"colour": "red"}}, 422)
    assert unknown["errors"][0]["pointer"] == "/fields/colour"


async def test_a_draft_whose_deposit_is_refused_is_open_again_with_the_reasons(
    ingest: House,
) -> None:
    desk = Desk(ingest, SELLER)
    draft = await desk.begin()
    here = draft["links"]["self"]
    sent = await desk.ask("POST", f"{here}/send", None, 202, Idempotency_Key="k")
    await ingest.until(lambda: ingest.of(InvoiceRead), "the invoice is told")
    reason = Finding(code="FAC-ROUTE-006", pointer="/buyer_reference", message="DFD n'existe pas.")
    await ingest.learn(refused(ingest.of(InvoiceRead)[0], reason))
    await ingest.until(lambda: _is(desk, here, state="DRAFT"), "the draft is open again")
    open_again = await desk.ask("GET", here)
    assert open_again["findings"][0]["pointer"] == "/fields/buyer_reference"
    assert open_again["ready"] and open_again["number"] == "Provisoire"
    late = await desk.ask("POST", f"{here}/send", None, 202, Idempotency_Key="k")
    assert late["id"] == sent["id"]  # the same request, answered late
    tag = f'"{open_again["version"]}"'
    mended = await desk.ask("PATCH", here, {"fields": {"buyer_reference": "B"}}, If_Match=tag)
    assert mended["findings"] == []
    new = await desk.ask("POST", f"{here}/send", None, 202, Idempotency_Key="l")
    assert new["id"] != sent["id"]


async def test_of_two_people_one_saves_and_the_other_learns_what_changed(ingest: House) -> None:
    one, two = Desk(ingest, SELLER), Desk(ingest, SELLER, subject="person-2")
    here = (await one.begin())["links"]["self"]
    await one.ask("PATCH", here, {"fields": {"number": "F-1", "note": None}}, If_Match='"1"')
    problem = await two.ask("PUT", here, {"fields": TYPED}, 412, If_Match='"1"')
    assert problem["code"] == "version-conflict" and "person-1" in problem["detail"]
    assert {e["pointer"]: e["message"] for e in problem["errors"]} == {
        "/fields/number": "Ce champ vaut maintenant « F-1 » ; il a été modifié par person-1.",
        "/fields/note": "Ce champ a changé ; il a été modifié par person-1.",
    }
    blind = await two.ask("PUT", here, {"fields": TYPED}, 428)
    assert blind["code"] == "if-match-missing"
    await two.ask("POST", f"{here}/send", None, 412, If_Match='"1"')
    saved = await two.ask("PUT", here, {"fields": TYPED}, If_Match='"2"')
    assert saved["changed_by"] == "person-2" and "seller_siret" not in saved["fields"]


async def test_drafts_of_others_do_not_exist_and_rights_are_those_of_deposits(
    ingest: House,
) -> None:
    here = (await Desk(ingest, SELLER).begin())["links"]["self"]
    stranger = Desk(ingest, OTHER)
    for method in ("GET", "DELETE"):
        await stranger.ask(method, here, None, 404)
    await stranger.ask("PUT", here, {"fields": {}}, 404, If_Match="*")
    await stranger.ask("POST", f"{here}/send", None, 404)
    await stranger.ask("POST", "/v1/drafts", {"structure": SELLER}, 403)
    await stranger.ask("POST", "/v1/drafts", {"from_draft": here.rpartition("/")[2]}, 404)
    await stranger.ask("POST", "/v1/drafts", {"from_invoice": INVOICE}, 404)
    assert (await stranger.ask("GET", "/v1/drafts"))["items"] == []
    grant = {"structure": SELLER, "role": "user", "spaces": {"issued_invoices": "read"}}
    reader = Desk(ingest, grants=[grant])
    assert (await reader.ask("GET", here))["fields"]["number"] == "F-2026-017"
    await reader.ask("PATCH", here, {"fields": {}}, 403, If_Match="*")
    await reader.ask("POST", f"{here}/send", None, 403)
    await reader.ask("DELETE", here, None, 403)


async def test_drafts_and_pages_that_await_confirmation_are_one_list_to_resume(
    ingest: House,
) -> None:
    desk = Desk(ingest, SELLER)
    made = [(await desk.begin(TYPED | {"number": f"F-{n}"}))["id"] for n in range(3)]
    form = aiohttp.FormData()
    form.add_field("file", PAGE, filename="facture.pdf")
    async with ingest.http.post("/v1/deposits", data=form, headers=desk.headers) as answer:
        deposit = (await answer.json())["id"]
    found = await desk.ask("GET", f"/v1/deposits/{deposit}?wait=20")
    assert found["state"] == "AWAITING_CONFIRMATION"
    sent = (await desk.begin())["links"]["self"]
    await desk.ask("POST", f"{sent}/send", None, 202)
    seen, cursor = list[dict[str, Any]](), ""
    for _ in range(3):
        page = await desk.ask("GET", f"/v1/drafts?limit=2{cursor}")
        seen += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert [one["id"] for one in seen] == [deposit, *reversed(made)]
    assert seen[0]["state"] == "AWAITING_CONFIRMATION" and seen[0]["filename"] == "facture.pdf"
    assert all(one["number"] == "Provisoire" for one in seen)
    await desk.ask("DELETE", f"/v1/drafts/{made[0]}", None, 204)
    await desk.ask("GET", f"/v1/drafts/{made[0]}", None, 404)


async def test_beginning_twice_with_one_key_begins_once(ingest: House) -> None:
    desk, asked = Desk(ingest, SELLER), {"fields": TYPED}
    first = await desk.ask("POST", "/v1/drafts", asked, 201, Idempotency_Key="k")
    assert await desk.ask("POST", "/v1/drafts", asked, 201, Idempotency_Key="k") == first


async def test_the_platform_numbers_what_has_no_number_without_gaps(ingest: House) -> None:
    desk = Desk(ingest, SELLER)
    drafts = [await desk.begin(TYPED | {"number": ""}) for _ in range(4)]
    urls = [f"{draft['links']['self']}/send" for draft in drafts]
    await desk.ask("POST", urls[0], None, 422)
    await asyncio.gather(
        *(desk.ask("POST", f"{url}?numbering=platform", None, 202) for url in (*urls, urls[1]))
    )
    sent = [await desk.ask("GET", draft["links"]["self"]) for draft in drafts]
    assert sorted(draft["number"] for draft in sent) == [f"2026{n:016d}" for n in range(1, 5)]
    await ingest.until(lambda: len(ingest.of(InvoiceRead)) == 4, "all are told")
    assert len(ingest.of(DepositReceived)) == 4


async def test_an_attachment_can_be_taken_off_again(ingest: House) -> None:
    desk = Desk(ingest, SELLER)
    draft = await desk.attach(await desk.begin(), "plan.pdf", b"%PDF-")
    assert [one["media_type"] for one in draft["attachments"]] == ["application/pdf"]
    url = f"{draft['links']['attachments']}/0"
    await desk.ask("DELETE", url, None, 412, If_Match='"1"')
    left = await desk.ask("DELETE", url, None, If_Match='"2"')
    assert left["attachments"] == []
    await desk.ask("DELETE", url, None, 404, If_Match='"3"')


async def test_a_draft_that_nobody_changes_goes_only_after_its_author_was_told(
    ingest: House, mongo: Mongo
) -> None:
    desk = Desk(ingest, SELLER)
    draft = await desk.begin()
    client = connect(mongo.url)
    store = Store(Database(client, f"{mongo.database}_ingest"))
    begun = datetime.now(UTC)
    try:
        assert await expiring(store, LIVES, begun + timedelta(days=82)) == []
        late = begun + timedelta(days=200)  # nobody looked for long
        [change] = await expiring(store, LIVES, late)
        [fact] = change.tell
        assert isinstance(fact, DraftExpiring) and fact.expires_at == late + LIVES.notice
        assert (fact.draft_id, fact.number) == (draft["id"], "F-2026-017")
    finally:
        client.close()


async def _is(desk: Desk, here: str, **expected: Any) -> bool:
    found = await desk.ask("GET", here)
    return {name: found[name] for name in expected} == expected


def opened(read: InvoiceRead) -> InvoiceOpened:
    return InvoiceOpened(
        invoice_id=INVOICE,
        deposit_id=read.deposit_id,
        item=read.item,
        realm=read.realm,
        seller=SELLER,
        buyer=BUYER,
        readers=(SELLER, BUYER),
        header=read.header,
        steps=(),
    )


def refused(read: InvoiceRead, *findings: Finding) -> InvoiceRefused:
    return InvoiceRefused(
        deposit_id=read.deposit_id, item=read.item, realm=read.realm, findings=findings
    )
