"""Opening accounts and signing in, through the API and the messages of accounts only."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pymongo import MongoClient

from shared.contracts.accounts import ActivationRequested, ContactsChanged
from shared.contracts.structures import Structure, StructureChanged
from tests.component.house import ISSUER, House, house
from tests.component.residents import (
    KEY,
    OPERATOR,
    PASSWORD,
    SELLER,
    accounts,
    activate,
    link_of,
    operator,
    sign_in,
)

__all__ = ["accounts"]


def test_an_account_is_opened_by_a_link_a_password_and_a_first_session(accounts: House) -> None:
    token = link_of(accounts, "Marie@exemple.fr", siret="732 829 320 00074")
    shown = accounts.ask("GET", f"/v1/activations/{token}")
    assert shown.json["email"] == "Marie@exemple.fr" and shown.json["siret"] == SELLER
    assert accounts.ask("GET", f"/v1/activations/{token}").status == 200, "looking uses nothing up"
    chosen = {"password": PASSWORD, "first_name": "Marie", "last_name": "Curie"}
    assert accounts.ask("POST", f"/v1/activations/{token}", chosen).json["structures"] == [KEY]
    (contacts,) = accounts.heard(ContactsChanged)
    assert contacts.structure == KEY and contacts.emails == ("Marie@exemple.fr",)
    me = accounts.ask("GET", "/v1/me", headers=sign_in(accounts, "marie@EXEMPLE.fr", PASSWORD)).json
    assert (me["kind"], me["realm"], me["structures"]) == ("person", "live", [KEY])
    assert me["first_name"] == "Marie"


def test_a_link_serves_once_even_when_two_use_it_at_the_same_time(accounts: House) -> None:
    token = link_of(accounts, "paul@exemple.fr", siret=SELLER)
    with ThreadPoolExecutor(2) as both:
        asked = [
            both.submit(accounts.ask, "POST", f"/v1/activations/{token}", {"password": PASSWORD})
            for _ in range(2)
        ]
    assert sorted(reply.result().status for reply in asked) == [200, 410]
    again = accounts.ask("GET", f"/v1/activations/{token}")
    assert again.status == 410 and again.json["code"] == "link-expired"
    assert accounts.ask("GET", "/v1/activations/invented").status == 410


def test_an_older_link_dies_when_the_account_is_open(accounts: House) -> None:
    first = link_of(accounts, "zoe@exemple.fr")
    second = link_of(accounts, "zoe@exemple.fr")
    assert accounts.ask("POST", f"/v1/activations/{second}", {"password": PASSWORD}).status == 200
    other = {"password": "Une-autre-8-fougère"}
    assert accounts.ask("POST", f"/v1/activations/{first}", other).status == 410


def test_a_weak_password_is_refused_rule_by_rule_and_leaves_the_link_alive(accounts: House) -> None:
    token = link_of(accounts, "ines@exemple.fr")
    refused = accounts.ask("POST", f"/v1/activations/{token}", {"password": "azerty"})
    assert refused.status == 422 and refused.json["code"] == "password-too-weak"
    codes = {finding["code"] for finding in refused.json["errors"]}
    assert codes == {"PWD-LENGTH", "PWD-CLASSES", "PWD-OBVIOUS"}
    assert accounts.ask("GET", f"/v1/activations/{token}").status == 200


def test_opening_an_account_answers_the_same_for_a_known_address(accounts: House) -> None:
    activate(accounts, "luc@exemple.fr")
    known = accounts.ask("POST", "/v1/accounts", {"email": "luc@exemple.fr"})
    unknown = accounts.ask("POST", "/v1/accounts", {"email": "inconnu@exemple.fr"})
    assert (known.status, known.text) == (unknown.status, unknown.text)
    told = {fact.email: fact for fact in accounts.heard(ActivationRequested, 2)}
    assert told["luc@exemple.fr"].already_active
    assert told["luc@exemple.fr"].link == f"{ISSUER}/connexion"
    assert not told["inconnu@exemple.fr"].already_active


def test_an_address_gets_only_a_few_mails_an_hour(accounts: House) -> None:
    for _ in range(5):
        assert accounts.ask("POST", "/v1/accounts", {"email": "noe@exemple.fr"}).status == 202
    assert len(accounts.heard(ActivationRequested, at_least=4, seconds=2)) == 3


def known_by(mongo: Any, accounts: House, key: str) -> None:
    """Wait until accounts has heard of a structure; nothing that it answers tells."""
    with MongoClient[dict[str, Any]](mongo.url) as database:
        for _ in range(200):
            if database[accounts.database]["structures"].find_one({"_id": key}):
                return
            time.sleep(0.05)
    raise AssertionError("the fact was not heard")


def test_nobody_becomes_manager_of_a_public_body_nor_of_a_structure_that_has_one(
    accounts: House, mongo: Any
) -> None:
    assert activate(accounts, "faux@exemple.fr", siret="22310001700423")["structures"] == []
    assert activate(accounts, "un@exemple.fr", siret=SELLER)["structures"] == [KEY]
    assert activate(accounts, "deux@exemple.fr", siret=SELLER)["structures"] == []
    hospital = Structure(
        key="live/siret/55208131766522",
        realm="live",
        kind="siret",
        identifier="55208131766522",
        name="Régie",
        public=True,
    )
    accounts.tell(StructureChanged(structure=hospital))
    known_by(mongo, accounts, hospital.key)
    assert activate(accounts, "trois@exemple.fr", siret="55208131766522")["structures"] == []


def test_a_sandbox_of_ones_own_is_apart_from_every_other(accounts: House) -> None:
    one = activate(accounts, "essai@exemple.fr", siret=SELLER, sandbox=True)
    two = activate(accounts, "essai2@exemple.fr", siret=SELLER, sandbox=True)
    assert one["realm"] != two["realm"] and one["realm"].startswith("sandbox-")
    assert one["structures"] == [f"{one['realm']}/siret/{SELLER}"]
    headers = sign_in(accounts, "essai@exemple.fr", PASSWORD)
    for foreign in (KEY, two["structures"][0]):
        reply = accounts.ask("POST", "/v1/clients", {"name": "x", "structure": foreign}, headers)
        assert reply.status == 404


def test_a_wrong_siret_is_refused_before_anything_happens(accounts: House) -> None:
    for siret in ("73282932000075", "1234", "7328293200007é"):
        reply = accounts.ask("POST", "/v1/accounts", {"email": "a@exemple.fr", "siret": siret})
        assert reply.status == 422 and reply.json["code"] == "wrong-siret"
    assert accounts.heard(ActivationRequested, seconds=1) == []


def test_a_name_that_passes_for_another_is_refused_and_what_is_not_seen_is_left_out(
    accounts: House,
) -> None:
    link = link_of(accounts, "marie@exemple.fr")
    cyrillic = {"password": PASSWORD, "first_name": "M\u0430rie", "last_name": "Durand"}
    refused = accounts.ask("POST", f"/v1/activations/{link}", cyrillic)
    assert (refused.status, refused.json["code"]) == (422, "wrong-name")
    hidden = {
        "password": PASSWORD,
        "first_name": "Ma\u200brie\r\nBcc: x@y.fr",
        "last_name": "Петров",
    }
    opened = accounts.ask("POST", f"/v1/activations/{link}", hidden)
    assert opened.status == 200, opened.text
    assert (
        opened.json["first_name"] == "Ma rie Bcc: x@y.fr" and opened.json["last_name"] == "Петров"
    )


def test_a_field_that_is_not_offered_is_refused(accounts: House) -> None:
    for extra in (
        {"kind": "operator"},
        {"structures": [KEY]},
        {"realm": "live"},
        {"state": "active"},
    ):
        body = {"email": "a@exemple.fr"} | extra
        assert accounts.ask("POST", "/v1/accounts", body).status == 422
    token = link_of(accounts, "a@exemple.fr")
    body = {"password": PASSWORD, "email": "victime@exemple.fr"}
    assert accounts.ask("POST", f"/v1/activations/{token}", body).status == 422


def test_wrong_password_and_unknown_address_get_one_answer_and_then_a_pause(
    accounts: House,
) -> None:
    activate(accounts, "vrai@exemple.fr")
    answers = []
    for email in ("vrai@exemple.fr", "personne@exemple.fr"):
        replies = [
            accounts.ask("POST", "/v1/sessions", {"email": email, "password": "faux"})
            for _ in range(6)
        ]
        assert [reply.status for reply in replies] == [401] * 5 + [429]
        assert int(replies[-1].headers["Retry-After"]) >= 1
        answers.append(
            {name: replies[0].json[name] for name in ("title", "detail", "code", "status")}
        )
    assert answers[0] == answers[1]
    right = accounts.ask("POST", "/v1/sessions", {"email": "vrai@exemple.fr", "password": PASSWORD})
    assert right.status == 429, "the pause holds for the right password too, else guessing goes on"


def test_a_stranger_who_guesses_does_not_lock_the_owner_out(accounts: House) -> None:
    activate(accounts, "rose@exemple.fr")
    stranger = {"X-Forwarded-For": "203.0.113.9"}
    wrong = {"email": "rose@exemple.fr", "password": "faux"}
    statuses = [accounts.ask("POST", "/v1/sessions", wrong, stranger).status for _ in range(8)]
    assert statuses[-1] == 429
    sign_in(accounts, "rose@exemple.fr", PASSWORD)


def test_many_guesses_at_once_gain_nothing(accounts: House) -> None:
    activate(accounts, "max@exemple.fr")
    wrong = {"email": "max@exemple.fr", "password": "faux"}
    with ThreadPoolExecutor(20) as many:
        asked = [many.submit(accounts.ask, "POST", "/v1/sessions", wrong) for _ in range(40)]
    statuses = [reply.result().status for reply in asked]
    assert statuses.count(401) <= 5 and set(statuses) <= {401, 429}


def test_a_right_password_ends_the_count(accounts: House) -> None:
    activate(accounts, "ana@exemple.fr")
    for _ in range(2):
        for _ in range(4):
            wrong = {"email": "ana@exemple.fr", "password": "faux"}
            assert accounts.ask("POST", "/v1/sessions", wrong).status == 401
        sign_in(accounts, "ana@exemple.fr", PASSWORD)


def test_keys_and_the_operator_survive_a_restart(mongo: Any, broker: Any) -> None:
    settings = {"operator_email": OPERATOR["email"], "operator_password": OPERATOR["password"]}
    with house("accounts", mongo, broker, **settings) as first:
        keys = first.ask("GET", "/oauth2/jwks").json
        token = operator(first)
    assert "d" not in keys["keys"][0]
    with house("accounts", mongo, broker, **settings) as second:
        assert second.ask("GET", "/oauth2/jwks").json == keys
        operator(second)
    assert token["Authorization"].startswith("Bearer ")


def test_two_processes_that_start_first_share_one_key_and_one_operator(
    mongo: Any, broker: Any
) -> None:
    settings = {"operator_email": OPERATOR["email"], "operator_password": OPERATOR["password"]}

    def keys_and_stay(_: int) -> Any:
        with house("accounts", mongo, broker, **settings) as running:
            operator(running)
            both.wait(60)
            return running.ask("GET", "/oauth2/jwks").json

    both = threading.Barrier(2)
    with ThreadPoolExecutor(2) as pair:
        one, other = pair.map(keys_and_stay, range(2))
    assert one == other and len(one["keys"]) == 1


def test_signing_out_needs_a_session(accounts: House) -> None:
    assert accounts.ask("DELETE", "/v1/sessions").status == 401
    assert accounts.ask("DELETE", "/v1/sessions", headers=operator(accounts)).status == 204
