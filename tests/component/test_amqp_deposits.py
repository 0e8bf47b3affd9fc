"""Files handed in by AMQP, with pika, as an integrator's script does it."""

import json
import signal
from collections.abc import Iterator
from typing import Any

import pika
import pytest
from pika.exceptions import AMQPError, ChannelClosedByBroker

from shared.contracts.doors import FileHandedIn
from shared.contracts.message import Depositor
from tests.component.house import Signer, signer
from tests.component.lives import OTHER, SELLER
from tests.component.mails import Notifier, Sink, fact, notifier
from tests.component.test_sftp import settled


@pytest.fixture
def accounts() -> Iterator[Signer]:
    """Accounts, played by the test."""
    with signer() as made:
        yield made


@pytest.fixture
def service(mongo: Any, broker: Any, accounts: Signer) -> Iterator[Notifier]:
    """Notifications, running."""
    with notifier(mongo, broker, Sink(), accounts.url, max_file_bytes="200000") as running:
        running.house.hear(FileHandedIn)
        yield running


def connector(service: Notifier, accounts: Signer, structure: str, **claims: Any) -> Any:
    bearer = accounts.bearer(**{"kind": "client", "structures": [structure]} | claims)
    reply = service.house.ask("POST", "/v1/connectors", {"structure": structure}, bearer)
    assert reply.status == 201, reply.text
    return reply.json


def publish(own: Any, body: bytes, key: str = SELLER.rpartition("/")[2], **more: Any) -> None:
    """Publish a file and wait until the broker has it."""
    with pika.BlockingConnection(pika.URLParameters(own["amqp_url"])) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        properties = pika.BasicProperties(delivery_mode=2, **more)
        channel.basic_publish("deposits", key, body, properties, mandatory=True)


def take(own: Any) -> Any:
    """The next event in one's own queue."""
    with pika.BlockingConnection(pika.URLParameters(own["amqp_url"])) as connection:
        channel = connection.channel()
        for _ in range(100):
            method, _, body = channel.basic_get(own["queue"], auto_ack=True)
            if method:
                return json.loads(body)
            connection.sleep(0.1)
    raise AssertionError("no event came")


def test_a_file_is_taken_and_its_acknowledgement_comes_with_the_senders_own_reference(
    service: Notifier, accounts: Signer
) -> None:
    own = connector(service, accounts, SELLER)
    publish(own, b"<x/>", message_id="envoi-7", headers={"filename": "F-7.xml"})
    (handed,) = service.house.heard(FileHandedIn)
    assert (handed.filename, handed.reference, handed.door) == ("F-7.xml", "envoi-7", "amqp")
    assert handed.depositor.structures == (SELLER,)
    answer = settled(handed).model_copy(update={"reference": handed.reference})
    service.tell(fact(answer))
    event = take(own)
    assert event["type"] == "chorale.deposit.settled.v1"
    assert (event["data"]["reference"], event["data"]["state"]) == ("envoi-7", "INTEGRATED")
    bearer = accounts.bearer(kind="client", structures=[SELLER])
    read = service.house.ask("GET", "/v1/events?wait=10", None, bearer).json
    assert read["items"] == [event]


def test_a_bad_file_is_refused_aloud(service: Notifier, accounts: Signer) -> None:
    own = connector(service, accounts, SELLER)
    for body, headers, why in (
        (b"", {"filename": "a.xml"}, "message vide"),
        (b"x" * 200_001, {"filename": "a.xml"}, "trop gros"),
        (b"x", {"filename": "a:b.xml"}, "U+003A"),
    ):
        publish(own, body, message_id="m", headers=headers)
        event = take(own)
        assert event["data"]["state"] == "REJECTED" and why in event["data"]["message"]
    assert service.house.heard(FileHandedIn, 0, 0.3) == []


def test_nobody_hands_in_for_another_or_without_the_right(
    service: Notifier, accounts: Signer
) -> None:
    own = connector(service, accounts, SELLER)
    with pytest.raises((ChannelClosedByBroker, AMQPError)):
        publish(own, b"<x/>", OTHER.rpartition("/")[2])
    spaces = {"messages": "read"}
    grants = [{"structure": OTHER, "role": "principal", "spaces": spaces}]
    reader = connector(service, accounts, OTHER, grants=grants)
    with pytest.raises((ChannelClosedByBroker, AMQPError)):
        publish(reader, b"<x/>", OTHER.rpartition("/")[2])
    assert service.house.heard(FileHandedIn, 0, 0.3) == []


def test_a_queue_gives_statuses_only_for_whom_its_opener_treats_and_of_its_department_alone(
    service: Notifier, accounts: Signer
) -> None:
    def hands_in(structure: str, space: str, department: str | None = None) -> Depositor:
        grants = [{"structure": structure, "role": "principal", "spaces": {space: "write"}}]
        bearer = accounts.bearer(kind="client", structures=[structure], grants=grants)
        asked = {"structure": structure} | ({"department": department} if department else {})
        own = service.house.ask("POST", "/v1/connectors", asked, bearer).json
        publish(own, b"<x/>", own["queue"].removeprefix("events."), headers={"filename": "a.xml"})
        (told,) = service.house.heard(FileHandedIn)
        depositor: Depositor = told.depositor
        return depositor

    seller = hands_in(SELLER, "issued_invoices")
    assert (seller.structures, seller.treats) == ((SELLER,), ())
    body = hands_in(OTHER, "received_invoices")
    assert (body.structures, body.treats) == ((), (OTHER,))
    office = hands_in(OTHER, "received_invoices", "DGS")
    assert (office.structures, office.treats) == ((), (f"{OTHER} DGS",))


def test_what_the_broker_has_is_taken_though_the_service_is_killed(
    service: Notifier, accounts: Signer
) -> None:
    own = connector(service, accounts, SELLER)
    service.end(signal.SIGKILL)
    publish(own, b"<x/>", headers={"filename": "F-8.xml"})
    service.start()
    (handed,) = service.house.heard(FileHandedIn, seconds=30)
    assert handed.filename == "F-8.xml"


def test_who_is_held_to_a_department_opens_doors_of_that_one_alone(
    service: Notifier, accounts: Signer
) -> None:
    grant = {"structure": OTHER, "role": "secondary", "spaces": {"received_invoices": "write"}}
    bearer = accounts.bearer(
        kind="person", structures=[OTHER], grants=[{**grant, "departments": ["DGS"]}]
    )

    def status(path: str, asked: dict[str, str]) -> int:
        return service.house.ask("POST", path, {"structure": OTHER} | asked, bearer).status

    assert status("/v1/connectors", {}) == 404
    assert status("/v1/connectors", {"department": "AUTRE"}) == 404
    assert status("/v1/connectors", {"department": "DGS"}) == 201
    assert status("/v1/sftp-keys", {"name": "a", "public_key": f"ssh-ed25519 {'A' * 68}"}) == 404
    assert status("/v1/webhooks", {"url": "https://exemple.fr/recevoir"}) == 404
