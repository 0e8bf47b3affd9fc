"""Sessions and throttling, through the API of accounts, by a clock that the test turns."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest

from services.accounts.domain import sessions
from services.accounts.domain.throttle import TOLD_AFTER
from shared.contracts.accounts import ActivationRequested, SecurityChanged
from tests.component.desk import ABROAD, HOME, PASSWORD, Desk, claims, hears, opened
from tests.component.house import Reply

pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
NEW = "Fougère-9-lent-ocre"


@pytest.fixture
async def desk(mongo: Any) -> AsyncIterator[Desk]:
    """Accounts inside the test."""
    async with opened(mongo.url, mongo.database) as made:
        yield hears(made, ActivationRequested, SecurityChanged)


async def refresh(desk: Desk, session: str) -> Reply:
    """Ask for another access token in the same session."""
    return await desk.ask("POST", "/v1/sessions/refresh", {"session_token": session})


async def taken(desk: Desk, token: str) -> bool:
    """Whether an access token is accepted."""
    reply = await desk.ask("GET", "/v1/me", token=token)
    assert reply.status in (200, 401), reply.text
    return reply.status == 200


async def test_a_session_goes_on_while_it_is_used_and_ends_after_half_an_hour_of_rest(
    desk: Desk,
) -> None:
    await desk.activate("a@exemple.fr")
    signed = await desk.sign_in("a@exemple.fr")
    for _ in range(4):
        desk.later(minutes=29)
        renewed = await refresh(desk, signed["session_token"])
        assert renewed.status == 200, renewed.text
        assert await taken(desk, renewed.json["access_token"])
    assert not await taken(desk, signed["access_token"]), "an access token lasts minutes"
    desk.later(minutes=30)
    ended = await refresh(desk, signed["session_token"])
    assert (ended.status, ended.json["code"]) == (401, "session-expired")


async def test_a_session_ends_after_twelve_hours_however_much_it_is_used(desk: Desk) -> None:
    await desk.activate("b@exemple.fr")
    signed = await desk.sign_in("b@exemple.fr")
    renewed = None
    for _ in range(71):
        desk.later(minutes=10)
        renewed = await refresh(desk, signed["session_token"])
        assert renewed.status == 200
    assert renewed
    ends_at = datetime.fromisoformat(renewed.json["session_ends_at"])
    assert claims(renewed.json["access_token"])["exp"] <= ends_at.timestamp()
    desk.later(minutes=10)
    assert (await refresh(desk, signed["session_token"])).status == 401


async def test_a_password_of_years_ago_still_opens(desk: Desk) -> None:
    await desk.activate("b2@exemple.fr")
    desk.later(days=2000)
    assert (await desk.sign_in("b2@exemple.fr"))["session_token"]


async def test_every_sign_in_begins_a_session_that_nobody_knew_before(desk: Desk) -> None:
    await desk.activate("c@exemple.fr")
    one, two = await desk.sign_in("c@exemple.fr"), await desk.sign_in("c@exemple.fr")
    sids = {claims(signed["access_token"])["sid"] for signed in (one, two)}
    assert len(sids) == 2 and one["session_token"] != two["session_token"]
    body = {"email": "c@exemple.fr", "password": PASSWORD, "session_token": one["session_token"]}
    assert (await desk.ask("POST", "/v1/sessions", body)).status == 422, "none can be brought along"


async def test_a_token_of_a_session_that_signed_out_is_refused_at_once(desk: Desk) -> None:
    await desk.activate("d@exemple.fr")
    signed, other = await desk.sign_in("d@exemple.fr"), await desk.sign_in("d@exemple.fr")
    token = signed["access_token"]
    assert (await desk.ask("DELETE", "/v1/sessions", token=token)).status == 204
    refused = await desk.ask("GET", "/v1/me", token=token)
    assert (refused.status, refused.json["code"]) == (401, "session-expired")
    assert (await refresh(desk, signed["session_token"])).status == 401
    assert await taken(desk, other["access_token"])
    assert await desk.db["rights_changes"].count_documents({}) >= 1, "other services are told"


async def test_sessions_are_listed_and_ended_one_by_one_or_all_but_mine(desk: Desk) -> None:
    await desk.activate("e@exemple.fr")
    mine = await desk.sign_in("e@exemple.fr")
    phone = await desk.sign_in("e@exemple.fr", source=ABROAD, agent="Phone " + "x" * 1000)
    third = await desk.sign_in("e@exemple.fr")
    token = mine["access_token"]
    listed = (await desk.ask("GET", "/v1/me/sessions", token=token)).json["items"]
    assert len(listed) == 3 and [row["current"] for row in listed].count(True) == 1
    (abroad,) = [row for row in listed if row["source"] == ABROAD]
    assert abroad["device"].startswith("Phone x") and len(abroad["device"]) == 160
    path = f"/v1/me/sessions/{abroad['id']}"
    assert (await desk.ask("DELETE", path, token=token)).status == 204
    assert not await taken(desk, phone["access_token"])
    assert await taken(desk, third["access_token"])
    assert (await desk.ask("DELETE", "/v1/me/sessions", token=token)).status == 204
    assert not await taken(desk, third["access_token"]) and await taken(desk, token)


async def test_of_too_many_sessions_the_least_used_ends_and_a_new_password_ends_them_all(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "MOST", 3)
    await desk.activate("many@exemple.fr")
    tokens = []
    for _ in range(5):
        tokens.append((await desk.sign_in("many@exemple.fr"))["access_token"])
        desk.later(seconds=5)
    assert [await taken(desk, token) for token in tokens] == [False, False, True, True, True]
    body = {"password": PASSWORD, "new_password": NEW}
    assert (await desk.ask("POST", "/v1/me/password", body, tokens[-1])).status == 204
    assert [await taken(desk, token) for token in tokens] == [False] * 4 + [True]
    assert await desk.db["sessions"].count_documents({"ended_at": None}) == 1


async def test_nobody_ends_or_sees_the_sessions_of_others(desk: Desk) -> None:
    await desk.activate("f@exemple.fr")
    theirs = await desk.sign_in("f@exemple.fr")
    mine = await desk.person("g@exemple.fr")
    sid = claims(theirs["access_token"])["sid"]
    foreign = await desk.ask("DELETE", f"/v1/me/sessions/{sid}", token=mine)
    unknown = await desk.ask("DELETE", "/v1/me/sessions/unknown", token=mine)
    assert foreign.status == unknown.status == 404
    assert foreign.json["detail"] == unknown.json["detail"]
    listed = await desk.ask("GET", "/v1/me/sessions", token=mine)
    assert len(listed.json["items"]) == 1
    assert await taken(desk, theirs["access_token"])


async def test_a_changed_password_ends_every_other_session_and_the_owner_is_told(
    desk: Desk,
) -> None:
    await desk.activate("h@exemple.fr")
    mine, other = await desk.sign_in("h@exemple.fr"), await desk.sign_in("h@exemple.fr")
    token = mine["access_token"]
    weak = {"password": PASSWORD, "new_password": "Motdepasse123!"}
    refused = await desk.ask("POST", "/v1/me/password", weak, token)
    assert (refused.status, refused.json["code"]) == (422, "password-too-weak")
    change = {"password": PASSWORD, "new_password": NEW}
    wrong = await desk.ask("POST", "/v1/me/password", change | {"password": "faux"}, token)
    assert (wrong.status, wrong.json["code"]) == (403, "wrong-password")
    assert (await desk.ask("POST", "/v1/me/password", change, token)).status == 204
    assert await taken(desk, token) and not await taken(desk, other["access_token"])
    assert [fact.what for fact in desk.told(SecurityChanged)] == ["password_changed"]
    assert "access_token" in await desk.sign_in("h@exemple.fr", NEW)


async def test_a_stolen_session_does_not_guess_the_password(desk: Desk) -> None:
    token = await desk.person("i@exemple.fr")
    change = {"password": "faux", "new_password": NEW}
    replies = [await desk.ask("POST", "/v1/me/password", change, token) for _ in range(6)]
    assert [reply.status for reply in replies] == [403] * 5 + [429]


async def test_a_storm_of_guesses_delays_the_owner_nowhere_that_they_came_from_before(
    desk: Desk,
) -> None:
    await desk.activate("j@exemple.fr")
    await desk.sign_in("j@exemple.fr", source=HOME)
    wrong = {"email": "j@exemple.fr", "password": "faux"}
    statuses = [
        (await desk.ask("POST", "/v1/sessions", wrong, source=f"203.0.113.{n}")).status
        for n in range(60)
    ]
    assert statuses.count(401) == 50 and statuses[-1] == 429
    assert "access_token" in await desk.sign_in("j@exemple.fr", source=HOME)
    right = {"email": "j@exemple.fr", "password": PASSWORD}
    elsewhere = await desk.ask("POST", "/v1/sessions", right, source="192.0.2.1")
    assert elsewhere.status == 429 and int(elsewhere.headers["Retry-After"]) <= 30


async def test_signing_in_rightly_many_times_makes_nobody_wait(desk: Desk) -> None:
    await desk.activate("m@exemple.fr")
    for _ in range(60):
        assert "access_token" in await desk.sign_in("m@exemple.fr")


async def test_the_owner_of_an_account_under_attack_is_told_once(desk: Desk) -> None:
    await desk.activate("k@exemple.fr")
    wrong = {"email": "k@exemple.fr", "password": "faux"}
    for n in range(TOLD_AFTER + 5):
        await desk.ask("POST", "/v1/sessions", wrong, source=f"203.0.113.{n}")
    assert [fact.what for fact in desk.told(SecurityChanged)] == ["many_tries"]


async def test_a_sign_in_from_elsewhere_is_told_and_the_first_one_is_not(desk: Desk) -> None:
    await desk.activate("l@exemple.fr")
    for _ in range(2):
        await desk.sign_in("l@exemple.fr")
    assert desk.told(SecurityChanged) == []
    await desk.sign_in("l@exemple.fr", source=ABROAD)
    await desk.sign_in("l@exemple.fr", source=ABROAD)
    (told,) = desk.told(SecurityChanged)
    assert (told.what, told.source, told.email) == ("new_device", ABROAD, "l@exemple.fr")


async def test_an_operator_holds_an_account_and_lets_its_owner_in_again(desk: Desk) -> None:
    await desk.activate("o@exemple.fr")
    await desk.activate("p@exemple.fr")
    await desk.db["accounts"].update_one({"login": "o@exemple.fr"}, {"$set": {"kind": "operator"}})
    operator = await desk.sign_in("o@exemple.fr")
    theirs = await desk.sign_in("p@exemple.fr")
    by, id = operator["access_token"], claims(theirs["access_token"])["sub"]
    path = f"/v1/people/{id}/hold"
    mine = await desk.ask("PUT", path, {"reason": "x"}, theirs["access_token"])
    assert mine.status == 403
    assert (await desk.ask("DELETE", f"/v1/people/{id}/sessions", token=by)).status == 204
    assert not await taken(desk, theirs["access_token"])
    theirs = await desk.sign_in("p@exemple.fr")
    assert (await desk.ask("PUT", path, {"reason": "Vol de compte"}, by)).status == 204
    assert (await desk.ask("PUT", path, {"reason": "Encore"}, by)).status == 409
    assert not await taken(desk, theirs["access_token"])
    right = {"email": "p@exemple.fr", "password": PASSWORD}
    assert (await desk.ask("POST", "/v1/sessions", right)).status == 401
    assert desk.told(SecurityChanged)[-1].what == "account_held"
    assert (await desk.ask("DELETE", path, token=by)).status == 204
    assert "access_token" in await desk.sign_in("p@exemple.fr")
    me = claims(by)["sub"]
    assert (await desk.ask("PUT", f"/v1/people/{me}/hold", {"reason": "x"}, by)).status == 404


async def test_a_right_and_a_wrong_address_cost_the_same_work(desk: Desk) -> None:
    await desk.activate("m@exemple.fr")
    costs = []
    for email in ("m@exemple.fr", "personne@exemple.fr"):
        desk.writes.clear()
        desk.checks = 0
        answers = []
        for n in range(TOLD_AFTER - 2):
            body = {"email": email, "password": "faux"}
            reply = await desk.ask("POST", "/v1/sessions", body, source=f"203.0.113.{n}")
            shown = {k: v for k, v in reply.headers.items() if k not in ("X-Request-ID", "Date")}
            said = {k: v for k, v in reply.json.items() if k != "trace_id"}
            answers.append((reply.status, shown, said))
        costs.append((answers, list(desk.writes), desk.checks))
    assert costs[0] == costs[1]
