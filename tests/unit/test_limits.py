"""The bucket of a program: bursts, refilling, and what the answer says."""

from hypothesis import given
from hypothesis import strategies as st

from shared.limits import REMEMBERED, WINDOW_SECONDS, Buckets


def test_a_burst_of_the_whole_quota_passes_and_the_next_request_waits() -> None:
    buckets = Buckets(60)
    rooms = [buckets.take("a", 0.0) for _ in range(61)]
    assert [room.refused for room in rooms] == [False] * 60 + [True]
    assert rooms[0].headers == {
        "RateLimit-Policy": '"client";q=60;w=60',
        "RateLimit": '"client";r=59;t=1',
    }
    assert rooms[60].headers["RateLimit"] == '"client";r=0;t=60'
    assert rooms[60].headers["Retry-After"] == "1"


def test_waiting_as_told_is_enough_and_refusals_cost_nothing() -> None:
    buckets = Buckets(60)
    for _ in range(60):
        buckets.take("a", 0.0)
    for _ in range(100):
        assert buckets.take("a", 0.5).refused
    assert not buckets.take("a", 1.0).refused


def test_one_program_does_not_use_up_what_is_anothers() -> None:
    buckets = Buckets(1)
    assert not buckets.take("a", 0.0).refused
    assert buckets.take("a", 0.0).refused
    assert not buckets.take("b", 0.0).refused


@given(st.integers(60, 6000), st.lists(st.floats(0, 5), max_size=400))
def test_no_window_lets_through_more_than_a_burst_and_its_refill(
    quota: int, pauses: list[float]
) -> None:
    buckets, now, passed = Buckets(quota), 0.0, 0
    for pause in pauses:
        now += pause
        passed += not buckets.take("a", now).refused
    assert passed <= quota + now * quota / WINDOW_SECONDS + 1e-6


def test_the_memory_of_programs_is_bounded() -> None:
    buckets = Buckets(60)
    for n in range(REMEMBERED + 50):
        buckets.take(str(n), 0.0)
    assert len(buckets._left) == REMEMBERED
