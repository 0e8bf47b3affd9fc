"""Mails about structures and their members: in words first, then through a real mail server."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from services.notifications.adapters.letters import Letters
from services.notifications.domain import members
from services.notifications.domain.notices import NOTICES, notices
from shared.contracts.accounts import ContactsChanged
from shared.contracts.memberships import MembershipChanged, MembershipEvent
from shared.contracts.sheets import BankDetailsChanged, StructureReplaced
from shared.parcel import Fact
from tests.component.mails import Notifier, Sink, fact, notifier, serving

AT = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
KEY = "live/siret/73282932000074"
NASTY = "x\r\nBcc: evil@example.org\n<script>alert(1)</script>\u202e"
MANAGERS = ("marie@exemple.fr", "luc@exemple.fr")
LETTERS = Letters()
SILENT = {"withdrawn"}
"""Events of which nobody is told by mail."""


def changed(event: MembershipEvent, **more: Any) -> MembershipChanged:
    """A fact about Paul's membership."""
    said: dict[str, Any] = {
        "membership_id": "m-1",
        "realm": "live",
        "structure": KEY,
        "structure_name": "Signalétique du Midi",
        "event": event,
        "role": "user",
        "at": AT,
        "member_email": "paul@exemple.fr",
        "member_name": "Paul Martin",
        "managers": MANAGERS,
        "by": "marie@exemple.fr",
        "reason": "Il remplace Luc.",
        "version": 1,
    }
    return MembershipChanged(**said | more)


@pytest.mark.parametrize("event", get_args(MembershipEvent))
def test_every_event_has_its_words_and_whom_it_is_told(event: MembershipEvent) -> None:
    rows = notices(MembershipChanged, case=event)
    assert bool(rows) is (event not in SILENT)
    for row in rows:
        letter = LETTERS.write(row, members.membership(changed(event), "https://chorale.example"))
        assert "Signalétique du Midi" in letter.text and "Il remplace Luc." in letter.html
        assert "https://chorale.example/compte" in letter.text
        assert letter.subject and "{" not in letter.subject + letter.text


def test_what_people_type_writes_neither_headers_nor_markup() -> None:
    fact = changed("asked", member_name=NASTY, structure_name=NASTY, reason=NASTY, by=NASTY)
    (row,) = notices(MembershipChanged, case="asked")
    letter = LETTERS.write(row, members.membership(fact, "https://chorale.example"))
    assert "\n" not in letter.subject and "\r" not in letter.subject
    assert "<script>" not in letter.html and "\u202e" not in letter.text + letter.html


def test_no_row_speaks_of_an_event_that_is_not_told() -> None:
    cases = {row.case for row in NOTICES if row.topic == MembershipChanged.TOPIC}
    assert cases == set(get_args(MembershipEvent)) - SILENT


@pytest.fixture
def sink() -> Sink:
    """A mail server, not yet open."""
    return Sink()


@pytest.fixture
def service(mongo: Any, broker: Any, sink: Sink) -> Iterator[Notifier]:
    """Notifications, running."""
    with notifier(mongo, broker, sink) as running:
        yield running


def contacts() -> Fact:
    """Who speaks for the structure: two managers and a plain user."""
    emails = (*MANAGERS, "zoe@exemple.fr")
    return fact(
        ContactsChanged(realm="live", structure=KEY, emails=emails, managers=MANAGERS, version=1)
    )


def test_managers_hear_of_requests_money_and_identifiers_and_the_person_of_the_answer(
    service: Notifier, sink: Sink
) -> None:
    service.tell(contacts())
    service.until(lambda: service.database["contacts"].find_one({"_id": KEY}))
    bank = BankDetailsChanged(
        realm="live",
        structure=KEY,
        name="Signalétique du Midi",
        added=("FR76 … 0189",),
        by="marie@exemple.fr",
        at=AT,
        version=1,
    )
    other = StructureReplaced(
        realm="live",
        old=KEY,
        new="live/siret/40483304800022",
        name="Signalétique du Midi",
        by="marie@exemple.fr",
        at=AT,
    )
    with serving(sink, sink.port):
        service.tell(fact(changed("asked")), fact(changed("approved")))
        service.tell(fact(changed("asked", managers=())))
        service.tell(fact(bank))
        service.tell(fact(other))
        service.until(lambda: len(sink.taken) == 7)
    subjects = {to: sorted(str(m["Subject"]) for m in sink.to(to)) for to in MANAGERS}
    assert (
        subjects[MANAGERS[0]]
        == subjects[MANAGERS[1]]
        == [
            "Paul Martin demande à rejoindre Signalétique du Midi",
            "Signalétique du Midi : coordonnées bancaires modifiées",
            "Signalétique du Midi : nouvel identifiant",
        ]
    )
    (answer,) = sink.to("paul@exemple.fr")
    assert answer["Subject"] == "Votre rattachement à Signalétique du Midi est accepté"
    assert sink.to("zoe@exemple.fr") == [], "a plain user is not told of the money"
    parts = [m.get_body(("plain",)) for m in sink.to(MANAGERS[0])]
    assert any(part and "FR76 … 0189" in part.get_content() for part in parts)
