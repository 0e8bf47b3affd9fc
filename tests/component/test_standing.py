"""What is remembered of somebody's rights, and when it is no longer believed."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from shared import standing
from shared.errors import Unauthorized, Unavailable
from shared.standing import CHANGES, Standings, mark_of
from tests.component.registers import Register, register

KEY = "live/siret/73282932000074"
CLAIMS = {"sub": "paul", "kind": "person", "realm": "live", "sid": "s1"}
ME: dict[str, Any] = {
    "subject": "paul",
    "kind": "person",
    "realm": "live",
    "email": "paul@exemple.fr",
    "grants": [{"structure": KEY, "role": "user", "spaces": {"issued_invoices": "write"}}],
}
CHANGE = {"id": "1", "subject": mark_of("paul")}


@pytest.fixture
def accounts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Register]:
    """Accounts, played: its list of changes is read again before every request."""
    monkeypatch.setattr(standing, "FRESH_SECONDS", -1.0)
    monkeypatch.setattr(standing, "RETRY_SECONDS", -1.0)
    with register() as made:
        made.answers = {CHANGES: {"items": []}, "/v1/me": ME}
        yield made


@pytest.fixture
async def standings(accounts: Register) -> AsyncIterator[Standings]:
    """What a service remembers."""
    made = Standings(accounts.url)
    yield made
    await made.close()


def asked(accounts: Register) -> int:
    """How many times accounts was asked about somebody."""
    return accounts.asked.count("/v1/me")


async def test_accounts_is_asked_once_about_a_token(
    accounts: Register, standings: Standings
) -> None:
    who = await standings.of(CLAIMS, "a-token")
    assert await standings.of(CLAIMS, "a-token") == who
    assert who.subject == "paul" and who.may("issue", KEY) and who.session == "s1"
    assert asked(accounts) == 1
    await standings.of(CLAIMS, "another-token")
    assert asked(accounts) == 2


async def test_a_right_that_is_withdrawn_ends_with_the_next_request(
    accounts: Register, standings: Standings
) -> None:
    assert (await standings.of(CLAIMS, "a-token")).may("issue", KEY)
    accounts.answers["/v1/me"] = ME | {"grants": []}
    accounts.answers[CHANGES] = {"items": [CHANGE]}
    assert not (await standings.of(CLAIMS, "a-token")).may("issue", KEY)
    await standings.of(CLAIMS, "a-token")
    assert asked(accounts) == 2, "a change that was seen counts once"


async def test_a_right_that_is_given_counts_without_signing_in_again(
    accounts: Register, standings: Standings
) -> None:
    accounts.answers["/v1/me"] = ME | {"grants": []}
    assert not (await standings.of(CLAIMS, "a-token")).may("issue", KEY)
    accounts.answers["/v1/me"] = ME
    accounts.answers[CHANGES] = {"items": [CHANGE]}
    assert (await standings.of(CLAIMS, "a-token")).may("issue", KEY)


async def test_somebody_elses_change_asks_nothing(accounts: Register, standings: Standings) -> None:
    await standings.of(CLAIMS, "a-token")
    accounts.answers[CHANGES] = {"items": [{"id": "2", "subject": mark_of("eve")}]}
    await standings.of(CLAIMS, "a-token")
    assert asked(accounts) == 1


async def test_a_session_that_is_over_is_refused_in_the_words_of_accounts(
    accounts: Register, standings: Standings
) -> None:
    await standings.of(CLAIMS, "a-token")
    accounts.answers[CHANGES] = {"items": [CHANGE]}
    over = {"code": "session-expired", "detail": "Cette session a pris fin."}
    accounts.answers["/v1/me"] = (401, over)
    with pytest.raises(Unauthorized) as refused:
        await standings.of(CLAIMS, "a-token")
    assert refused.value.code == "session-expired"


async def test_an_answer_about_somebody_else_is_refused(
    accounts: Register, standings: Standings
) -> None:
    accounts.answers["/v1/me"] = ME | {"subject": "eve"}
    with pytest.raises(Unauthorized):
        await standings.of(CLAIMS, "a-token")


async def test_with_accounts_away_what_is_known_holds_for_a_while_and_then_nothing_does(
    accounts: Register, standings: Standings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await standings.of(CLAIMS, "a-token")
    accounts.answers = {}
    assert (await standings.of(CLAIMS, "a-token")).may("issue", KEY)
    with pytest.raises(Unavailable):
        await standings.of(CLAIMS, "never-seen")
    monkeypatch.setattr(standing, "TRUST_SECONDS", -1.0)
    with pytest.raises(Unavailable) as away:
        await standings.of(CLAIMS, "a-token")
    assert away.value.headers["Retry-After"]


async def test_a_list_that_was_not_read_for_long_is_not_trusted_to_be_whole(
    accounts: Register, standings: Standings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await standings.of(CLAIMS, "a-token")
    monkeypatch.setattr("shared.contracts.accounts.RightsChanges.SECONDS", -1)
    accounts.answers["/v1/me"] = ME | {"grants": []}
    assert not (await standings.of(CLAIMS, "a-token")).may("issue", KEY)
