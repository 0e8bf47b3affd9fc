"""Programs: scopes, keys and their dates, technical accounts, and how often they may come."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from shared.contracts.accounts import ActivationRequested
from shared.contracts.machines import KeyExpiring, ProgramRevoked
from tests.component.desk import PASSWORD, Desk, claims, hears, opened
from tests.component.house import Reply

SELLER, OTHER = "73282932000074", "55210055400013"
KEY = f"live/siret/{SELLER}"
TECHNICAL = "/v1/technical-accounts"
pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")


@pytest.fixture
async def desk(mongo: Any) -> AsyncIterator[Desk]:
    """Accounts inside the test."""
    async with opened(mongo.url, mongo.database, client_requests="60") as made:
        yield hears(made, ActivationRequested, KeyExpiring, ProgramRevoked)


async def manager(desk: Desk, email: str = "marie@exemple.fr", siret: str = SELLER) -> str:
    """The token of a principal manager."""
    await desk.activate(email, siret=siret)
    return str((await desk.sign_in(email, PASSWORD))["access_token"])


async def client(desk: Desk, token: str, **more: Any) -> Any:
    """A new technical client."""
    made = await desk.ask("POST", "/v1/clients", {"name": "Paie", "structure": KEY} | more, token)
    assert made.status == 201, made.text
    return made.json


async def grant(desk: Desk, made: Any, **more: str) -> Reply:
    """What asking for a token answers."""
    form = {"grant_type": "client_credentials", "client_id": made["client_id"]}
    form |= {"client_secret": made["client_secret"]} | more
    return await desk.ask("POST", "/oauth2/token", form=form)


async def bearer(desk: Desk, made: Any, **more: str) -> str:
    """The token of a client."""
    reply = await grant(desk, made, **more)
    assert reply.status == 200, reply.text
    return str(reply.json["access_token"])


async def technical(desk: Desk, token: str) -> Any:
    """A new technical account."""
    made = await desk.ask("POST", TECHNICAL, {"name": "Sage", "structure": KEY}, token)
    assert made.status == 201, made.text
    return made.json


async def shown(desk: Desk, token: str, account: Any, **more: str) -> Reply:
    """What a client gets for a technical account."""
    body = {"login": account["login"], "password": account["password"]} | more
    return await desk.ask("POST", f"{TECHNICAL}/tokens", body, token)


async def me(desk: Desk, token: str) -> Reply:
    """Who a token speaks for."""
    return await desk.ask("GET", "/v1/me", token=token)


async def test_a_token_has_the_scopes_that_were_asked_for_of_those_that_the_client_has(
    desk: Desk,
) -> None:
    marie = await manager(desk)
    made = await client(desk, marie, scopes=["invoices:write", "invoices:read"])
    assert made["scopes"] == ["invoices:write", "invoices:read"]
    for asked, given in (
        ({}, "invoices:write invoices:read"),
        ({"scope": "openid"}, "invoices:write invoices:read"),
        ({"scope": "invoices:read"}, "invoices:read"),
    ):
        reply = await grant(desk, made, **asked)
        assert reply.json["scope"] == given
        token = reply.json["access_token"]
        assert (await me(desk, token)).json["scopes"] == given.split()
    for more in ("statuses:write", "invoices:read tout"):
        reply = await grant(desk, made, scope=more)
        assert (reply.status, reply.json["error"]) == (400, "invalid_scope")
    assert len((await client(desk, marie))["scopes"]) == 5


async def test_two_keys_live_side_by_side_and_show_their_dates_but_not_themselves(
    desk: Desk,
) -> None:
    marie = await manager(desk)
    first = await client(desk, marie)
    path = f"/v1/clients/{first['client_id']}"
    desk.later(days=1)
    marie = (await desk.sign_in("marie@exemple.fr"))["access_token"]
    second = (await desk.ask("POST", f"{path}/secrets", token=marie)).json
    listed = await desk.ask("GET", f"/v1/clients?structure={SELLER}", token=marie)
    (row,) = listed.json["items"]
    assert [key["id"] for key in row["keys"]] == [second["key_id"], first["key_id"]]
    assert [key["expires_at"] for key in row["keys"]] == [second["expires_at"], first["expires_at"]]
    for made in (first, second):
        assert made["client_secret"] not in listed.text
    stored = await desk.db["clients"].find_one({"_id": first["client_id"]})
    assert first["client_secret"] not in str(stored)


async def test_a_key_that_is_taken_away_ends_with_the_tokens_that_it_opened(desk: Desk) -> None:
    marie = await manager(desk)
    first = await client(desk, marie)
    path = f"/v1/clients/{first['client_id']}"
    second = (await desk.ask("POST", f"{path}/secrets", token=marie)).json
    old, new = await bearer(desk, first), await bearer(desk, second)
    gone = await desk.ask("DELETE", f"{path}/secrets/{first['key_id']}", token=marie)
    assert gone.status == 204
    assert (
        await desk.ask("DELETE", f"{path}/secrets/{first['key_id']}", token=marie)
    ).status == 404
    assert (await grant(desk, first)).status == 400
    assert [(await me(desk, token)).status for token in (old, new)] == [401, 200]
    assert desk.told(ProgramRevoked) == []
    assert (await desk.ask("DELETE", path, token=marie)).status == 204
    (told,) = desk.told(ProgramRevoked)
    assert (told.client_id, told.structure) == (first["client_id"], KEY)
    assert (await me(desk, new)).status == 401 and (await grant(desk, second)).status == 400
    assert (await desk.ask("GET", f"/v1/clients?structure={SELLER}", token=marie)).json == {
        "items": []
    }
    trail = await desk.ask("GET", f"/v1/memberships/trail?structure={SELLER}", token=marie)
    actions = [entry["action"] for entry in trail.json["items"]]
    assert actions[:4] == ["program_revoked", "key_ended", "key_added", "program_added"]


async def test_the_end_of_a_key_is_told_three_times_and_then_it_opens_nothing(desk: Desk) -> None:
    made = await client(desk, await manager(desk))
    assert desk.rounds
    told = []
    for days in (393, 394, 395, 416, 417, 418, 423, 423.5):
        at, desk.at = desk.at, desk.at
        desk.later(days=days)
        await desk.rounds()
        await desk.rounds()
        told.append([fact.days for fact in desk.told(KeyExpiring)])
        desk.at = at
    assert told == [[], [30], [], [], [7], [], [1], []]
    desk.later(days=424, seconds=-30)
    reply = await grant(desk, made)
    assert reply.json["expires_in"] <= 30, "a token never outlives its key"
    desk.later(seconds=31)
    assert (await grant(desk, made)).status == 400


async def test_a_service_that_slept_tells_the_end_of_a_key_once_with_the_days_that_are_left(
    desk: Desk,
) -> None:
    made = await client(desk, await manager(desk))
    assert desk.rounds
    desk.later(days=420)
    await desk.rounds()
    (fact,) = desk.told(KeyExpiring)
    assert (fact.days, fact.name, fact.contact) == (4, "Paie", "marie@exemple.fr")
    assert fact.client_id == made["client_id"] and fact.key_id == made["key_id"]


async def test_a_technical_account_has_chorus_form_and_gives_its_rights_to_any_client_of_its_realm(
    desk: Desk,
) -> None:
    marie = await manager(desk)
    editor = await bearer(
        desk, await client(desk, await manager(desk, "eve@exemple.fr", OTHER), structure=OTHER)
    )
    account = await technical(desk, marie)
    assert re.fullmatch(r"TECH_1_[0-9]{12}@cpro\.fr", account["login"])
    reply = await shown(desk, editor, account)
    assert reply.status == 200, reply.text
    assert reply.json["structure"] == KEY and reply.json["password_expires_at"]
    who = (await me(desk, reply.json["access_token"])).json
    assert who["structures"] == [KEY] and who["kind"] == "client"
    assert who["scopes"] == ["invoices:write", "invoices:read", "statuses:write", "directory:read"]
    said = claims(reply.json["access_token"])
    assert (said["sub"], said["client_id"]) == (account["id"], claims(editor)["sub"])


async def test_why_a_technical_account_is_refused_is_told_to_whoever_knows_its_password(
    desk: Desk,
) -> None:
    marie = await manager(desk)
    made = await client(desk, marie)
    app = await bearer(desk, made)
    account, gone = await technical(desk, marie), await technical(desk, marie)
    token = (await shown(desk, app, gone)).json["access_token"]
    assert (await desk.ask("DELETE", f"{TECHNICAL}/{gone['id']}", token=marie)).status == 204
    assert (await me(desk, token)).status == 401, "what was opened before ends too"

    async def code(of: Any, **more: str) -> str:
        reply = await shown(desk, app, of, **more)
        assert reply.status == 403
        return str(reply.json["code"])

    assert await code(gone) == "technical-account-revoked"
    assert await code(gone, password="faux") == "technical-account-unknown"
    assert await code(account, password="faux") == "technical-account-unknown"
    assert await code(account, login="TECH_1_1@cpro.fr") == "technical-account-unknown"
    desk.later(days=424)
    late = await manager(desk, "eve@exemple.fr", OTHER)
    app = await bearer(desk, await client(desk, late, structure=OTHER))
    assert await code(account) == "technical-account-expired"
    assert (await shown(desk, late, account)).status == 403, "a person has no use for it"


async def test_a_technical_account_is_not_a_client_and_a_sandbox_knows_none_of_the_others(
    desk: Desk,
) -> None:
    account = await technical(desk, await manager(desk))
    as_client = {"client_id": account["id"], "client_secret": account["password"]}
    assert (await grant(desk, as_client)).json["error"] == "invalid_client"
    await desk.activate("bac@exemple.fr", sandbox=True, siret=OTHER)
    sandboxer = (await desk.sign_in("bac@exemple.fr"))["access_token"]
    app = await bearer(desk, await client(desk, sandboxer, structure=OTHER))
    assert (await shown(desk, app, account)).json["code"] == "technical-account-unknown"


async def test_a_new_password_lives_beside_the_old_one_until_that_is_taken_away(desk: Desk) -> None:
    marie = await manager(desk)
    app = await bearer(desk, await client(desk, marie))
    first = await technical(desk, marie)
    path = f"{TECHNICAL}/{first['id']}/passwords"
    second = (await desk.ask("POST", path, token=marie)).json
    assert second["login"] == first["login"]
    for made in (first, second):
        assert (await shown(desk, app, made)).status == 200
    ended = await desk.ask("DELETE", f"{path}/{first['key_id']}", token=marie)
    assert ended.status == 204
    assert [(await shown(desk, app, made)).status for made in (first, second)] == [403, 200]


async def test_a_program_that_comes_too_often_is_told_when_to_come_back(desk: Desk) -> None:
    marie = await manager(desk)
    token = await bearer(desk, await client(desk, marie))
    replies = [await me(desk, token) for _ in range(61)]
    assert {reply.status for reply in replies[:60]} == {200}
    assert replies[0].headers["RateLimit-Policy"] == '"client";q=60;w=60'
    late = next(reply for reply in replies if reply.status == 429)
    assert late.json["code"] == "rate-limited" and int(late.headers["Retry-After"]) >= 1
    assert (await me(desk, marie)).status == 200, "people are not counted"
    limits = (await desk.ask("GET", "/v1/limits")).json
    assert limits["requests"][0]["quota"] == 60 and limits["key_days"] == 424
