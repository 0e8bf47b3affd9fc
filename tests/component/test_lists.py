"""Lists, what is to do and dashboards, through the real API: each filter against plain reading."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from shared.contracts.ingest import InvoiceRead
from shared.contracts.invoice import Party, Totals
from shared.contracts.message import Depositor
from tests.builders import AT, BUYER_SIRET, a_party, an_invoice, an_invoice_read
from tests.component.acting import BUYER, LEAD, LEAD_SIRET, MAIN, MAIN_SIRET, SELLER, do, workflow
from tests.component.neighbours import House
from tests.component.test_workflow import ask, opened

__all__ = ["workflow"]
OTHER = f"live/siret/{LEAD_SIRET}"


def money(amount: str) -> Totals:
    total = Decimal(amount)
    return Totals(with_vat=total, due=total, without_vat=total)


def reads() -> list[InvoiceRead]:
    """Invoices of two sellers that differ in everything a filter may ask."""
    lead = a_party(name="Peintures Dupont & Fils", siret=LEAD_SIRET, vat_number=None)
    shared: list[dict[str, Any]] = [
        {"number": "FA-2026-0042", "totals": money("10.00"), "note": "Ravalement du collège"},
        {"number": "FA-2026-0043", "totals": money("2500.50"), "buyer_reference": "ROUTES"},
        {"number": "AV-2026-0001", "totals": money("10.00"), "type_code": "381"},
        {"number": "L/7", "totals": money("99.99"), "seller": lead, "issue_date": date(2026, 1, 5)},
        {"number": "L/8", "seller": lead, "order_reference": "AP2026/ZZ9/2"},
        {"number": "FA-9", "contract_reference": "26M0123", "issue_date": date(2026, 2, 1)},
        {"number": "FA-10", "process": "A9", "validator": Party(siret=MAIN_SIRET)},
    ]
    made = []
    for n, fields in enumerate(shared):
        header = an_invoice(**fields).header()
        key = f"live/siret/{header.seller.siret}"
        who = Depositor(subject="person-1", structure=key, structures=(key,))
        read = an_invoice_read(header=header, depositor=who, received_at=AT + timedelta(days=n))
        made.append(read)
    return made


async def listed(workflow: House, who: dict[str, str], **query: Any) -> list[str]:
    """The numbers in a list, over as many pages as there are."""
    found: list[str] = []
    cursor = None
    while True:
        asked = urlencode({**query, "limit": 3, **({"cursor": cursor} if cursor else {})})
        status, page, _ = await ask(workflow, "GET", f"/v1/invoices?{asked}", who)
        assert status == 200, (query, page)
        found += [item["number"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


async def test_every_filter_finds_what_plain_reading_finds(workflow: House) -> None:
    told = await opened(workflow, *reads())
    by_number = {t.header.number: t for t in told}
    buyer, seller = workflow.token(BUYER), workflow.token(SELLER)
    suspended = {"reason": "Bon de livraison absent"}
    assert (await do(workflow, by_number["FA-9"], BUYER, "suspend", **suspended))[0] == 200
    everything = set(by_number)
    fa = {"FA-2026-0042", "FA-2026-0043", "FA-9", "FA-10"}
    lead = {"L/7", "L/8"}
    for query, wanted in (
        ({}, everything),
        ({"as": "buyer"}, everything),
        ({"as": "seller"}, set()),
        ({"structure": BUYER_SIRET}, everything),
        ({"structure": SELLER}, set()),
        ({"status": "SUSPENDED"}, {"FA-9"}),
        ({"status": "SUSPENDED,TO_VALIDATE_1"}, {"FA-9", "FA-10"}),
        ({"action": "treat"}, everything - {"FA-9", "FA-10"}),
        ({"number": "FA-2026-0042"}, {"FA-2026-0042"}),
        ({"number": "FA-2026"}, set()),
        ({"number_starts": "FA-2026"}, {"FA-2026-0042", "FA-2026-0043"}),
        ({"seller": "dupont"}, lead),
        ({"seller": "fils PEINT"}, lead),
        ({"seller": LEAD_SIRET}, lead),
        ({"seller": LEAD_SIRET[:9]}, lead),
        ({"seller": "canal"}, everything - lead),
        ({"seller": "dupond"}, set()),
        ({"buyer": "garonne"}, everything),
        ({"buyer": "canal"}, set()),
        ({"buyer_reference": "ROUTES"}, {"FA-2026-0043"}),
        ({"order_reference": "AP2026/ZZ9/2"}, {"L/8"}),
        ({"contract_reference": "26M0123"}, {"FA-9"}),
        ({"type_code": "381"}, {"AV-2026-0001"}),
        ({"type_code": "380", "number_starts": "FA"}, fa),
        ({"process": "A9"}, {"FA-10"}),
        ({"issued_from": "2026-01-05", "issued_to": "2026-02-01"}, {"L/7", "FA-9"}),
        (
            {"received_from": "2026-03-13", "received_to": "2026-03-14"},
            {"FA-2026-0043", "AV-2026-0001"},
        ),
        ({"available_from": "2026-03-01"}, everything - {"FA-10"}),
        ({"available_to": "2026-03-01"}, set()),
        ({"changed_until": "2026-03-01T00:00:00Z"}, set()),
        ({"changed_since": "2026-03-01T00:00:00Z"}, everything),
        ({"amount_from": "99.99", "amount_to": "120"}, {"L/7", "L/8", "FA-9", "FA-10"}),
        ({"deposit_id": by_number["L/8"].deposit_id}, {"L/8"}),
        ({"late": "true"}, set()),
        ({"q": "ravalement college"}, {"FA-2026-0042"}),
        ({"q": "fa-2026-00"}, {"FA-2026-0042", "FA-2026-0043"}),
        ({"q": "dupont 732"}, set()),
        ({"q": "zz9"}, set()),
        ({"q": "ap2026/zz9"}, {"L/8"}),
        ({"q": "dup", "issued_to": "2026-01-31"}, {"L/7"}),
    ):
        assert (query, set(await listed(workflow, buyer, **query))) == (query, wanted)
    assert set(await listed(workflow, seller, q="garonne")) == everything - lead
    assert set(await listed(workflow, seller, seller="canal")) == everything - lead
    assert set(await listed(workflow, workflow.token(MAIN), **{"as": "validator"})) == {"FA-10"}
    assert await listed(workflow, workflow.token(MAIN), seller="canal") == ["FA-10"]


async def test_every_order_goes_through_all_pages_and_skips_nothing(workflow: House) -> None:
    told = await opened(workflow, *reads())
    who = workflow.token(BUYER)
    headers = {t.header.number: t.header for t in told}
    arrived = {t.header.number: t.invoice_id for t in told}
    keys: dict[str, Callable[[str], Any]] = {
        "received": arrived.__getitem__,
        "number": lambda n: (n, arrived[n]),
        "issued": lambda n: (headers[n].issue_date, arrived[n]),
        "amount": lambda n: (headers[n].totals.with_vat, arrived[n]),
    }
    for by, key in keys.items():
        for down in (False, True):
            sort = f"-{by}" if down else by
            found = await listed(workflow, who, sort=sort)
            assert found == sorted(arrived, key=key, reverse=down), sort
    assert set(await listed(workflow, who, sort="-changed")) == set(arrived)
    _, page, _ = await ask(workflow, "GET", "/v1/invoices?limit=1&sort=amount", who)
    for wrong in ("received", "-number", "changed"):
        path = f"/v1/invoices?limit=1&sort={wrong}&cursor={page['next_cursor']}"
        status, problem, _ = await ask(workflow, "GET", path, who)
        assert (wrong, status, problem["code"]) == (wrong, 400, "bad-cursor")


async def test_what_is_to_do_is_what_the_caller_may_do(workflow: House) -> None:
    told = {t.header.number: t for t in await opened(workflow, *reads())}
    for number, action in (("FA-9", "suspend"), ("L/7", "reject"), ("FA-2026-0043", "misroute")):
        assert (await do(workflow, told[number], BUYER, action, reason="Motif"))[0] == 200

    async def todo(who: dict[str, str]) -> dict[str, list[str]]:
        status, view, _ = await ask(workflow, "GET", "/v1/invoices/todo", who)
        assert status == 200, view
        found = {}
        for group in view["items"]:
            status, page, _ = await ask(workflow, "GET", group["link"], who)
            assert [i["id"] for i in page["items"]] == [i["id"] for i in group["items"]]
            found[group["action"]] = [item["number"] for item in group["items"]]
            assert (group["count"], group["more"]) == (len(group["items"]), False)
        return found

    lead = workflow.token(LEAD)
    assert await todo(workflow.token(SELLER)) == {"complete": ["FA-9"], "reroute": ["FA-2026-0043"]}
    assert await todo(workflow.token(MAIN)) == {"validate": ["FA-10"]}
    assert await todo(lead) == {"acknowledge": ["L/7"]}
    assert await todo(workflow.token(BUYER)) == {"treat": ["FA-2026-0042", "AV-2026-0001", "L/8"]}
    for action, left in (
        ("acknowledge", {"deal_with_rejection": ["L/7"]}),
        ("deal_with_rejection", {}),
    ):
        assert (await do(workflow, told["L/7"], LEAD, action))[0] == 200
        assert await todo(lead) == left

    reads_only = {"structure": BUYER, "role": "user", "spaces": {"received_invoices": "read"}}
    assert await todo(workflow.token(grants=[reads_only])) == {}
    routes = {**reads_only, "spaces": {"received_invoices": "write"}, "departments": ["ROUTES"]}
    agent = workflow.token(grants=[routes])
    assert await todo(agent) == {}
    assert await listed(workflow, agent) == ["FA-2026-0043"]
    assert await listed(workflow, agent, q="ravalement") == []


async def summed(workflow: House, who: dict[str, str], query: str = "") -> dict[str, Any]:
    """The dashboard, side by side, once all is added up."""

    async def added() -> bool:
        return not await workflow.db["counts"].count_documents({})

    await workflow.until(added, "every count is added up")
    status, view, _ = await ask(workflow, "GET", f"/v1/invoices/summary{query}", who)
    assert status == 200, view
    return {side["side"]: side for side in view["items"]}


async def test_a_dashboard_counts_sums_ages_and_expects(workflow: House) -> None:
    today = datetime.now(UTC)
    old = an_invoice(number="D-1", totals=money("100.10")).header()
    credit = an_invoice(number="D-2", totals=money("30.00"), type_code="381").header()
    foreign = an_invoice(number="D-3", totals=money("7.00"), currency="USD").header()
    late = an_invoice_read(header=old, received_at=today - timedelta(days=40))
    told = await opened(
        workflow,
        late,
        *(an_invoice_read(header=header, received_at=today) for header in (credit, foreign)),
    )
    side = (await summed(workflow, workflow.token(SELLER)))["seller"]
    (row,) = side["statuses"]
    assert (row["status"], row["count"], side["count"]) == ("MADE_AVAILABLE", 3, 3)
    assert row["amounts"] == [
        {"currency": "EUR", "amount": "70.10"},
        {"currency": "USD", "amount": "7.00"},
    ]
    assert [(a["from_days"], a["count"]) for a in row["ages"]] == [(0, 2), (31, 1)]
    assert row["ages"][1]["amounts"] == [{"currency": "EUR", "amount": "100.10"}]
    (expected,) = side["expected"]
    assert (expected["count"], expected["late"]) == (3, False)
    assert expected["from_date"] < expected["to_date"]
    assert (await do(workflow, told[0], BUYER, "suspend", reason="Motif"))[0] == 200
    assert (await do(workflow, told[2], BUYER, "send_payment"))[0] == 200
    side = (await summed(workflow, workflow.token(BUYER), f"?structure={BUYER_SIRET}"))["buyer"]
    assert {row["status"]: row["count"] for row in side["statuses"]} == {
        "MADE_AVAILABLE": 1,
        "SUSPENDED": 1,
        "PAYMENT_SENT": 1,
    }
    assert side["expected"][0]["amounts"] == [{"currency": "EUR", "amount": "-30.00"}]
    assert await summed(workflow, workflow.token(OTHER)) == {}
    assert await summed(workflow, workflow.token(BUYER), "?structure=live/siret/1") == {}


async def test_counts_that_two_add_up_at_once_are_added_once(workflow: House) -> None:
    told = await opened(workflow, *(an_invoice_read() for _ in range(40)))
    await asyncio.gather(*(do(workflow, t, BUYER, "service_done") for t in told))
    side = (await summed(workflow, workflow.token(BUYER)))["buyer"]
    assert [(row["status"], row["count"]) for row in side["statuses"]] == [("SERVICE_DONE", 40)]
