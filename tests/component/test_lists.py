"""Lists, what is to do and dashboards, through the real API: each filter against plain reading."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from shared.contracts.ingest import InvoiceRead
from shared.contracts.invoice import Party, Totals
from shared.contracts.message import Depositor
from tests.builders import AT, BUYER_SIRET, a_party, an_invoice, an_invoice_read
from tests.component.acting import BUYER, LEAD_SIRET, MAIN, MAIN_SIRET, SELLER, do, workflow
from tests.component.neighbours import House
from tests.component.test_workflow import ask, opened

__all__ = ["workflow"]
OTHER = f"live/siret/{LEAD_SIRET}"
Check = Callable[[dict[str, Any]], bool]


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
