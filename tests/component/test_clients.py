"""Technical clients and accounts made for others, through the API and the messages of accounts."""

import base64
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

from shared.contracts.accounts import ContactsChanged
from tests.component.house import House
from tests.component.residents import (
    KEY,
    PASSWORD,
    SELLER,
    accounts,
    activate,
    client,
    operator,
    sign_in,
    token_form,
)

__all__ = ["accounts"]


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
