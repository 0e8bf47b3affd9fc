"""Sign-ups by the thousand from one place: they stop, and others are served."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.accounts.domain.throttle import SIGN_UP, pause
from shared.contracts.accounts import ActivationRequested
from tests.component.desk import ABROAD, HOME, Desk, hears, opened


@pytest.fixture
async def desk(mongo: Any) -> AsyncIterator[Desk]:
    """Accounts inside the test."""
    async with opened(mongo.url, mongo.database) as made:
        yield hears(made, ActivationRequested)


def test_of_ten_thousand_sign_ups_from_one_source_a_few_get_through_an_hour() -> None:
    at, made = datetime(2026, 11, 2, tzinfo=UTC), list[datetime]()
    for _ in range(10_000):
        if not pause(SIGN_UP, made, at):
            made.append(at)
        at += timedelta(seconds=0.36)
    assert SIGN_UP.free <= len(made) <= SIGN_UP.free + 8


async def test_a_flood_of_sign_ups_ends_in_pauses_and_holds_up_nobody_else(desk: Desk) -> None:
    async def sign_up(name: str, source: str) -> Any:
        body = {"email": f"{name}@exemple.fr", "without_siret": True}
        return await desk.ask("POST", "/v1/accounts", body, source=source)

    flood = [await sign_up(f"flot{n}", ABROAD) for n in range(SIGN_UP.free + 20)]
    statuses = [reply.status for reply in flood]
    assert statuses[: SIGN_UP.free] == [202] * SIGN_UP.free
    assert set(statuses[SIGN_UP.free + 1 :]) == {429}
    assert int(flood[-1].headers["Retry-After"]) > 0
    assert (await sign_up("camille", HOME)).status == 202
    told = {fact.email for fact in desk.told(ActivationRequested)}
    assert "camille@exemple.fr" in told and len(told) <= SIGN_UP.free + 2
    desk.later(hours=1, seconds=1)
    assert (await sign_up("flot-tard", ABROAD)).status == 202, "nobody is locked out for good"


async def test_a_forwarded_address_is_believed_of_our_own_proxies_only(desk: Desk) -> None:
    forged = [f"203.0.113.{n}, {ABROAD}" for n in range(SIGN_UP.free + 5)]
    statuses = []
    for n, hops in enumerate(forged):
        body = {"email": f"saut{n}@exemple.fr", "without_siret": True}
        statuses.append((await desk.ask("POST", "/v1/accounts", body, source=hops)).status)
    assert statuses[-1] == 429, "the last hop that is not ours counts, not the first"
