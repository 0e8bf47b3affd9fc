"""Mails by preference on real servers: each fact once, alone or as a line, or not at all."""

import random
import signal
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from services.notifications.domain.quiet import token
from shared.contracts.accounts import ContactsChanged
from shared.contracts.requests import RequestChanged
from shared.contracts.status import InvoiceStatus
from shared.contracts.workflow import StatusChanged, Step
from shared.parcel import Fact
from tests.builders import an_invoice
from tests.component.house import Signer, signer
from tests.component.mails import Notifier, Sink, fact, notifier, serving, shuffled

SELLER, BUYER = "live/siret/73282932000074", "live/siret/22310001700423"
ANN, BOB = "ann@example.org", "bob@example.org"
PREFERENCES = "/v1/notifications/preferences"
BURST = 5


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A mail server, open."""
    with serving(Sink()) as made:
        yield made


@pytest.fixture(scope="module")
def accounts() -> Iterator[Signer]:
    """Who signs tokens."""
    with signer() as made:
        yield made


@pytest.fixture
def service(mongo: Any, broker: Any, sink: Sink, accounts: Signer) -> Iterator[Notifier]:
    """Notifications, running, with two people who speak for the seller."""
    more = {"issuer": "https://chorale.test", "mail_burst": str(BURST)}
    more["mail_bounces"] = "rebonds@chorale.example"
    with notifier(mongo, broker, sink, accounts.url, **more) as running:
        told = ContactsChanged(
            realm="live", structure=SELLER, emails=(ANN, BOB), managers=(BOB,), version=1
        )
        running.tell(fact(told))
        running.until(lambda: running.database["contacts"].count_documents({}) == 1)
        yield running


def rejection(n: int, status: InvoiceStatus = InvoiceStatus.REJECTED) -> Fact:
    step = Step(sequence=2, status=status, at=datetime(2026, 3, 1, tzinfo=UTC), by="buyer")
    header = an_invoice(number=f"FA-{n:04}").header()
    return fact(
        StatusChanged(
            invoice_id=f"i-{n}",
            realm="live",
            seller=SELLER,
            buyer=BUYER,
            header=header,
            steps=(step,),
        )
    )


def answer(n: int) -> Fact:
    said: dict[str, Any] = {"request_id": f"q-{n}", "realm": "live", "reference": f"S-{n:04}"}
    said |= {"event": "answered", "by": "answerer", "to": "body", "asker": SELLER, "number": 2}
    said |= {"asker_email": ANN, "title": "Paiement", "category": "x", "at": datetime.now(UTC)}
    return fact(RequestChanged.model_validate(said))


def person(service: Notifier, accounts: Signer, email: str = ANN) -> Any:
    headers = accounts.bearer(sub=email, kind="person", email=email, structures=[SELLER])
    return lambda method, path, body=None, **more: service.house.ask(
        method, path, body, headers | more
    )


def prefer(ask: Any, *items: dict[str, Any]) -> None:
    reply = ask("PUT", PREFERENCES, {"items": list(items)})
    assert reply.status == 200, reply.text


def settled(service: Notifier) -> bool:
    return not service.database["deliveries"].count_documents({"state": {"$in": ["DUE", "HELD"]}})


def the_hour_comes(service: Notifier) -> None:
    """As if the time of everything that is held had come."""
    past = {"$set": {"due_at": datetime(2026, 1, 1, tzinfo=UTC)}}
    service.database["deliveries"].update_many({"state": "HELD"}, past)


def told(sink: Sink, to: str) -> Counter[str]:
    """How often each invoice was told to somebody, by itself or as a line."""
    found: Counter[str] = Counter()
    for mail in sink.to(to):
        body = mail.get_body(("plain",))
        assert body
        subjects = [
            line for line in body.get_content().splitlines() if line.startswith("- Facture")
        ]
        for line in subjects or [str(mail["Subject"])]:
            found[line.partition("FA-")[2][:4]] += 1
    return found


def test_a_digest_holds_a_flood_in_one_mail_whatever_dies_and_who_wants_each_gets_bundles(
    service: Notifier, sink: Sink, accounts: Signer
) -> None:
    prefer(person(service, accounts), {"kind": "invoices", "mode": "digest"})
    facts = [rejection(n) for n in range(60)]
    chance = random.Random(5)
    mixed = shuffled(facts, 5)
    for start in range(0, len(mixed), 30):
        service.tell(*mixed[start : start + 30])
        if chance.random() < 0.5:
            service.end(signal.SIGKILL)
            service.start()
    deliveries = service.database["deliveries"]
    done = {"state": {"$in": ["SENT", "HELD"]}}
    service.until(lambda: deliveries.count_documents(done) >= 120, 40)
    service.until(lambda: deliveries.count_documents({"state": "DUE"}) == 0)
    held = {"state": "HELD", "to": ANN}
    assert deliveries.count_documents(held) == 60 and not sink.to(ANN)
    alone = len({str(mail["Message-ID"]) for mail in sink.to(BOB)})
    assert BURST - 3 <= alone <= 2 * BURST, "some at once, never all"

    the_hour_comes(service)
    service.end(signal.SIGKILL)
    service.start()
    service.until(lambda: settled(service), 30)
    (digest,) = sink.to(ANN)
    assert digest["Subject"] == "Chorale : 60 messages depuis hier"
    assert "et 35 autres" in digest.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    mails = {str(mail["Message-ID"]): mail for mail in sink.to(BOB)}
    assert len(mails) == alone + 1, "the rest is one mail"
    merged = deliveries.count_documents({"state": "MERGED", "to": BOB})
    assert alone + merged == 60, "each fact once: alone, or as a line"


def test_two_processes_gather_the_same_mails_once(
    service: Notifier, sink: Sink, accounts: Signer, mongo: Any, broker: Any
) -> None:
    prefer(person(service, accounts), {"mode": "digest"})
    held = {"state": "HELD", "to": ANN}
    with notifier(mongo, broker, sink, mail_burst=str(BURST)):
        for time in range(3):
            service.tell(*(rejection(10 * time + n) for n in range(10)))
            service.until(lambda: service.database["deliveries"].count_documents(held) == 10)
            the_hour_comes(service)
            service.until(lambda: settled(service))
    assert sum(told(sink, ANN).values()) == 30 == len(told(sink, ANN))
    assert len(sink.to(ANN)) == 3


def test_what_may_not_be_silenced_is_refused_and_what_may_leaves_no_mail_but_its_trace(
    service: Notifier, sink: Sink, accounts: Signer
) -> None:
    ask = person(service, accounts)
    for kind, mode in (("account", "digest"), ("deposits", "none"), ("members", "digest")):
        reply = ask("PUT", PREFERENCES, {"items": [{"kind": kind, "mode": mode}]})
        assert (reply.status, reply.json["errors"][0]["pointer"]) == (422, "/items/0/mode")
    foreign = {"kind": "requests", "mode": "none", "structure": BUYER}
    assert ask("PUT", PREFERENCES, {"items": [foreign]}).status == 422
    prefer(ask, {"mode": "none"})
    shown = ask("GET", PREFERENCES)
    assert shown.json["items"] == [{"kind": None, "structure": None, "mode": "none"}]
    stale = ask("PUT", PREFERENCES, {"items": []}, **{"If-Match": '"0"'})
    assert stale.status == 412
    service.tell(answer(1), rejection(1))
    rows = service.database["deliveries"]
    service.until(lambda: rows.count_documents({"to": ANN, "state": "SILENCED"}) == 1)
    service.until(lambda: rows.count_documents({"to": ANN, "state": "HELD"}) == 1)
    assert not sink.to(ANN), "a rejection is told with the day's others, an answer not at all"


def test_one_post_unsubscribes_and_a_link_that_is_only_opened_changes_nothing(
    service: Notifier, sink: Sink, accounts: Signer
) -> None:
    service.tell(answer(1), rejection(1))
    service.until(lambda: len(sink.to(ANN)) == 2)
    mails = {str(mail["Subject"])[:7]: mail for mail in sink.to(ANN)}
    assert mails["Facture"]["List-Unsubscribe"] is None
    mail = mails["Réponse"]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = str(mail["List-Unsubscribe"]).strip("<>").removeprefix("https://chorale.test")
    ask = person(service, accounts)
    shown = service.house.ask("GET", path)
    assert shown.status == 200 and '<form method="post">' in shown.text
    assert ask("GET", PREFERENCES).json["items"] == []
    for _ in range(2):
        reply = service.house.ask("POST", path, form="List-Unsubscribe=One-Click")
        assert reply.status == 200
    (row,) = ask("GET", PREFERENCES).json["items"]
    assert (row["kind"], row["mode"]) == ("requests", "none")
    wrong = token(b"x" * 43, "live", BOB, "requests")
    for bad in (wrong, "x", path.partition("token=")[2] + "A"):
        status = service.house.ask("POST", f"/v1/notifications/unsubscribe?token={bad}").status
        assert status == 410
    assert person(service, accounts, BOB)("GET", PREFERENCES).json["items"] == []


def test_an_address_that_is_refused_is_marked_and_told_to_the_other_managers_once(
    service: Notifier, sink: Sink, accounts: Signer
) -> None:
    sink.refused.add(ANN)
    service.tell(rejection(1), rejection(2))
    service.until(lambda: len(sink.to(BOB)) == 3)
    service.until(lambda: settled(service))
    (warning,) = [m for m in sink.to(BOB) if "ne reçoit plus" in str(m["Subject"])]
    assert ANN in warning.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    ask = person(service, accounts)
    assert ask("GET", PREFERENCES).json["bounced_at"] is not None
    sink.refused.clear()
    service.tell(rejection(3))
    rows = service.database["deliveries"]
    service.until(lambda: rows.count_documents({"to": ANN, "state": "REFUSED"}) == 3)
    assert ask("DELETE", "/v1/notifications/bounce").status == 204
    service.tell(rejection(4))
    service.until(lambda: len(sink.to(ANN)) == 1)


def test_a_mail_that_comes_back_marks_its_address_through_the_operators_door(
    service: Notifier, sink: Sink, accounts: Signer
) -> None:
    service.tell(rejection(1))
    service.until(lambda: settled(service) and len(sink.to(ANN)) == 1)
    (row,) = service.database["deliveries"].find({"to": ANN})
    raw = (
        f"To: rebonds+{row['_id']}@chorale.example\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n"
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; y\r\n\r\n"
        "Action: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
    )
    path, kind = "/v1/notifications/bounces", {"Content-Type": "message/rfc822"}
    stranger = accounts.bearer(sub="x", kind="person", email=ANN, structures=[SELLER])
    assert service.house.ask("POST", path, form=raw, headers=stranger | kind).status == 403
    for _ in range(2):
        reply = service.house.ask("POST", path, form=raw, headers=accounts.bearer() | kind)
        assert (reply.status, reply.json["address"], reply.json["marked"]) == (200, ANN, True)
    service.until(lambda: len(sink.to(BOB)) == 2)
    assert person(service, accounts)("GET", PREFERENCES).json["bounced_at"] is not None
