"""Notifications, through its messages and a real mail server only."""

import asyncio
import random
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.notifications.adapters.smtp import CONNECTIONS, Mailer, Server
from shared.contracts.accounts import ActivationRequested, ContactsChanged
from shared.contracts.finding import Finding
from shared.contracts.ingest import DepositRefused, RefusedItem
from shared.contracts.message import Depositor
from shared.contracts.notifications import DeliveryDue
from shared.contracts.status import InvoiceStatus
from shared.contracts.workflow import ActionAwaited, StatusChanged, Step
from shared.parcel import Fact
from tests.builders import an_invoice
from tests.component.mails import Notifier, Sink, fact, notifier, serving, shuffled

AT = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
SELLER, BUYER = "live/siret/73282932000074", "live/siret/22310001700423"
VALIDATOR = "live/siret/40483304800022"


@pytest.fixture
def sink() -> Sink:
    """A mail server, not yet open."""
    return Sink()


@pytest.fixture
def service(mongo: Any, broker: Any, sink: Sink) -> Iterator[Notifier]:
    """Notifications, running."""
    with notifier(mongo, broker, sink) as running:
        yield running


def contacts(*emails: str, version: int = 1, structure: str = SELLER) -> Fact:
    return fact(ContactsChanged(realm="live", structure=structure, emails=emails, version=version))


def refusal(email: str | None = "depositor@example.org", structure: str | None = SELLER) -> Fact:
    finding = Finding(code="FAC-SUM-001", label="Total TTC", message="Les sommes diffèrent.")
    return fact(
        DepositRefused(
            deposit_id="d-1",
            realm="live",
            depositor=Depositor(subject="p-1", structure=structure, email=email),
            filename="facture\r\nBcc: evil@example.org.xml",
            received_at=AT,
            refused=(RefusedItem(number="FA-1", findings=(finding,)),),
        )
    )


def change(*statuses: InvoiceStatus, validators: tuple[str, ...] = ()) -> Fact:
    steps = tuple(
        Step(sequence=4 + i, status=status, at=AT, by="buyer", reason="Bon de livraison absent")
        for i, status in enumerate(statuses)
    )
    header = an_invoice().header()
    return fact(
        StatusChanged(
            invoice_id="i-1",
            realm="live",
            seller=SELLER,
            buyer=BUYER,
            validators=validators,
            header=header,
            steps=steps,
        )
    )


def activation(email: str, *, already: bool = False) -> Fact:
    link = "https://chorale.test/activation/secret-key"
    return fact(
        ActivationRequested(
            account_id="a-1",
            realm="live",
            email=email,
            link=link,
            expires_at=AT + timedelta(days=1),
            already_active=already,
        )
    )


def test_each_fact_is_told_once_to_those_whom_it_concerns_whatever_the_order(
    service: Notifier, sink: Sink
) -> None:
    people = contacts("camille@example.org", "Depositor@example.org")
    service.tell(contacts("old@example.org", version=0), people)
    time.sleep(1)
    facts = [
        contacts("old@example.org", version=0),
        refusal(),
        change(InvoiceStatus.SUSPENDED),
        change(InvoiceStatus.COMPLETED),
        activation("new@example.org"),
        activation("known@example.org", already=True),
    ]
    with serving(sink):
        service.tell(*shuffled(facts, seed=7))
        service.until(lambda: service.states() == ["SENT"] * 6)
        time.sleep(0.5)
    assert len(sink.taken) == len(set(sink.ids)) == 6
    assert {to.lower() for to, _, _ in sink.taken} == {
        *("camille@example.org", "depositor@example.org", "new@example.org"),
        "known@example.org",
    }
    (known,) = sink.to("known@example.org")
    assert known["subject"] == "Vous avez déjà un compte Chorale"
    (mail,) = sink.to("new@example.org")
    text = mail.get_body(("plain",))
    assert text and "https://chorale.test/activation/secret-key" in text.get_content()
    assert all(
        "Bcc" not in message and len(message.get_all("To", [])) == 1 for _, message, _ in sink.taken
    )


def test_whose_turn_it_is_is_asked_and_reminded_and_both_hear_of_a_tacit_visa(
    service: Notifier, sink: Sink
) -> None:
    def waits(days: int) -> Fact:
        return fact(
            ActionAwaited(
                invoice_id="i-1",
                realm="live",
                seller=SELLER,
                buyer=BUYER,
                structure=VALIDATOR,
                role="validator",
                action="validate",
                header=an_invoice(process="A9").header(),
                status=InvoiceStatus.TO_VALIDATE_1,
                sequence=1,
                since=AT,
                days=days,
                until=AT + timedelta(days=15),
            )
        )

    service.tell(contacts("seller@example.org"), contacts("visa@example.org", structure=VALIDATOR))
    time.sleep(1)
    with serving(sink):
        service.tell(waits(0), waits(7), waits(13))
        service.tell(change(InvoiceStatus.NO_VALIDATION_1, validators=(VALIDATOR,)))
        service.until(lambda: service.states() == ["SENT"] * 5)
    counts = {to: len(sink.to(to)) for to in ("seller@example.org", "visa@example.org")}
    assert counts == {"seller@example.org": 1, "visa@example.org": 4}


def test_a_mail_that_opens_a_door_is_not_kept_and_its_proof_is(
    service: Notifier, sink: Sink
) -> None:
    with serving(sink):
        service.tell(activation("new@example.org"))
        service.until(lambda: service.states() == ["SENT"])
    (row,) = service.database["deliveries"].find({})
    assert "secret-key" not in str(row)
    assert row["proof"]["message_id"] in sink.ids
    assert row["proof"]["reply"] == "250 2.0.0 taken"


def test_contacts_that_arrive_after_the_fact_still_get_its_mail(
    service: Notifier, sink: Sink
) -> None:
    with serving(sink):
        service.tell(change(InvoiceStatus.REJECTED))
        service.until(lambda: service.states() == ["DUE"])
        service.tell(contacts("a@example.org", "b@example.org"))
        service.until(lambda: service.states() == ["SENT", "SENT"])
    assert sorted(to for to, _, _ in sink.taken) == ["a@example.org", "b@example.org"]


def test_an_address_that_does_not_exist_is_refused_alone(service: Notifier, sink: Sink) -> None:
    sink.refused.add("gone@example.org")
    with serving(sink):
        service.tell(contacts("gone@example.org", "here@example.org"))
        time.sleep(0.5)
        service.tell(change(InvoiceStatus.REJECTED))
        service.until(lambda: service.states() == ["REFUSED", "SENT"])
    row = service.database["deliveries"].find_one({"state": "REFUSED"})
    assert row["to"] == "gone@example.org" and "550" in row["cause"] and "due_at" not in row


def test_a_mail_server_that_is_down_is_waited_for(service: Notifier, sink: Sink) -> None:
    service.tell(*(activation(f"n{i}@example.org") for i in range(20)))
    service.until(lambda: service.states() == ["DUE"] * 20)
    service.until(lambda: service.database["deliveries"].count_documents({"failures": 1}) == 20)
    with serving(sink):
        service.until(lambda: service.states() == ["SENT"] * 20, 30)
    assert len(sink.taken) == len(set(sink.ids)) == 20


def test_a_mail_whose_answer_was_lost_comes_again_under_the_same_message_id(
    service: Notifier, sink: Sink
) -> None:
    sink.hang_up = 1
    with serving(sink):
        service.tell(activation("n@example.org"))
        service.until(lambda: service.states() == ["SENT"])
    assert len(sink.ids) == 2 and len(set(sink.ids)) == 1
    assert sink.taken[0][2] == sink.taken[1][2]


def test_a_few_connections_carry_many_mails(service: Notifier, sink: Sink) -> None:
    with serving(sink):
        service.tell(*(activation(f"n{i}@example.org") for i in range(120)))
        service.until(lambda: service.states() == ["SENT"] * 120)
    assert len(sink.taken) == 120
    assert sink.connections <= 2 * CONNECTIONS  # each carries a hundred


def test_two_processes_that_are_told_the_same_send_it_once(
    service: Notifier, sink: Sink, mongo: Any, broker: Any
) -> None:
    sink.think = lambda: 0.2
    with notifier(mongo, broker, sink) as other, serving(sink):
        service.tell(*(activation(f"n{i}@example.org") for i in range(20)))
        service.until(lambda: len(service.states()) == 20)
        ids = [row["_id"] for row in service.database["deliveries"].find({})]
        service.tell(*(fact(DeliveryDue(delivery_id=id)) for id in ids * 4))
        other.tell(*(fact(DeliveryDue(delivery_id=id)) for id in ids * 4))
        service.until(lambda: service.states() == ["SENT"] * 20)
        time.sleep(1)
    assert len(sink.ids) == len(set(sink.ids)) == 20


def test_what_was_handed_over_is_not_handed_over_again_when_saving_that_failed() -> None:
    async def twice(port: int) -> tuple[str, str]:
        mailer = Mailer(Server("127.0.0.1", port))
        mail = b"Subject: s\r\n\r\nt"
        first = await mailer.send("d-1", "a@example.org", "b@example.org", mail)
        second = await mailer.send("d-1", "a@example.org", "b@example.org", mail)
        await mailer.close()
        return first, second

    with serving(Sink()) as sink:
        assert asyncio.run(twice(sink.port)) == ("250 2.0.0 taken", "250 2.0.0 taken")
    assert len(sink.taken) == 1


def test_a_slow_mail_server_gets_no_mail_twice(service: Notifier, sink: Sink) -> None:
    sink.think = lambda: 18.0
    with serving(sink):
        service.tell(activation("n@example.org"))
        service.until(lambda: service.states() == ["SENT"], 30)
    assert len(sink.taken) == 1


@pytest.mark.timeout(150)
def test_killed_at_any_moment_it_loses_no_mail_and_repeats_only_what_was_on_the_wire(
    service: Notifier, sink: Sink
) -> None:
    chance = random.Random(20260312)
    sink.think = lambda: chance.random() * 0.08
    kills = 5
    with serving(sink):
        service.tell(*(activation(f"n{i}@example.org") for i in range(300)))
        for _ in range(kills):
            time.sleep(0.3 + chance.random())
            service.end(signal.SIGKILL)
            service.start()
        service.until(lambda: service.states() == ["SENT"] * 300, 60)
    assert len(set(sink.ids)) == 300
    assert len(sink.ids) - 300 <= kills * CONNECTIONS
    by_id = {str(message["Message-ID"]): raw for _, message, raw in sink.taken}
    assert all(by_id[str(message["Message-ID"])] == raw for _, message, raw in sink.taken)


def test_told_to_stop_while_it_sends_it_finishes_and_repeats_nothing(
    service: Notifier, sink: Sink
) -> None:
    sink.think = lambda: 0.05
    with serving(sink):
        service.tell(*(activation(f"n{i}@example.org") for i in range(100)))
        service.until(lambda: len(sink.taken) > 10)
        assert service.end() == 0
        service.start()
        service.until(lambda: service.states() == ["SENT"] * 100, 40)
    assert len(sink.ids) == len(set(sink.ids)) == 100
