"""Passwords, one-time codes, recovery codes and sessions: the rules, by any clock."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.domain import factors, passwords, sessions

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECRET = factors.totp_secret("any")
EMAIL = "jeanne.martin@exemple.fr"


def codes(password: str, *names: str) -> set[str]:
    """The rules that a password breaks."""
    return {fault.code for fault in passwords.missing(password, EMAIL, *names)}


@pytest.mark.parametrize(
    "password",
    [
        *("Azertyuiop-12", "Qsdfghjklm1!", "Passw0rd1234!", "Iloveyou-12345", "Abcdefgh-1234"),
        *("Printemps2026!", "Septembre-2026", "Facturation31!"),
    ],
)
def test_what_people_choose_most_is_refused_though_it_has_every_class(password: str) -> None:
    assert codes(password) == {"PWD-OBVIOUS"}


def test_a_password_that_leaked_is_refused_as_it_is() -> None:
    leaked = [word for word in passwords.LEAKED if len(word) >= passwords.SHORTEST]
    assert len(passwords.LEAKED) >= 10_000 and len(leaked) > 20
    assert all("PWD-OBVIOUS" in codes(word) for word in leaked[:50])


@pytest.mark.parametrize("length", [64, 128, 256])
def test_a_long_password_needs_no_classes(length: int) -> None:
    sentence = ("le vent souffle sur la colline et la riviere chante " * 6)[:length]
    assert codes(sentence) == set()
    assert codes("abcdefghijkl") >= {"PWD-CLASSES"}
    assert "PWD-CLASSES" in codes("aaaaaaaaaaaaaaaaaaaaaaaaaa"), "length alone is not enough"


def test_a_name_is_not_a_password_and_a_short_one_forbids_nothing() -> None:
    assert codes("Colline-Dupont-vent7", "Dupont") == {"PWD-NAME"}
    assert codes("Colline-7-bleue-vent", "Li", "") == set()


@pytest.mark.parametrize("hard", ["4@8({[<69|1!7$5+%2" * 14, "()[]{}<>|!1457@$+%" * 14, "a" * 256])
def test_no_password_takes_long_to_judge(hard: str) -> None:
    started = time.perf_counter()
    passwords.judge(hard, EMAIL, "Jeanne", "Martin")
    assert time.perf_counter() - started < 0.5


@given(st.text(max_size=256))
def test_any_text_is_judged(text: str) -> None:
    score, _ = passwords.judge(text, EMAIL)
    assert 0 <= score < len(passwords.LABELS)


def test_a_code_is_taken_a_step_around_now_and_only_after_the_last_one() -> None:
    now = int(NOON.timestamp()) // 30
    made = pyotp.HOTP(SECRET)
    taken = {
        shift: factors.step_of(SECRET, made.at(now + shift), NOON, -1) for shift in range(-3, 4)
    }
    expected = {-1: now - 1, 0: now, 1: now + 1}
    assert taken == {shift: expected.get(shift) for shift in range(-3, 4)}
    assert factors.step_of(SECRET, made.at(now), NOON, now) is None
    assert factors.step_of(SECRET, made.at(now), NOON, now - 1) == now


@given(st.text(max_size=12))
def test_what_is_no_code_is_no_step(text: str) -> None:
    if not text.strip().isdigit():
        assert factors.step_of(SECRET, text, NOON, -1) is None


def test_a_code_may_be_typed_with_a_space_but_only_in_plain_digits() -> None:
    code = pyotp.HOTP(SECRET).at(int(NOON.timestamp()) // 30)
    assert factors.step_of(SECRET, f"{code[:3]} {code[3:]}", NOON, -1)
    arabic = code.translate({ord(str(n)): chr(0x660 + n) for n in range(10)})
    assert factors.step_of(SECRET, arabic, NOON, -1) is None


@given(st.lists(st.text(min_size=1), min_size=1, max_size=10, unique=True), st.data())
def test_a_recovery_code_takes_itself_away_and_nothing_else(
    secrets: list[str], data: st.DataObject
) -> None:
    shown = [factors.recovery_code(secret) for secret in secrets]
    kept = [factors.kept_code(code) for code in shown]
    used = data.draw(st.sampled_from(shown))
    left = factors.without_code(kept, used.upper().replace("-", " "))
    assert left is not None and len(left) == len(kept) - 1
    assert factors.without_code(left, used) is None
    assert factors.without_code(kept, "") is None
    assert not set(shown) & set(kept)


def a_session(**more: Any) -> dict[str, Any]:
    """A session that was used just now."""
    return {"ended_at": None, "used_at": NOON, "ends_at": NOON + sessions.ABSOLUTE} | more


def test_a_session_lives_until_it_is_ended_idle_or_old() -> None:
    assert sessions.alive(a_session(), NOON + sessions.IDLE - timedelta(milliseconds=1))
    assert not sessions.alive(a_session(), NOON + sessions.IDLE)
    assert not sessions.alive(a_session(ended_at=NOON), NOON)
    old = a_session(used_at=NOON + sessions.ABSOLUTE)
    assert not sessions.alive(old, NOON + sessions.ABSOLUTE)


@given(st.text(max_size=400))
def test_a_device_is_one_short_line(text: str) -> None:
    device = sessions.device_of(text)
    assert device is None or (device.isprintable() and 0 < len(device) <= 160)


def test_the_latest_places_are_remembered_and_not_too_many() -> None:
    known: list[str] = []
    for n in range(50):
        known = sessions.places(known, f"p{n}")
    assert len(known) == sessions.MOST_PLACES and known[-1] == "p49"
    assert sessions.places(["a", "b"], "a") == ["b", "a"]


@given(st.text(max_size=60))
def test_an_answer_is_the_same_without_case_accents_and_spaces(text: str) -> None:
    assert passwords.answer(text) == passwords.answer(f" {text} ")


def test_an_answer_keeps_its_letters() -> None:
    assert passwords.answer(" Mont-Réal ") == passwords.answer("mont real") == "montreal"
