"""Second factors, through the API of accounts, by a clock that the test turns."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pyotp
import pytest

from shared.contracts.accounts import ActivationRequested, RecoveryRequested, SecurityChanged
from shared.seals import Seals
from tests.component.authenticator import PRESENT, Authenticator
from tests.component.desk import ABROAD, PASSWORD, Desk, hears, opened
from tests.component.house import ISSUER, SEALING_KEY, Reply

pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")


@pytest.fixture
async def desk(mongo: Any) -> AsyncIterator[Desk]:
    """Accounts inside the test."""
    async with opened(mongo.url, mongo.database) as made:
        yield hears(made, ActivationRequested, SecurityChanged, RecoveryRequested)


async def with_totp(desk: Desk, email: str) -> tuple[str, pyotp.TOTP, list[str]]:
    """The access token of an account that asks for codes, its application, its recovery codes."""
    token = await desk.person(email)
    offer = await desk.ask("POST", "/v1/me/factors/totp", {"password": PASSWORD}, token)
    assert offer.status == 200, offer.text
    application = pyotp.TOTP(offer.json["secret"])
    assert pyotp.parse_uri(offer.json["uri"]).secret == offer.json["secret"]
    code = application.at(desk.at)
    kept = await desk.ask("POST", "/v1/me/factors/totp/confirmations", {"code": code}, token)
    assert kept.status == 200, kept.text
    desk.later(seconds=60)
    return token, application, kept.json["recovery_codes"]


async def answer(desk: Desk, challenge: str, **proof: Any) -> Reply:
    """Show a second factor."""
    return await desk.ask("POST", "/v1/sessions/factors", {"challenge": challenge} | proof)


async def test_a_code_is_asked_for_after_the_password_and_opens_the_session(desk: Desk) -> None:
    _, application, codes = await with_totp(desk, "a@exemple.fr")
    assert len(set(codes)) == 10
    asked = await desk.sign_in("a@exemple.fr")
    assert "access_token" not in asked and asked["factors"] == ["totp", "recovery_code"]
    signed = await answer(desk, asked["challenge"], code=application.at(desk.at))
    assert signed.status == 200, signed.text
    me = await desk.ask("GET", "/v1/me", token=signed.json["access_token"])
    assert me.json["email"] == "a@exemple.fr"
    assert [fact.what for fact in desk.told(SecurityChanged)] == ["totp_added"]
    listed = await desk.ask("GET", "/v1/me/factors", token=signed.json["access_token"])
    assert listed.json["recovery_codes"] == 10 and listed.json["items"][0]["id"] == "totp"
    assert application.secret not in listed.text


async def test_a_code_serves_once_and_an_older_one_never(desk: Desk) -> None:
    _, application, _ = await with_totp(desk, "b@exemple.fr")
    code, older = application.at(desk.at), application.at(desk.at - timedelta(seconds=30))
    first = await desk.sign_in("b@exemple.fr")
    assert (await answer(desk, first["challenge"], code=code)).status == 200
    second = await desk.sign_in("b@exemple.fr")
    for used in (code, older):
        refused = await answer(desk, second["challenge"], code=used)
        assert (refused.status, refused.json["code"]) == (401, "mfa-invalid")
    desk.later(seconds=30)
    assert (await answer(desk, second["challenge"], code=application.at(desk.at))).status == 200


async def test_one_code_shown_twice_at_once_opens_one_session(desk: Desk) -> None:
    _, application, _ = await with_totp(desk, "c@exemple.fr")
    asked = [await desk.sign_in("c@exemple.fr") for _ in range(2)]
    code = application.at(desk.at)
    replies = await asyncio.gather(*(answer(desk, one["challenge"], code=code) for one in asked))
    assert sorted(reply.status for reply in replies) == [200, 401]


@pytest.mark.parametrize("shift", [-2, 2])
async def test_a_code_of_another_time_is_refused(desk: Desk, shift: int) -> None:
    _, application, _ = await with_totp(desk, "d@exemple.fr")
    asked = await desk.sign_in("d@exemple.fr")
    code = application.at(desk.at + timedelta(seconds=30 * shift))
    assert (await answer(desk, asked["challenge"], code=code)).status == 401


async def test_the_sixth_wrong_code_waits_and_so_does_the_right_one(desk: Desk) -> None:
    _, application, _ = await with_totp(desk, "e@exemple.fr")
    asked = await desk.sign_in("e@exemple.fr")
    statuses = [(await answer(desk, asked["challenge"], code="000000")).status for _ in range(6)]
    assert statuses == [401] * 5 + [429]
    other = await desk.sign_in("e@exemple.fr", source=ABROAD)
    right = await answer(desk, other["challenge"], code=application.at(desk.at))
    assert right.status == 429, "another challenge or source gains nothing"
    desk.later(minutes=5)
    again = await desk.sign_in("e@exemple.fr")
    code = application.at(desk.at)
    assert (await answer(desk, again["challenge"], code=code)).status == 200


async def test_a_recovery_code_serves_once_however_it_is_typed(desk: Desk) -> None:
    _, _, codes = await with_totp(desk, "f@exemple.fr")
    typed = codes[3].upper().replace("-", " ")
    asked = await desk.sign_in("f@exemple.fr")
    signed = await answer(desk, asked["challenge"], code=typed)
    assert signed.status == 200, signed.text
    assert "recovery_code_used" in [fact.what for fact in desk.told(SecurityChanged)]
    token = signed.json["access_token"]
    left = await desk.ask("GET", "/v1/me/factors", token=token)
    assert left.json["recovery_codes"] == 9
    again = await desk.sign_in("f@exemple.fr")
    assert (await answer(desk, again["challenge"], code=codes[3])).status == 401
    renewed = await desk.ask("POST", "/v1/me/factors/recovery-codes", {"password": PASSWORD}, token)
    assert len(set(renewed.json["recovery_codes"]) | set(codes)) == 20
    assert (await answer(desk, again["challenge"], code=codes[4])).status == 401
    new = renewed.json["recovery_codes"][0]
    assert (await answer(desk, again["challenge"], code=new)).status == 200


async def test_no_secret_that_opens_a_door_is_stored_in_clear(desk: Desk) -> None:
    _, application, codes = await with_totp(desk, "g@exemple.fr")
    asked = await desk.sign_in("g@exemple.fr")
    signed = (await answer(desk, asked["challenge"], code=codes[0])).json
    stored = ""
    for name in await desk.db.native.list_collection_names():
        if name != "outbox":
            stored += repr(await desk.db[name].find({}).to_list(None))
    for secret in (*codes, codes[0].replace("-", ""), asked["challenge"], signed["session_token"]):
        assert secret not in stored
    assert PASSWORD not in stored and application.secret not in stored
    assert '"kty"' not in stored, "the key that signs tokens is sealed too"


async def test_a_new_sealing_key_takes_over_and_the_old_one_can_go(desk: Desk) -> None:
    email = "s@exemple.fr"
    _, application, _ = await with_totp(desk, email)
    newest = "another key of these tests and younger than the first"
    assert desk.reseal
    assert await desk.reseal(Seals([newest, SEALING_KEY])) == 1
    assert await desk.reseal(Seals([newest])) == 0
    account = await desk.db["accounts"].find_one({"email": email})
    assert account
    kept = account["factors"]["totp"]["secret"]
    assert Seals([newest]).open(kept) == application.secret
    with pytest.raises(RuntimeError, match="CHORALE_SEALING_KEYS"):
        Seals([SEALING_KEY]).open(kept)


async def test_what_was_stored_before_there_were_seals_is_sealed_at_the_next_start(
    desk: Desk,
) -> None:
    email = "t@exemple.fr"
    _, application, _ = await with_totp(desk, email)
    plain = {"$set": {"factors.totp.secret": application.secret}}
    await desk.db["accounts"].update_one({"email": email}, plain)
    asked = await desk.sign_in(email)
    desk.later(minutes=1)
    reply = await answer(desk, asked["challenge"], code=application.at(desk.at))
    assert reply.status == 200
    assert desk.reseal and await desk.reseal(Seals([SEALING_KEY])) == 1
    account = await desk.db["accounts"].find_one({"email": email})
    assert account and account["factors"]["totp"]["secret"].startswith("sealed:")


async def test_a_challenge_serves_once_and_not_for_long(desk: Desk) -> None:
    _, application, _ = await with_totp(desk, "h@exemple.fr")
    asked = await desk.sign_in("h@exemple.fr")
    assert (await answer(desk, asked["challenge"], code=application.at(desk.at))).status == 200
    desk.later(seconds=60)
    again = await answer(desk, asked["challenge"], code=application.at(desk.at))
    assert (again.status, again.json["code"]) == (401, "challenge-expired")
    late = await desk.sign_in("h@exemple.fr")
    desk.later(minutes=10)
    refused = await answer(desk, late["challenge"], code=application.at(desk.at))
    assert refused.json["code"] == "challenge-expired"
    invented = await answer(desk, "invented", code="123456")
    assert invented.json["code"] == "challenge-expired"


async def test_a_factor_is_added_and_removed_with_the_password_only(desk: Desk) -> None:
    token, _, _ = await with_totp(desk, "i@exemple.fr")
    wrong = {"password": "faux", "factor": "totp"}
    refused = await desk.ask("POST", "/v1/me/factors/removals", wrong, token)
    assert (refused.status, refused.json["code"]) == (403, "wrong-password")
    for path in ("totp", "passkeys/offers", "recovery-codes"):
        reply = await desk.ask("POST", f"/v1/me/factors/{path}", {"password": "faux"}, token)
        assert reply.status == 403
    right = {"password": PASSWORD, "factor": "totp"}
    assert (await desk.ask("POST", "/v1/me/factors/removals", right, token)).status == 204
    signed = await desk.sign_in("i@exemple.fr")
    assert "access_token" in signed
    left = await desk.ask("GET", "/v1/me/factors", token=token)
    assert left.json == {"items": [], "recovery_codes": 0}


async def test_an_offer_that_nobody_confirmed_guards_nothing_and_expires(desk: Desk) -> None:
    token = await desk.person("j@exemple.fr")
    offer = await desk.ask("POST", "/v1/me/factors/totp", {"password": PASSWORD}, token)
    assert "access_token" in await desk.sign_in("j@exemple.fr")
    path = "/v1/me/factors/totp/confirmations"
    assert (await desk.ask("POST", path, {"code": "000000"}, token)).status == 401
    desk.later(minutes=11)
    code = pyotp.TOTP(offer.json["secret"]).at(desk.at)
    assert (await desk.ask("POST", path, {"code": code}, token)).status == 410


async def with_passkey(desk: Desk, email: str) -> tuple[str, Authenticator]:
    """The access token of an account with a passkey, and the passkey."""
    token = await desk.person(email)
    offers = "/v1/me/factors/passkeys/offers"
    offer = (await desk.ask("POST", offers, {"password": PASSWORD}, token)).json
    key = Authenticator(ISSUER)
    body = {
        "challenge": offer["challenge"],
        "name": "Téléphone",
        "credential": key.make(offer["options"]),
    }
    added = await desk.ask("POST", "/v1/me/factors/passkeys", body, token)
    assert added.status == 201, added.text
    assert len(added.json["recovery_codes"]) == 10
    again = await desk.ask("POST", "/v1/me/factors/passkeys", body, token)
    assert again.status == 422, "an offer is answered once"
    return token, key


async def test_a_passkey_answers_the_second_step(desk: Desk) -> None:
    _, key = await with_passkey(desk, "k@exemple.fr")
    asked = await desk.sign_in("k@exemple.fr")
    assert asked["factors"] == ["passkey", "recovery_code"]
    shown = key.show(asked["passkey"])
    signed = await answer(desk, asked["challenge"], passkey=shown)
    assert signed.status == 200, signed.text
    other = await desk.sign_in("k@exemple.fr")
    replayed = await answer(desk, other["challenge"], passkey=shown)
    assert (replayed.status, replayed.json["code"]) == (401, "mfa-invalid")


async def test_a_passkey_alone_opens_the_session_while_a_stranger_guesses(desk: Desk) -> None:
    _, key = await with_passkey(desk, "l@exemple.fr")
    wrong = {"email": "l@exemple.fr", "password": "faux"}
    for n in range(60):
        await desk.ask("POST", "/v1/sessions", wrong, source=f"203.0.113.{n}")
    asked = (await desk.ask("POST", "/v1/sessions/challenges")).json
    signed = await answer(desk, asked["challenge"], passkey=key.show(asked["passkey"]))
    assert signed.status == 200, signed.text
    assert (await desk.ask("GET", "/v1/me", token=signed.json["access_token"])).status == 200


@pytest.mark.parametrize("fault", ["origin", "unverified", "key", "count"])
async def test_a_passkey_that_proves_nothing_is_refused(desk: Desk, fault: str) -> None:
    _, key = await with_passkey(desk, "m@exemple.fr")
    first = await desk.sign_in("m@exemple.fr")
    assert (
        await answer(desk, first["challenge"], passkey=key.show(first["passkey"]))
    ).status == 200
    match fault:
        case "origin":
            key.origin = "https://autre.test"
        case "unverified":
            key.flags = PRESENT
        case "key":
            key.key = Authenticator(ISSUER).key
        case "count":
            key.count = -1
    asked = await desk.sign_in("m@exemple.fr")
    refused = await answer(desk, asked["challenge"], passkey=key.show(asked["passkey"]))
    assert (refused.status, refused.json["code"]) == (401, "mfa-invalid")


async def test_a_passkey_of_somebody_else_does_not_answer_for_me(desk: Desk) -> None:
    await with_passkey(desk, "n@exemple.fr")
    _, theirs = await with_passkey(desk, "o@exemple.fr")
    asked = await desk.sign_in("n@exemple.fr")
    refused = await answer(desk, asked["challenge"], passkey=theirs.show(asked["passkey"]))
    assert refused.status == 401


async def test_a_recovery_keeps_the_second_factor(desk: Desk) -> None:
    _, application, _ = await with_totp(desk, "p@exemple.fr")
    await desk.ask("POST", "/v1/accounts/recoveries", {"email": "p@exemple.fr"})
    link = desk.told(RecoveryRequested)[-1].link.rpartition("/")[2]
    new = {"password": "Fougère-9-lent-ocre"}
    reset = await desk.ask("POST", f"/v1/accounts/recoveries/{link}", new)
    assert reset.status == 200 and "access_token" not in reset.json
    code = application.at(desk.at)
    assert (await answer(desk, reset.json["challenge"], code=code)).status == 200


async def test_a_password_changed_meanwhile_ends_a_challenge(desk: Desk) -> None:
    token, application, _ = await with_totp(desk, "q@exemple.fr")
    asked = await desk.sign_in("q@exemple.fr")
    change = {"password": PASSWORD, "new_password": "Fougère-9-lent-ocre"}
    assert (await desk.ask("POST", "/v1/me/password", change, token)).status == 204
    late = await answer(desk, asked["challenge"], code=application.at(desk.at))
    assert late.status == 401
