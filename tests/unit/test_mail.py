"""The bytes of a mail: no document can write a header, and the same delivery gives the same."""

from collections.abc import Callable
from decimal import Decimal
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default

import pytest

from services.notifications.domain.mail import Letter, compose
from services.notifications.domain.notices import (
    NOTICES,
    Notice,
    notices,
)
from services.notifications.domain.words import address, amount, clean, day, moment
from shared.contracts.ingest import DepositRefused
from tests.unit.letters import NASTY, SENDER, a_delivery, by_template, received, written
from tests.unit.mail_facts import AT


@by_template
def test_what_a_document_says_adds_no_header_no_recipient_and_no_markup(notice: Notice) -> None:
    raw = compose(a_delivery(written(notice, NASTY)), SENDER)
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    assert message.get_all("Bcc") is None and len(message.get_all("To", [])) == 1
    assert set(message.keys()) == {
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
        *("Content-Language", "MIME-Version", "Content-Type"),
    }
    html = message.get_body(("html",))
    assert html and "<script" not in html.get_content()
    assert not {"\x00", "\x1b", "\u202e"} & set(html.get_content() + str(message["Subject"]))
    assert b"\x1b" not in raw and b"\n\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize("field", ["Subject", "To", "From"])
def test_a_header_that_was_not_cleaned_would_be_refused_by_the_mail_library(field: str) -> None:
    with pytest.raises(ValueError, match="linefeed or carriage return"):
        EmailMessage(policy=SMTP)[field] = "a\r\nBcc: b@example.org"


@pytest.mark.parametrize(
    "hostile",
    [
        "a@example.org\r\nBcc: b@example.org",
        "a@example.org, b@example.org",
        "Camille <a@example.org>",
        "a@example.org\n",
        "a@exa mple.org",
        "à@example.org",
        "a@" + "b" * 250 + ".org",
        "a\x00@example.org",
        "",
        None,
    ],
)
def test_what_is_not_one_plain_address_is_none(hostile: str | None) -> None:
    assert address(hostile) is None


def test_an_address_is_put_in_its_plain_form() -> None:
    assert address("Camille@Exämple.ORG") == "Camille@xn--exmple-cua.org"
    with pytest.raises(ValueError, match="valid address"):
        compose(a_delivery(Letter("s", "t", "h"), "nobody"), SENDER)


def test_the_same_delivery_gives_the_same_bytes_and_message_id() -> None:
    delivery = a_delivery(written(NOTICES[0]))
    assert compose(delivery, SENDER) == compose(delivery, SENDER)
    assert received(delivery)["Message-ID"] == f"<{'0' * 32}@chorale.example>"


def test_lines_on_the_wire_are_short_and_seven_bit() -> None:
    raw = compose(a_delivery(written(notices(DepositRefused)[0], "é" * 3000)), SENDER)
    assert raw.isascii() and max(map(len, raw.split(b"\r\n"))) <= 998


@pytest.mark.parametrize(
    ("made", "french"),
    [
        (lambda: day(AT), "1er\xa0mars 2026"),
        (lambda: moment(AT), "1er\xa0mars 2026 à 14\xa0h\xa005 (heure de Paris)"),
        (lambda: amount(Decimal("-1234567.891"), "EUR"), "-1\u202f234\u202f567,89\xa0€"),
        (lambda: amount(Decimal("2"), "USD"), "2,00\xa0USD"),
        (lambda: amount(Decimal("2"), None), "2,00"),
        (lambda: clean("a\r\nb\tc"), "a b c"),
        (lambda: clean("x" * 300, 10), "x" * 9 + "…"),
        (lambda: clean(None), ""),
    ],
)
def test_values_read_as_french_people_write_them(made: Callable[[], str], french: str) -> None:
    assert made() == french
