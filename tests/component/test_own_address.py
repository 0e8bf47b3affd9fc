"""Another address for an account, agreed at both ends."""

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
from tests.component.desk import PASSWORD, Desk, hears, opened
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


async def ends(desk: Desk, token: str, email: str) -> tuple[str, str]:
    """Ask for another address; the links of the old and of the new one."""
    body = {"email": email, "password": PASSWORD}
    asked = await desk.ask("POST", "/v1/me/address", body, token)
    assert asked.status == 202, asked.text
    told = {fact.end: fact for fact in desk.told(AddressChangeRequested)}
    old, new = (told[end].link.rpartition("/")[2] for end in ("old", "new"))
    return old, new


async def agree(desk: Desk, link: str) -> Reply:
    """Agree at one end."""
    return await desk.ask("POST", f"/v1/accounts/addresses/{link}")


async def test_an_address_changes_when_both_ends_have_agreed(desk: Desk) -> None:
    await desk.activate("k@exemple.fr", siret=SELLER)
    desk.told(ContactsChanged)
    token = (await desk.sign_in("k@exemple.fr"))["access_token"]
    old, new = await ends(desk, token, "k2@exemple.fr")
    assert (await desk.ask("GET", f"/v1/accounts/addresses/{new}")).json["end"] == "new"
    assert (await agree(desk, new)).json["done"] is False
    assert (await agree(desk, new)).status == 410
    assert (await desk.ask("GET", "/v1/me", token=token)).json["email"] == "k@exemple.fr"
    assert (await agree(desk, old)).json["done"] is True
    assert (await desk.ask("GET", "/v1/me", token=token)).json["email"] == "k2@exemple.fr"
    assert "access_token" in await desk.sign_in("k2@exemple.fr")
    (contacts,) = desk.told(ContactsChanged)
    assert contacts.structure == KEY and contacts.emails == ("k2@exemple.fr",)
    told = [fact.email for fact in desk.told(SecurityChanged) if fact.what == "address_changed"]
    assert sorted(told) == ["k2@exemple.fr", "k@exemple.fr"]


async def test_both_ends_that_agree_at_once_change_the_address(desk: Desk) -> None:
    token = await desk.person("l@exemple.fr")
    old, new = await ends(desk, token, "l2@exemple.fr")
    replies = await asyncio.gather(agree(desk, old), agree(desk, new))
    assert sorted(reply.json["done"] for reply in replies) == [False, True]
    assert "access_token" in await desk.sign_in("l2@exemple.fr")


async def test_either_end_may_refuse_a_change_of_address(desk: Desk) -> None:
    token = await desk.person("m@exemple.fr")
    old, new = await ends(desk, token, "m2@exemple.fr")
    assert (await desk.ask("DELETE", f"/v1/accounts/addresses/{old}")).status == 204
    assert (await agree(desk, new)).status == 410


async def test_an_address_that_has_an_account_is_told_and_nobody_else_learns_it(
    desk: Desk,
) -> None:
    await desk.activate("n@exemple.fr")
    token = await desk.person("o@exemple.fr")
    free = await desk.ask(
        "POST", "/v1/me/address", {"email": "libre@exemple.fr", "password": PASSWORD}, token
    )
    desk.told(AddressChangeRequested)
    body = {"email": "n@exemple.fr", "password": PASSWORD}
    taken = await desk.ask("POST", "/v1/me/address", body, token)
    assert (taken.status, taken.text) == (free.status, free.text)
    told = {fact.email: fact for fact in desk.told(AddressChangeRequested)}
    assert told["n@exemple.fr"].end == "taken"
    assert told["n@exemple.fr"].link == f"{ISSUER}/connexion"
