"""Accounts, through its API and its messages only."""

import base64
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest
from pymongo import MongoClient

from shared.contracts.accounts import ActivationRequested, ContactsChanged
from shared.contracts.structures import Structure, StructureChanged
from tests.component.house import ISSUER, House, house

OPERATOR = {"email": "exploitant@chorale.test", "password": "Colline-7-bleue-vent"}
PASSWORD = "Rivage-4-cerise-bois"
SELLER = "73282932000074"
KEY = f"live/siret/{SELLER}"


@pytest.fixture
def accounts(mongo: Any, broker: Any) -> Iterator[House]:
    """Accounts, with a first operator."""
    settings = {"operator_email": OPERATOR["email"], "operator_password": OPERATOR["password"]}
    with house("accounts", mongo, broker, **settings) as running:
        running.hear(ActivationRequested, ContactsChanged)
        yield running


def sign_in(accounts: House, email: str, password: str) -> dict[str, str]:
    """The header of a session."""
    reply = accounts.ask("POST", "/v1/sessions", {"email": email, "password": password})
    assert reply.status == 200, reply.text
    return {"Authorization": f"Bearer {reply.json['access_token']}"}


def operator(accounts: House) -> dict[str, str]:
    """The header of the operator's session."""
    return sign_in(accounts, **OPERATOR)


def link_of(accounts: House, email: str, **more: Any) -> str:
    """Open an account and return the token of the link that was told."""
    assert accounts.ask("POST", "/v1/accounts", {"email": email} | more).status == 202
    told = accounts.heard(ActivationRequested)
    assert told[-1].link.startswith(f"{ISSUER}/activation/")
    return str(told[-1].link.rpartition("/")[2])


def activate(accounts: House, email: str, **more: Any) -> Any:
    """Open an account and choose a password; returns who it then is."""
    reply = accounts.ask(
        "POST", f"/v1/activations/{link_of(accounts, email, **more)}", {"password": PASSWORD}
    )
    assert reply.status == 200, reply.text
    return reply.json


def client(accounts: House, headers: dict[str, str], **more: Any) -> Any:
    """A new technical client."""
    body = {"name": "Logiciel", "structure": KEY} | more
    reply = accounts.ask("POST", "/v1/clients", body, headers)
    assert reply.status == 201, reply.text
    return reply.json


def token_form(made: Any) -> str:
    """The form by which a client asks for a token."""
    return (
        f"grant_type=client_credentials&client_id={made['client_id']}"
        f"&client_secret={quote(made['client_secret'])}"
    )


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


def test_a_client_gets_a_token_by_form_or_by_basic(accounts: House) -> None:
    made = client(accounts, operator(accounts), contact_email="compta@exemple.fr")
    (contacts,) = accounts.heard(ContactsChanged)
    assert contacts.emails == ("compta@exemple.fr",)
    by_form = accounts.ask("POST", "/oauth2/token", form=token_form(made))
    assert by_form.status == 200 and by_form.json["token_type"] == "Bearer"
    assert by_form.json["expires_in"] == 900 and by_form.headers["Cache-Control"] == "no-store"
    pair = f"{made['client_id']}:{quote(made['client_secret'])}".encode()
    basic = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    by_basic = accounts.ask(
        "POST", "/oauth2/token", headers=basic, form="grant_type=client_credentials"
    )
    assert by_basic.status == 200
    headers = {"Authorization": f"Bearer {by_basic.json['access_token']}"}
    me = accounts.ask("GET", "/v1/me", headers=headers).json
    assert (me["kind"], me["structures"], me["email"]) == ("client", [KEY], "compta@exemple.fr")


def test_wrong_id_and_wrong_secret_get_the_same_refusal(accounts: House) -> None:
    made = client(accounts, operator(accounts), contact_email="compta@exemple.fr")
    wrong_secret = accounts.ask(
        "POST", "/oauth2/token", form=token_form(made | {"client_secret": "x"})
    )
    wrong_id = accounts.ask("POST", "/oauth2/token", form=token_form(made | {"client_id": "x"}))
    assert (wrong_secret.status, wrong_secret.text) == (wrong_id.status, wrong_id.text)
    assert wrong_id.status == 400 and wrong_id.json["error"] == "invalid_client"
    basic = {"Authorization": "Basic " + base64.b64encode(b"x:y").decode()}
    refused = accounts.ask(
        "POST", "/oauth2/token", headers=basic, form="grant_type=client_credentials"
    )
    assert refused.status == 401 and refused.headers["WWW-Authenticate"].startswith("Basic")
    assert refused.json["error"] == "invalid_client"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ("client_id={id}&client_secret={secret}", "invalid_request"),
        ("grant_type=password&client_id={id}&client_secret={secret}", "unsupported_grant_type"),
        ("grant_type=client_credentials&grant_type=x&client_id={id}", "invalid_request"),
        ("grant_type=client_credentials", "invalid_client"),
    ],
)
def test_a_malformed_token_request_is_named(accounts: House, form: str, error: str) -> None:
    made = client(accounts, operator(accounts), contact_email="compta@exemple.fr")
    filled = form.format(id=made["client_id"], secret=quote(made["client_secret"]))
    reply = accounts.ask("POST", "/oauth2/token", form=filled)
    assert (reply.status, reply.json["error"]) == (400, error)


def test_two_secrets_live_side_by_side_and_a_third_ends_the_oldest(accounts: House) -> None:
    headers = operator(accounts)
    first = client(accounts, headers, contact_email="compta@exemple.fr")
    path = f"/v1/clients/{first['client_id']}/secrets"
    second = accounts.ask("POST", path, headers=headers).json
    for made in (first, second):
        assert accounts.ask("POST", "/oauth2/token", form=token_form(made)).status == 200
    third = accounts.ask("POST", path, headers=headers).json
    statuses = [
        accounts.ask("POST", "/oauth2/token", form=token_form(made)).status
        for made in (first, second, third)
    ]
    assert statuses == [400, 200, 200]


def test_a_person_makes_clients_for_her_own_structures_only(accounts: House) -> None:
    activate(accounts, "jeanne@exemple.fr", siret=SELLER)
    headers = sign_in(accounts, "jeanne@exemple.fr", PASSWORD)
    made = client(accounts, headers, structure=SELLER)
    assert made["structure"] == KEY
    for structure in ("22310001700423", "demo/siret/22310001700423"):
        body = {"name": "x", "structure": structure}
        assert accounts.ask("POST", "/v1/clients", body, headers).status == 404
    body = {"name": "x", "structure": SELLER, "realm": "demo"}
    assert accounts.ask("POST", "/v1/clients", body, headers).status == 404
    body = {"name": "x", "structure": SELLER, "contact_email": "victime@exemple.fr"}
    assert accounts.ask("POST", "/v1/clients", body, headers).status == 403
    theirs = client(accounts, operator(accounts), structure="22310001700423")
    path = f"/v1/clients/{theirs['client_id']}/secrets"
    assert accounts.ask("POST", path, headers=headers).status == 404


def test_only_an_operator_opens_accounts_for_others(accounts: House) -> None:
    activate(accounts, "jean@exemple.fr", siret=SELLER)
    body = {
        "email": "agent@exemple.fr",
        "password": PASSWORD,
        "realm": "demo",
        "structures": ["22310001700423"],
    }
    assert accounts.ask("POST", "/v1/people", body).status == 401
    person = sign_in(accounts, "jean@exemple.fr", PASSWORD)
    assert accounts.ask("POST", "/v1/people", body, person).status == 403
    machine = client(accounts, person, structure=SELLER)
    token = accounts.ask("POST", "/oauth2/token", form=token_form(machine)).json["access_token"]
    by_machine = {"Authorization": f"Bearer {token}"}
    assert accounts.ask("POST", "/v1/people", body, by_machine).status == 403
    assert (
        accounts.ask("POST", "/v1/clients", {"name": "x", "structure": KEY}, by_machine).status
        == 403
    )
    headers = operator(accounts)
    made = accounts.ask("POST", "/v1/people", body, headers)
    assert made.status == 201 and made.json["structures"] == ["demo/siret/22310001700423"]
    again = accounts.ask("POST", "/v1/people", body, headers)
    assert (again.status, again.json["code"]) == (409, "address-known")
    foreign = body | {"email": "b@exemple.fr", "structures": ["live/siret/22310001700423"]}
    assert accounts.ask("POST", "/v1/people", foreign, headers).status == 422
    sign_in(accounts, "agent@exemple.fr", PASSWORD)


def test_people_who_come_at_once_all_speak_for_their_structure(accounts: House) -> None:
    headers = operator(accounts)
    bodies = [
        {"email": f"agent{n}@exemple.fr", "password": PASSWORD, "structures": [SELLER]}
        for n in range(4)
    ]
    with ThreadPoolExecutor(4) as many:
        asked = [many.submit(accounts.ask, "POST", "/v1/people", body, headers) for body in bodies]
    assert [reply.result().status for reply in asked] == [201] * 4
    told = accounts.heard(ContactsChanged, at_least=4)
    newest = max(told, key=lambda fact: fact.version)
    assert newest.version == 4 and len(newest.emails) == 4


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


def test_signing_out_needs_a_session(accounts: House) -> None:
    assert accounts.ask("DELETE", "/v1/sessions").status == 401
    assert accounts.ask("DELETE", "/v1/sessions", headers=operator(accounts)).status == 204
