"""A session that ends in accounts ends in its neighbours: two real services, real tokens."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.component.house import House, Reply, house
from tests.component.residents import PASSWORD, SELLER, accounts, activate

__all__ = ["accounts"]
SECONDS = 60


def until(asked: Callable[[], Reply], status: int) -> float:
    """How long it takes until a request is answered so."""
    started = time.monotonic()
    while time.monotonic() - started < SECONDS:
        if asked().status == status:
            return time.monotonic() - started
        time.sleep(0.1)
    raise AssertionError(f"no {status} within {SECONDS} s")


def signed_in(accounts: House) -> tuple[str, dict[str, str]]:
    """A session: its id, and the header of its token."""
    body = {"email": "anne@exemple.fr", "password": PASSWORD}
    token = accounts.ask("POST", "/v1/sessions", body).json["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    listed = accounts.ask("GET", "/v1/me/sessions", headers=headers).json["items"]
    (current,) = [row for row in listed if row["current"]]
    return current["id"], headers


@pytest.mark.parametrize(
    "way", ["signed out", "ended from elsewhere", "password changed", "closed"]
)
def test_a_token_is_refused_by_every_service_soon_after_its_session_ended(
    accounts: House, mongo: Any, broker: Any, way: str
) -> None:
    activate(accounts, "anne@exemple.fr", siret=SELLER)
    id, headers = signed_in(accounts)
    _, others = signed_in(accounts)
    with house("workflow", mongo, broker, accounts_url=accounts.url) as workflow:

        def theirs() -> Reply:
            return workflow.ask("GET", "/v1/invoices", headers=headers)

        until(theirs, 200)
        match way:
            case "signed out":
                reply = accounts.ask("DELETE", "/v1/sessions", headers=headers)
            case "ended from elsewhere":
                reply = accounts.ask("DELETE", f"/v1/me/sessions/{id}", headers=others)
            case "password changed":
                body = {"password": PASSWORD, "new_password": "Fougère-9-lent-ocre"}
                reply = accounts.ask("POST", "/v1/me/password", body, others)
            case _:
                reply = accounts.ask("POST", "/v1/me/closure", {"password": PASSWORD}, others)
        assert reply.status == 204, reply.text
        assert until(theirs, 401) < 10
        kept = workflow.ask("GET", "/v1/invoices", headers=others)
        assert kept.status == (401 if way == "closed" else 200), "the other session goes on"
