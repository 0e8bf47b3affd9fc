"""Recovering, moving, copying and closing an account, by a clock that the test turns."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from shared.contracts.accounts import (
    ActivationRequested,
    AddressChangeRequested,
    ContactsChanged,
    RecoveryRequested,
    SecurityChanged,
)
from tests.component.desk import ABROAD, PASSWORD, Desk, claims, hears, opened
from tests.component.house import ISSUER, Reply
from tests.component.residents import KEY, SELLER

pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
NEW = "Fougère-9-lent-ocre"
FACTS = (
    ActivationRequested,
    AddressChangeRequested,
    ContactsChanged,
    RecoveryRequested,
    SecurityChanged,
)


@pytest.fixture
async def desk(mongo: Any) -> AsyncIterator[Desk]:
    """Accounts inside the test."""
    async with opened(mongo.url, mongo.database) as made:
        yield hears(made, *FACTS)


async def recovery(desk: Desk, email: str) -> str:
    """Ask for a recovery, a moment later; the token of the link that was told."""
    desk.later(seconds=1)
    assert (await desk.ask("POST", "/v1/accounts/recoveries", {"email": email})).status == 202
    told = desk.told(RecoveryRequested)[-1]
    assert told.known and told.link.startswith(f"{ISSUER}/recuperation/")
    return str(told.link.rpartition("/")[2])


async def reset(desk: Desk, link: str, password: str = NEW, **more: Any) -> Reply:
    """Choose a new password by a link."""
    path = f"/v1/accounts/recoveries/{link}"
    return await desk.ask("POST", path, {"password": password} | more)


async def test_a_recovery_gives_a_new_password_and_ends_every_session(desk: Desk) -> None:
    await desk.activate("a@exemple.fr")
    before = await desk.sign_in("a@exemple.fr")
    link = await recovery(desk, "A@Exemple.fr")
    for _ in range(2):
        shown = await desk.ask("GET", f"/v1/accounts/recoveries/{link}")
        assert shown.json["email"] == "a@exemple.fr", "looking uses nothing up"
    signed = await reset(desk, link)
    assert signed.status == 200, signed.text
    assert (await desk.ask("GET", "/v1/me", token=signed.json["access_token"])).status == 200
    assert (await desk.ask("GET", "/v1/me", token=before["access_token"])).status == 401
    assert "password_recovered" in [fact.what for fact in desk.told(SecurityChanged)]
    old = {"email": "a@exemple.fr", "password": PASSWORD}
    assert (await desk.ask("POST", "/v1/sessions", old)).status == 401


async def test_a_recovery_link_serves_once_even_at_the_same_time(desk: Desk) -> None:
    await desk.activate("b@exemple.fr")
    link = await recovery(desk, "b@exemple.fr")
    replies = await asyncio.gather(reset(desk, link), reset(desk, link))
    assert sorted(reply.status for reply in replies) == [200, 410]
    assert await desk.db["links"].count_documents({"used_at": None}) == 0
    again = await desk.ask("GET", f"/v1/accounts/recoveries/{link}")
    assert (again.status, again.json["code"]) == (410, "link-expired")


async def test_a_recovery_link_lasts_half_an_hour_and_dies_with_its_elder(desk: Desk) -> None:
    await desk.activate("c@exemple.fr")
    first, second = await recovery(desk, "c@exemple.fr"), await recovery(desk, "c@exemple.fr")
    desk.later(minutes=29)
    assert (await reset(desk, second)).status == 200
    assert (await reset(desk, first)).status == 410, "an older link is no way back"
    late = await recovery(desk, "c@exemple.fr")
    desk.later(minutes=30)
    assert (await reset(desk, late)).status == 410


async def test_a_weak_password_leaves_the_link_alive_and_links_are_kept_hashed(desk: Desk) -> None:
    await desk.activate("d@exemple.fr")
    link = await recovery(desk, "d@exemple.fr")
    weak = await reset(desk, link, "Bonjour-Toulouse-31")
    assert (weak.status, weak.json["code"]) == (422, "password-too-weak")
    assert link not in repr(await desk.db["links"].find({}).to_list(None))
    assert (await reset(desk, link)).status == 200


async def test_a_link_is_of_our_origin_whatever_host_the_request_names(desk: Desk) -> None:
    await desk.activate("e@exemple.fr")
    forged = {"Host": "evil.test", "X-Forwarded-Host": "evil.test"}
    body = {"email": "e@exemple.fr"}
    await desk.ask("POST", "/v1/accounts/recoveries", body, headers=forged)
    assert desk.told(RecoveryRequested)[-1].link.startswith(ISSUER)


@pytest.mark.parametrize("path", ["/v1/accounts/recoveries", "/v1/activations", "/v1/accounts"])
async def test_asking_for_a_link_looks_and_costs_the_same_for_every_address(
    desk: Desk, path: str
) -> None:
    await desk.activate("f@exemple.fr")
    seen = []
    for n, email in enumerate(("f@exemple.fr", "personne@exemple.fr")):
        desk.writes.clear()
        reply = await desk.ask("POST", path, {"email": email}, source=f"203.0.113.{n}")
        shown = {k: v for k, v in reply.headers.items() if k not in ("X-Request-ID", "Date")}
        seen.append((reply.status, reply.text, shown, list(desk.writes)))
    assert seen[0] == seen[1] and seen[0][0] == 202


async def test_an_address_without_account_is_told_so_by_mail_and_only_a_few_times(
    desk: Desk,
) -> None:
    for path in ("/v1/accounts/recoveries", "/v1/activations"):
        for _ in range(5):
            await desk.ask("POST", path, {"email": "personne@exemple.fr"})
        told = desk.told(RecoveryRequested)
        assert len(told) == 3 and not any(fact.known for fact in told)
        assert {fact.link for fact in told} == {f"{ISSUER}/inscription"}


async def test_one_source_does_not_send_links_to_many_addresses(desk: Desk) -> None:
    statuses = [
        (await desk.ask("POST", "/v1/accounts/recoveries", {"email": f"x{n}@exemple.fr"})).status
        for n in range(32)
    ]
    assert statuses[:30] == [202] * 30 and 429 in statuses[30:]


async def test_a_flood_of_sign_ups_from_one_source_opens_a_few_accounts_and_slows_nobody_else(
    desk: Desk,
) -> None:
    async def sign_up(n: int) -> int:
        body = {"email": f"flot{n}@exemple.fr"}
        return (await desk.ask("POST", "/v1/accounts", body, source=ABROAD)).status

    one_by_one = [await sign_up(n) for n in range(20)]
    at_once = await asyncio.gather(*(sign_up(100 + n) for n in range(60)))
    assert one_by_one == [202] * 20 and set(at_once) <= {202, 429}
    assert await desk.db["accounts"].count_documents({}) <= 30
    assert len(desk.told(ActivationRequested)) <= 30
    await desk.activate("ailleurs@exemple.fr")


async def test_the_activation_link_is_sent_again_and_ends_after_a_day(desk: Desk) -> None:
    await desk.ask("POST", "/v1/accounts", {"email": "g@exemple.fr", "without_siret": True})
    first = desk.told(ActivationRequested)[-1].link.rpartition("/")[2]
    desk.later(hours=24)
    assert (await desk.ask("GET", f"/v1/activations/{first}")).status == 410
    again = await desk.ask("POST", "/v1/activations", {"email": "g@exemple.fr"})
    assert again.status == 202 and again.json["again_after"] == 60
    second = desk.told(ActivationRequested)[-1].link.rpartition("/")[2]
    made = await desk.ask("POST", f"/v1/activations/{second}", {"password": PASSWORD})
    assert made.status == 200 and made.json["structures"] == []


async def test_having_a_siret_and_having_none_are_not_said_together(desk: Desk) -> None:
    both = {"email": "h@exemple.fr", "siret": SELLER, "without_siret": True}
    refused = await desk.ask("POST", "/v1/accounts", both)
    assert (refused.status, refused.json["code"]) == (422, "wrong-siret")


async def test_a_secret_question_is_refused_where_the_instance_asks_none(desk: Desk) -> None:
    await desk.ask("POST", "/v1/accounts", {"email": "i@exemple.fr"})
    link = desk.told(ActivationRequested)[-1].link.rpartition("/")[2]
    body = {"password": PASSWORD, "secret_question": "Ville ?", "secret_answer": "Toulouse"}
    assert (await desk.ask("POST", f"/v1/activations/{link}", body)).status == 422
    await desk.activate("i2@exemple.fr")
    shown = await desk.ask(
        "GET", f"/v1/accounts/recoveries/{await recovery(desk, 'i2@exemple.fr')}"
    )
    assert shown.json["question"] is None


async def test_an_instance_may_ask_a_secret_question_beside_the_link(mongo: Any) -> None:
    async with opened(mongo.url, mongo.database, ask_question=True) as asking:
        desk = hears(asking, *FACTS)
        await desk.ask("POST", "/v1/accounts", {"email": "j@exemple.fr"})
        link = desk.told(ActivationRequested)[-1].link.rpartition("/")[2]
        body = {"password": PASSWORD, "secret_question": "Ville ?", "secret_answer": "Mont-Réal"}
        assert (await desk.ask("POST", f"/v1/activations/{link}", body)).status == 200
        assert "Mont-R" not in repr(await desk.db["accounts"].find({}).to_list(None))
        link = await recovery(desk, "j@exemple.fr")
        shown = await desk.ask("GET", f"/v1/accounts/recoveries/{link}")
        assert shown.json["question"] == "Ville ?"
        wrong = await reset(desk, link, answer="Paris")
        assert (wrong.status, wrong.json["code"]) == (403, "wrong-answer")
        assert (await reset(desk, link, answer="mont real")).status == 200


async def test_the_copy_of_my_data_is_whole_and_opens_no_door(desk: Desk) -> None:
    await desk.activate("p@exemple.fr", siret=SELLER)
    signed = await desk.sign_in("p@exemple.fr")
    copy = await desk.ask("GET", "/v1/me/export", token=signed["access_token"])
    assert copy.status == 200 and "attachment" in copy.headers["Content-Disposition"]
    assert copy.json["account"]["email"] == "p@exemple.fr" and copy.json["speaks_for"] == [KEY]
    assert [event["what"] for event in copy.json["events"]] == ["signed_in"]
    assert len(copy.json["sessions"]) == 1 and copy.json["elsewhere"]["invoices"]
    account = await desk.db["accounts"].find_one({"email": "p@exemple.fr"})
    assert account and account["password"] not in copy.text
    for door in ("password", "secret", "places", "login", "version"):
        assert f'"{door}":' not in copy.text


async def test_a_closed_account_is_forgotten_and_its_tokens_are_refused(desk: Desk) -> None:
    await desk.activate("q@exemple.fr", siret=SELLER)
    signed = await desk.sign_in("q@exemple.fr")
    token, id = signed["access_token"], claims(signed["access_token"])["sub"]
    await recovery(desk, "q@exemple.fr")
    wrong = await desk.ask("POST", "/v1/me/closure", {"password": "faux"}, token)
    assert wrong.status == 403
    assert (await desk.ask("POST", "/v1/me/closure", {"password": PASSWORD}, token)).status == 204
    assert (await desk.ask("GET", "/v1/me", token=token)).status == 401
    body = {"session_token": signed["session_token"]}
    assert (await desk.ask("POST", "/v1/sessions/refresh", body)).status == 401
    right = {"email": "q@exemple.fr", "password": PASSWORD}
    assert (await desk.ask("POST", "/v1/sessions", right)).status == 401
    kept = await desk.db["accounts"].find_one({"_id": id})
    assert kept and kept["state"] == "closed" and "q@exemple.fr" not in repr(kept)
    assert kept["password"] is None
    assert await desk.db["sessions"].count_documents({"ended_at": None}) == 0
    told = desk.told(SecurityChanged)[-1]
    assert (told.what, told.email) == ("account_closed", "q@exemple.fr")
    assert desk.told(ContactsChanged)[-1].emails == ()
    again = await desk.activate("q@exemple.fr")
    assert again["subject"] != id, "the address may begin anew, as somebody else"


async def test_a_password_is_judged_while_it_is_thought_up(desk: Desk) -> None:
    async def judged(password: str) -> Any:
        body = {"password": password, "email": "jeanne.martin@exemple.fr"}
        return (await desk.ask("POST", "/v1/accounts/passwords", body)).json

    weak, good = await judged("Motdepasse123!"), await judged(PASSWORD)
    assert weak["score"] <= 1 and weak["faults"][0]["code"] == "PWD-OBVIOUS"
    assert good["score"] >= 3 and good["label"] == "Très satisfaisant" and good["faults"] == []


@pytest.mark.parametrize(
    "password", ["le vent souffle " * 8, "Ab1!" + "xyz qrs " * 10, "🦉 hibou grand Duc 9" * 4]
)
async def test_a_long_password_is_taken_whole(desk: Desk, password: str) -> None:
    await desk.activate("r@exemple.fr", password)
    cut = {"email": "r@exemple.fr", "password": password[:-1]}
    assert (await desk.ask("POST", "/v1/sessions", cut)).status == 401
    assert "access_token" in await desk.sign_in("r@exemple.fr", password)
