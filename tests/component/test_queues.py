"""Partners' queues looked at, of departments, closed, and told of when nobody fetches from them."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import aio_pika
import pytest
from aio_pika.exceptions import AMQPConnectionError

from shared.contracts.accounts import ContactsChanged
from shared.contracts.notifications import (
    ConnectorClosed,
    ConnectorOpened,
    EventsUnfetched,
    InvoicesUnfetched,
)
from shared.parcel import PUBLIC
from tests.component.house import Reply, Signer, signer
from tests.component.lives import BUYER, HEADER, OTHER, SELLER, life
from tests.component.mails import Notifier, Sink, fact, notifier


@pytest.fixture
def accounts() -> Iterator[Signer]:
    """Accounts, played by the test."""
    with signer() as made:
        yield made


@pytest.fixture
def service(mongo: Any, broker: Any, accounts: Signer) -> Iterator[Notifier]:
    """Notifications, that looks at queues all the time and has little patience."""
    quick = {"queue_look_seconds": "0.5", "unfetched_hours": "0.0008"}
    with notifier(mongo, broker, Sink(), accounts.url, **quick) as running:
        running.house.hear(ConnectorOpened, ConnectorClosed, EventsUnfetched, InvoicesUnfetched)
        yield running


def ask(
    service: Notifier,
    accounts: Signer,
    method: str,
    path: str = "",
    body: Any = None,
    who: str = BUYER,
) -> Reply:
    bearer = accounts.bearer(kind="client", structures=[who])
    return service.house.ask(method, f"/v1/connectors{path}", body, bearer)


def publish(service: Notifier, key: str) -> bool:
    broker = service.house.broker
    path = f"/exchanges/{broker.partner_vhost}/{PUBLIC}/publish"
    event = {"properties": {"delivery_mode": 2}, "routing_key": key, "payload": "x"}
    return bool(broker.call("POST", path, event | {"payload_encoding": "string"})["routed"])


async def fetch(url: str, queue: str) -> int:
    """Take all that waits in a queue."""
    count = 0
    async with await aio_pika.connect(url) as connection:
        heard = await (await connection.channel()).get_queue(queue, ensure=False)
        while message := await heard.get(timeout=5, fail=False):
            await message.ack()
            count += 1
    return count


def test_both_sides_are_told_when_nothing_is_fetched_and_again_only_after_a_fetch(
    service: Notifier, accounts: Signer
) -> None:
    emails: dict[str, Any] = {"emails": ("a@x.fr",), "managers": ("m@x.fr",), "version": 1}
    for structure in (BUYER, SELLER):
        service.tell(fact(ContactsChanged(realm="live", structure=structure, **emails)))
    own = ask(service, accounts, "POST", "", {"structure": BUYER}).json
    time.sleep(1)
    service.tell(life("i-1")[0])
    publish(service, own["queue"])
    (told,) = service.house.heard(EventsUnfetched, seconds=30)
    assert (told.structure, told.queue, told.waiting) == (BUYER, own["queue"], 1)
    (seller,) = service.house.heard(InvoicesUnfetched)
    assert (seller.buyer, seller.seller) == (BUYER, SELLER)
    assert [one.number for one in seller.invoices] == [HEADER.number]
    mails = service.database["deliveries"]
    service.until(lambda: {m["template"] for m in mails.find({})} == {"unfetched", "unheard"})
    assert service.house.heard(EventsUnfetched, 0, 2) == []
    path = f"/{own['queue']}"
    status = ask(service, accounts, "GET", path).json
    assert (status["late"], status["in_hand"]) == (True, 0) and status["idle_since"]
    assert asyncio.run(fetch(own["amqp_url"], own["queue"])) == 1
    service.until(lambda: ask(service, accounts, "GET", path).json["late"] is False)
    status = ask(service, accounts, "GET", path).json
    assert status["fetched_at"] and status["idle_since"] is None


def test_a_closed_queue_ends_at_once_and_can_be_opened_again(
    service: Notifier, accounts: Signer
) -> None:
    own = ask(service, accounts, "POST", "", {"structure": BUYER}).json
    assert ask(service, accounts, "DELETE", f"/{own['queue']}", who=OTHER).status == 404
    assert ask(service, accounts, "DELETE", f"/{own['queue']}").status == 204
    (closed,) = service.house.heard(ConnectorClosed)
    assert (closed.structure, closed.version) == (BUYER, 2)
    with pytest.raises(AMQPConnectionError):
        asyncio.run(fetch(own["amqp_url"], own["queue"]))
    assert publish(service, own["queue"])  # what was under way hinders nobody
    assert ask(service, accounts, "GET", f"/{own['queue']}").status == 404
    assert ask(service, accounts, "GET").json["items"] == []
    again = ask(service, accounts, "POST", "", {"structure": BUYER}).json
    assert [opened.version for opened in service.house.heard(ConnectorOpened, 2)] == [1, 3]
    assert asyncio.run(fetch(again["amqp_url"], again["queue"])) == 0


def test_a_department_has_a_queue_of_its_own(service: Notifier, accounts: Signer) -> None:
    body = {"structure": BUYER, "department": "DGS"}
    own = ask(service, accounts, "POST", "", body).json
    assert own["queue"] == "events.22310001700423.service.DGS"
    (opened,) = service.house.heard(ConnectorOpened)
    assert (opened.structure, opened.department) == (BUYER, "DGS")
    assert publish(service, own["queue"])
    assert asyncio.run(fetch(own["amqp_url"], own["queue"])) == 1
    whole = ask(service, accounts, "POST", "", {"structure": BUYER}).json
    listed = ask(service, accounts, "GET").json["items"]
    assert [(row["department"], row["queue"]) for row in listed] == [
        (None, whole["queue"]),
        ("DGS", own["queue"]),
    ]
    bad = ask(service, accounts, "POST", "", body | {"department": "a.b"})
    assert bad.json["code"] == "no-connector-possible"
