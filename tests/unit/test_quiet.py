"""When a mail leaves: what readers choose, the digest's hour, tokens, and mails that came back."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.domain.bounces import envelope, report
from services.notifications.domain.gathering import MOST_LINES, Line, gathered
from services.notifications.domain.mail import Sender
from services.notifications.domain.notices import NOTICES
from services.notifications.domain.quiet import (
    KINDS,
    ORDER,
    chosen,
    next_digest,
    opened,
    quietest,
    token,
    window,
)
from services.notifications.domain.words import PARIS
from shared.contracts.preferences import Kind, Mode, Preference

A, B = "live/siret/73282932000074", "live/siret/22310001700423"
MODES: tuple[Mode, ...] = get_args(Mode)
ID = "0123456789abcdef0123456789abcdef"


def test_every_kind_has_its_words_and_what_safety_wants_told_cannot_be_silenced() -> None:
    assert set(KINDS) == set(get_args(Kind)) and ORDER == MODES
    for row in NOTICES:
        if row.secret or row.kind in ("account", "members", "structure"):
            assert row.quietest == "at_once", row
        if row.template in ("rejected", "suspended", "anomaly", "to_validate", "refused"):
            assert row.quietest == "digest", row


def test_the_most_precise_row_counts_and_nothing_is_quieter_than_it_may_be() -> None:
    rows = (
        Preference(mode="digest"),
        Preference(kind="requests", mode="none"),
        Preference(structure=A, mode="at_once"),
        Preference(kind="requests", structure=A, mode="digest"),
    )
    assert chosen(rows, "requests", A, "none") == "digest"
    assert chosen(rows, "requests", B, "none") == "none"
    assert chosen(rows, "requests", B, "digest") == "digest"
    assert chosen(rows, "invoices", A, "none") == "at_once"
    assert chosen(rows, "invoices", None, "none") == "digest"
    assert chosen((), "invoices", A, "none") == "at_once"
    for mode, limit in product(MODES, MODES):
        told = chosen((Preference(mode=mode),), "turns", A, limit)
        assert ORDER.index(told) == min(ORDER.index(mode), ORDER.index(limit))


@given(st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)), st.integers(0, 23))
def test_the_next_digest_is_the_first_such_hour_in_france_in_every_season(
    naive: datetime, hour: int
) -> None:
    at = naive.replace(tzinfo=UTC)
    due = next_digest(at, hour)
    assert at < due <= at + timedelta(hours=26)
    local = due.astimezone(PARIS)
    assert local.minute == 0 and local.hour in (hour, hour + 1)
    assert local.hour == hour or (local.month, hour) == (3, 2), "an hour that spring leaves out"
    assert at < window(at) <= at + timedelta(minutes=10) and window(at).minute % 10 == 0


def test_a_token_opens_for_its_own_address_only_and_no_other_is_accepted() -> None:
    secret = b"s" * 32
    sealed = token(secret, "live", "c@example.org", "requests")
    assert opened(secret, sealed) == ("live", "c@example.org", "requests")
    said, _, seal = sealed.partition(".")
    other = token(secret, "live", "d@example.org", "requests").partition(".")[0]
    for wrong in ("", ".", "é.é", sealed + "A", said, f"{other}.{seal}", f"{said}.{said}"):
        assert opened(secret, wrong) is None
    assert opened(b"t" * 32, sealed) is None


def returned(
    status: str = "5.1.1", action: str = "failed", to: str = f"rebonds+{ID}@x.fr"
) -> bytes:
    return (
        f"From: MAILER-DAEMON@y.fr\r\nTo: {to}\r\nMIME-Version: 1.0\r\nSubject: Undelivered\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; y.fr\r\n\r\n"
        f"Final-Recipient: rfc822; c@y.fr\r\nAction: {action}\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 unknown\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <{ID}@x.fr>\r\n\r\nHi\r\n--b--\r\n"
    ).encode()


def test_a_report_of_failure_names_its_mail_by_address_or_by_message_id() -> None:
    for to in (f"rebonds+{ID}@x.fr", "ne-pas-repondre@x.fr"):
        said = report(returned(to=to))
        assert (said.delivery_id, said.permanent) == (ID, True)
        assert said.cause == "smtp; 550 5.1.1 unknown"
    assert not report(returned("4.4.1", "delayed")).permanent
    assert not report(returned("5.2.2")).permanent, "a full mailbox is emptied one day"
    sender = Sender.parse("Chorale <ne-pas-repondre@x.fr>")
    assert envelope(ID, sender, "rebonds@x.fr") == f"rebonds+{ID}@x.fr"
    assert envelope(ID, sender, None) == "ne-pas-repondre@x.fr"


@pytest.mark.parametrize("data", [b"", b"\xff\x00" * 100, b"To: x\r\n\r\nhello", b"To: " * 999])
def test_what_is_no_report_marks_nobody(data: bytes) -> None:
    assert not report(data).permanent


@given(st.binary(max_size=400))
def test_no_bytes_make_the_reader_of_reports_fail(data: bytes) -> None:
    for raw in (data, returned()[:200] + data, returned().replace(b"Status", data[:20])):
        report(raw)


@given(st.lists(st.tuples(st.sampled_from(list(KINDS)), st.integers(0, 50)), max_size=120))
def test_a_mail_that_gathers_others_counts_every_one_of_them(drawn: list[tuple[Kind, int]]) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    lines = [Line(str(n), kind, f"S{n}", at) for n, (kind, _) in enumerate(drawn)]
    facts = gathered(lines, "digest", "https://x.fr")
    shown = [line["subject"] for group in facts["groups"] for line in group["lines"]]
    assert len(shown) + sum(group["more"] for group in facts["groups"]) == len(lines)
    assert len(set(shown)) == len(shown)
    assert all(len(group["lines"]) <= MOST_LINES for group in facts["groups"])
    assert {quietest(kind) for kind, _ in drawn} <= set(MODES)
