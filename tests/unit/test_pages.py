"""Which forms are our own, where a visitor may be led, how amounts and dates are written."""

from datetime import date
from decimal import Decimal

import pytest

from services.portal import domain


@pytest.mark.parametrize(
    ("fetch_site", "origin", "ours"),
    [
        ("same-origin", None, True),
        ("same-origin", "https://x.example", True),
        ("none", None, False),
        ("cross-site", "https://chorale.test", False),
        (None, None, True),
        (None, "https://chorale.test", True),
        (None, "http://chorale.test", False),
        (None, "https://chorale.test.x.example", False),
        (None, "null", False),
    ],
)
def test_only_our_own_forms_are_ours(
    fetch_site: str | None, origin: str | None, ours: bool
) -> None:
    assert domain.is_our_own("https://chorale.test", fetch_site, origin) is ours


@pytest.mark.parametrize(
    ("path", "safe"),
    [
        ("/docs", "/docs"),
        ("/docs?a=b", "/docs?a=b"),
        (None, "/"),
        ("", "/"),
        ("docs", "/"),
        ("//x.example", "/"),
        ("/\\x.example", "/"),
        ("/a\\b", "/"),
        ("/a\r\nb", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_a_visitor_is_led_only_to_our_own_pages(path: str | None, safe: str) -> None:
    assert domain.safe_path(path, "/") == safe


def test_amounts_and_dates_are_written_as_people_do() -> None:
    assert domain.amount(Decimal("1234567.8")) == "1\u202f234\u202f567,80\u00a0€"
    assert domain.amount(Decimal("-3"), "CHF") == "-3,00\u00a0CHF"
    assert domain.amount(None) == domain.day(None) == "—"
    assert domain.day(date(2026, 11, 5)) == "05/11/2026"
