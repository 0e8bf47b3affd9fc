"""The feed of events, on a real MongoDB: whole, in order, each reader's own, at any time."""

import random
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from shared.contracts.workflow import InvoiceOpened, status_event
from tests.component.house import Signer, signer
from tests.component.lives import BUYER, OTHER, SELLER, life
from tests.component.mails import Notifier, Sink, notifier, shuffled


@pytest.fixture
def accounts() -> Iterator[Signer]:
    """Accounts, played by the test."""
    with signer() as made:
        yield made


@pytest.fixture
def service(mongo: Any, broker: Any, accounts: Signer) -> Iterator[Notifier]:
    """Notifications, running."""
    with notifier(mongo, broker, Sink(), accounts.url) as running:
        yield running


def page(service: Notifier, accounts: Signer, who: str | dict[str, Any], query: str = "") -> Any:
    claims = {"structures": [who]} if isinstance(who, str) else who
    headers = accounts.bearer(kind="client", **claims)
    return service.house.ask("GET", f"/v1/events{query}", None, headers).json


def whole(service: Notifier, accounts: Signer, who: Any, limit: int = 100) -> list[Any]:
    """Everything there is, page by page."""
    found, cursor = [], "0"
    while True:
        read = page(service, accounts, who, f"?cursor={cursor}&limit={limit}")
        found += read["items"]
        cursor = read["next_cursor"]
        if not read["more"]:
            return found


def placed(service: Notifier, count: int) -> None:
    service.until(lambda: service.database["events"].count_documents({}) == count)


def orders(events: Sequence[Any]) -> dict[str, list[int]]:
    """The sequences of each invoice, as they were read."""
    found: dict[str, list[int]] = {}
    for event in events:
        found.setdefault(event["subject"], []).append(event["sequence"])
    return found


def test_each_invoice_is_read_once_and_in_order_whatever_order_its_facts_came_in(
    service: Notifier, accounts: Signer
) -> None:
    facts = [one for n in range(20) for one in life(f"i-{n}")]
    service.tell(*shuffled(facts, seed=7))
    placed(service, 120)
    read = whole(service, accounts, BUYER, limit=7)
    assert orders(read) == {f"i-{n}": [1, 2, 3, 4, 5, 6] for n in range(20)}
    assert read == whole(service, accounts, SELLER)
    assert whole(service, accounts, OTHER) == []


def test_the_body_is_that_of_the_other_doors(service: Notifier, accounts: Signer) -> None:
    opened = life("i-1")[0]
    service.tell(opened)
    placed(service, 3)
    first = InvoiceOpened.model_validate(opened.body)
    told = [status_event("i-1", first.header, s).model_dump(mode="json") for s in first.steps]
    assert page(service, accounts, SELLER)["items"] == told


def test_who_reads_on_from_a_cursor_misses_nothing_while_others_write(
    service: Notifier, accounts: Signer
) -> None:
    facts = [one for n in range(60) for one in life(f"i-{n}")]
    random.Random(3).shuffle(facts)
    writers = [threading.Thread(target=service.tell, args=facts[n::3]) for n in range(3)]
    for writer in writers:
        writer.start()
    read: list[Any] = []
    cursor, ends = "0", time.monotonic() + 40
    while len(read) < 360 and time.monotonic() < ends:
        got = page(service, accounts, BUYER, f"?cursor={cursor}&limit=50&wait=1")
        read, cursor = [*read, *got["items"]], got["next_cursor"]
    for writer in writers:
        writer.join()
    assert orders(read) == {f"i-{n}": [1, 2, 3, 4, 5, 6] for n in range(60)}


def test_a_place_is_given_once_though_two_processes_give_places(
    service: Notifier, mongo: Any, broker: Any, accounts: Signer
) -> None:
    facts = [one for n in range(40) for one in life(f"i-{n}")]
    with notifier(mongo, broker, Sink(), accounts.url) as second:
        service.tell(*facts[:100])
        service.end()
        second.tell(*facts[100:])
        placed(second, 240)
        places = [row["position"] for row in second.database["events"].find({})]
        assert sorted(places) == list(range(1, 241))
        assert set(map(tuple, orders(whole(second, accounts, BUYER)).values())) == {
            (1, 2, 3, 4, 5, 6)
        }


def test_an_event_waits_for_the_one_before_it(service: Notifier, accounts: Signer) -> None:
    opened, *moves = life("i-1")
    service.tell(*moves)
    service.until(lambda: service.database["arrivals"].count_documents({}) == 3)
    time.sleep(0.5)
    assert page(service, accounts, BUYER)["items"] == []
    service.tell(opened)
    placed(service, 6)
    assert orders(whole(service, accounts, BUYER)) == {"i-1": [1, 2, 3, 4, 5, 6]}


def test_an_event_whose_predecessor_never_comes_goes_without_it(
    service: Notifier, accounts: Signer
) -> None:
    service.tell(life("i-1")[2])
    service.until(lambda: service.database["arrivals"].count_documents({}) == 1)
    early = {"$set": {"at": datetime.now(UTC) - timedelta(minutes=2)}}
    service.database["arrivals"].update_many({}, early)
    placed(service, 1)
    assert orders(whole(service, accounts, BUYER)) == {"i-1": [5]}


def test_a_reader_who_waits_is_answered_when_something_comes(
    service: Notifier, accounts: Signer
) -> None:
    waiting = threading.Timer(0.5, service.tell, args=life("i-1")[:1])
    waiting.start()
    read = page(service, accounts, SELLER, "?wait=20")
    assert [event["subject"] for event in read["items"]] == ["i-1"] * 3
    waiting.join()
    assert page(service, accounts, SELLER, f"?cursor={read['next_cursor']}&wait=0.2")["items"] == []


def test_the_feed_is_read_since_a_date(service: Notifier, accounts: Signer) -> None:
    service.tell(life("i-1")[0])
    placed(service, 3)
    now = quote(datetime.now(UTC).isoformat())
    assert page(service, accounts, BUYER, f"?since={now}")["items"] == []
    service.tell(life("i-2")[0])
    placed(service, 6)
    assert {e["subject"] for e in page(service, accounts, BUYER, f"?since={now}")["items"]} == {
        "i-2"
    }


def test_rights_and_departments_bound_what_is_read(service: Notifier, accounts: Signer) -> None:
    service.tell(life("i-1")[0])
    placed(service, 3)

    def reads(**grant: Any) -> int:
        held = {"structure": BUYER, "role": "user", "spaces": {"received_invoices": "read"}}
        return len(page(service, accounts, {"grants": [held | grant]})["items"])

    assert reads() == 3
    assert reads(departments=["DGS"]) == 3
    assert reads(departments=["AUTRE"]) == 0
    assert reads(spaces={"issued_invoices": "read"}) == 0
    assert reads(structure=OTHER) == 0
    assert page(service, accounts, BUYER, f"?structure={OTHER}")["items"] == []


def test_a_bad_question_is_refused(service: Notifier, accounts: Signer) -> None:
    for bad in ("cursor=abc", "cursor=-1", "limit=101", "limit=0", "wait=31", "since=hier", "x=1"):
        assert page(service, accounts, BUYER, f"?{bad}")["code"] == "bad-parameter", bad


def test_a_cursor_older_than_what_is_kept_is_said_to_be_so(
    service: Notifier, accounts: Signer
) -> None:
    service.tell(*life("i-1"))
    placed(service, 6)
    service.database["events"].delete_many({"position": {"$lte": 3}})
    assert page(service, accounts, BUYER, "?cursor=2")["code"] == "cursor-expired"
    assert len(page(service, accounts, BUYER, "?cursor=3")["items"]) == 3
    assert len(page(service, accounts, BUYER)["items"]) == 3
