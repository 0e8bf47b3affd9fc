"""Patterns of order references: what a body may write, and that none is ever slow."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.structures.domain.patterns import LONGEST_ORDER, fault

GOOD = (
    (r"(CP|AP)\d{4}/[A-Z0-9]+(/\d+)?", "CP2020/X123456/1"),
    (r"^EJ[0-9]{10}$", "EJ1234567890"),
    (r"\d{4}-[A-Z]{1,3}", "2026-ABC"),
    (r"[]a]+", "]a"),
    (r"(?:A|B)\.\d{2,}", "A.12"),
    (r"\w+", "X1"),
)
SLOW = (
    "(a+)+b",
    "(a|a)*b",
    "(a*)*",
    "(.*)(.*)(.*)x",
    "(a?){40}a{40}",
    "(x{0,9}){0,9}",
    "((((a?)?)?)?){30}",
    r"(\w|\d)+$",
    "a?" * 30 + "a" * 30,
)
MALFORMED = (
    "[",
    "(",
    "a)",
    "a**",
    "a{2,1}",
    "a{99}",
    "(?=a)a",
    r"(a)\1",
    r"\bA",
    "a$b",
    "*a",
    "a{,3}",
    "",
)


@pytest.mark.parametrize(("pattern", "example"), GOOD)
def test_a_bounded_pattern_with_its_example_is_taken(pattern: str, example: str) -> None:
    assert fault(pattern, example) is None
    assert re.compile(pattern).fullmatch(example)


@pytest.mark.parametrize("pattern", SLOW)
def test_a_pattern_that_could_be_slow_is_refused_without_being_tried(pattern: str) -> None:
    began = time.perf_counter()
    assert "trop de façons" in (fault(pattern, "a") or "")
    assert time.perf_counter() - began < 0.1


@pytest.mark.parametrize("pattern", MALFORMED)
def test_a_malformed_pattern_is_refused_with_a_reason(pattern: str) -> None:
    assert fault(pattern, "a")


def test_an_example_is_demanded_and_must_have_the_form() -> None:
    assert "exemple" in (fault(r"\d{4}", None) or "")
    assert "exemple" in (fault(r"\d{4}", "12A4") or "")
    assert "exemple" in (fault(r"\w+", "A" * (LONGEST_ORDER + 1)) or "")


PIECES = st.sampled_from(["a", "b", "(a|b)", "(a|a)", "[ab]", ".", r"\w", "(ab?)", "(a*b)"])
TIMES = st.sampled_from(["", "?", "*", "+", "{2}", "{0,9}", "{3,20}", "{1,50}"])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(PIECES, TIMES), min_size=1, max_size=6))
def test_whatever_is_taken_answers_fast_on_the_worst_references(
    parts: list[tuple[str, str]],
) -> None:
    pattern = "".join(piece + times for piece, times in parts)
    if "façons" in (fault(pattern, "a") or ""):
        return
    compiled = re.compile(pattern)
    for order in ("a" * LONGEST_ORDER, "a" * (LONGEST_ORDER - 1) + "!", "ab" * 24 + "!"):
        began = time.perf_counter()
        compiled.fullmatch(order)
        assert time.perf_counter() - began < 0.5, pattern


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab()[]{}|?*+^$\\.,0129dwb:=!", max_size=20))
def test_no_text_breaks_the_reader(pattern: str) -> None:
    why = fault(pattern, "a")
    assert why is None or why
