"""Accounts as a running service, and the people and clients that its tests make in it."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from shared.contracts.accounts import ActivationRequested, ContactsChanged
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
