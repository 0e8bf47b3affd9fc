"""Accounts and structures together: sign-up from official data, budgets, and rights that follow."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from deploy.local.handle import Stack
from shared.contracts.accounts import ActivationRequested, ContactsChanged
from shared.contracts.sheets import StructureOpened
from tests.component.registers import Register, found, register
from tests.component.residents import PASSWORD, activate, client, sign_in, token_form
from tests.component.town import Person, Town, path_of, siret, town, until

COUNT = count(3000)


@pytest.fixture(scope="module")
def search() -> Iterator[Register]:
    """The State's public search, played."""
    with register() as made:
        yield made


@pytest.fixture(scope="module")
def place(servers: Stack, search: Register) -> Iterator[Town]:
    """Accounts and structures, with one register on the network."""
    with town(servers, sirene_search_url=search.url, sirene_search_rate="7") as made:
        made.accounts.hear(ActivationRequested, ContactsChanged)
        yield made


@pytest.fixture
def here(search: Register) -> str:
    """A word that only this test has; the register is as it should be again."""
    search.think, search.answers = 0.0, {}
    return f"j{next(COUNT)}"


def signed_up(place: Town, name: str, number: str) -> Person:
    """Somebody who opened an account with a SIRET."""
    email = f"{name}@exemple.fr"
    me = activate(place.accounts, email, siret=number)
    headers = sign_in(place.accounts, email, PASSWORD)
    return Person(email, me["subject"], headers, place.accounts, place.structures)


def test_whoever_opens_an_account_with_a_siret_is_ready_to_invoice(
    place: Town, search: Register, here: str
) -> None:
    number = siret(next(COUNT))
    search.answers["/search"] = found(number)
    person = signed_up(place, here, number)
    (grant,) = person.me()["grants"]
    assert grant["role"] == "principal" and grant["spaces"]["issued_invoices"] == "write"
    path = f"/v1/structures/siret/{number}"
    sheet = until(
        lambda: reply.json if (reply := person.ask("GET", path)).status == 200 else None,
        "the sheet was made from the register",
    )
    assert sheet["name"] == "BOULANGERIE DES COTEAUX" and sheet["official"]["source"] == "search"
    second = signed_up(place, f"{here}b", number)
    assert second.me()["grants"] == [], "the second of a company asks its manager"


@pytest.mark.parametrize("trouble", ["slow", "away", "lying", "hostile", "junk"])
def test_a_register_in_trouble_neither_stops_nor_poisons_a_sign_up(
    place: Town, search: Register, here: str, trouble: str
) -> None:
    number = siret(next(COUNT))
    search.think = 20.0 if trouble == "slow" else 0.0
    search.answers["/search"] = {
        "slow": found(number),
        "away": 503,
        "lying": found(siret(next(COUNT))),
        "hostile": found(number, nom_raison_sociale="Pаypal\r\nBcc: x@y.fr<script>"),
        "junk": "<html>",
    }[trouble]
    person = place.person(here)
    began = time.monotonic()
    asked = {"identifier": number, "name": "Atelier Garonne"}
    made = person.ask("POST", "/v1/structures", asked)
    assert made.status == 201, made.text
    assert time.monotonic() - began < 3.0
    assert made.json["name"] == "Atelier Garonne"
    official = made.json["official"]
    assert official["found"] is (trouble == "hostile")
    assert official["name"] is None, "a name in mixed alphabets is not believed"
    until(lambda: person.holds(made.json["key"]) == "principal", "she manages it")


def test_whoever_writes_the_sheet_of_a_structure_that_is_held_already_gets_nothing(
    place: Town, here: str
) -> None:
    number = siret(next(COUNT))
    key = f"live/siret/{number}"
    marie, eve = place.owner(f"marie-{here}", number), place.person(f"eve-{here}")
    at = datetime(2026, 3, 12, tzinfo=UTC)
    opened = StructureOpened(realm="live", structure=key, name="x", by=eve.subject, at=at)
    other = opened.model_copy(update={"structure": f"live/siret/{siret(next(COUNT))}"})
    place.accounts.tell(opened, other)
    until(lambda: eve.holds(other.structure) == "principal", "both facts were heard")
    assert eve.holds(key) is None and marie.holds(key) == "principal"


def test_the_people_of_a_body_manage_its_budgets(place: Town, here: str) -> None:
    key = place.put("22310001700423", name="Département")
    marie = place.person(f"marie-{here}", key)
    paul, _ = place.joined(f"paul-{here}", key, marie)
    path = f"/v1/structures/{path_of(key)}/budgets"
    asked = {"siret": "22310001700456", "budget": "15 Restauration"}
    added = until(
        lambda: reply if (reply := marie.ask("POST", path, asked)).status == 201 else None,
        "the budget was added",
    )
    budget = added.json["key"]
    until(lambda: marie.holds(budget) == "principal", "she manages the budget")
    assert paul.holds(budget) == "user"


def pending(place: Town, name: str) -> tuple[Person, str]:
    """The manager of a structure that is being registered."""
    person = place.person(name)
    asked = {"kind": "pending", "identifier": name.upper()[:18], "name": name}
    key = person.ask("POST", "/v1/structures", asked).json["key"]
    until(lambda: person.holds(key) == "principal", "the maker manages")
    return person, str(key)


def renamed(person: Person, key: str, number: str) -> Any:
    """Give a structure its SIRET."""
    body = {"identifier": number, "reason": "Elle est immatriculée."}
    path = f"/v1/structures/{path_of(key)}/identifier"
    return until(
        lambda: reply if (reply := person.ask("POST", path, body)).status == 201 else None,
        "the identifier changed",
    )


def test_rights_requests_programs_and_mail_follow_a_structure_to_its_siret(
    place: Town, here: str
) -> None:
    marie, key = pending(place, f"marie-{here}")
    paul, _ = place.joined(f"paul-{here}", key, marie, spaces={"messages": "read"})
    zoe = place.person(f"zoe-{here}")
    asked = zoe.ask("POST", "/v1/memberships", {"structure": key})
    made = client(place.accounts, marie.headers, structure=key)
    number = siret(next(COUNT))
    new = f"live/siret/{number}"
    renamed(marie, key, number)
    until(lambda: marie.holds(new) == "principal", "the manager manages the new one")
    (grant,) = paul.me()["grants"]
    assert grant["structure"] == new and grant["former"] == [key]
    assert (grant["role"], grant["spaces"]) == ("user", {"messages": "read"})
    (waiting,) = marie.ask("GET", f"/v1/memberships?structure={new}&state=asked").json["items"]
    assert waiting["email"] == zoe.email and waiting["id"] != asked.json["id"]
    token = place.accounts.ask("POST", "/oauth2/token", form=token_form(made)).json["access_token"]
    program = place.accounts.ask("GET", "/v1/me", headers={"Authorization": f"Bearer {token}"}).json
    assert program["structures"] == [new] and program["grants"][0]["former"] == [key]
    told: list[ContactsChanged] = []

    def both() -> bool:
        told.extend(place.accounts.heard(ContactsChanged, at_least=1, seconds=1))
        return {key, new} <= {fact.structure for fact in told}

    until(both, "mails about old and new invoices go to the same people")
    newest = {fact.structure: fact for fact in sorted(told, key=lambda fact: fact.version)}
    assert set(newest[key].emails) == set(newest[new].emails) == {marie.email, paul.email}
    assert newest[key].version == newest[new].version, "both are newer than what was told before"
    late = place.person(f"eve-{here}").ask("POST", "/v1/memberships", {"structure": key})
    assert (late.status, late.json["code"]) == (409, "structure-replaced")
    assert number in late.json["detail"]
    assert key not in place.operator.ask("GET", "/v1/memberships/orphans").json["items"]


def test_two_structures_become_one_when_one_person_speaks_for_both(place: Town, here: str) -> None:
    marie, key = pending(place, f"marie-{here}")
    number = siret(next(COUNT))
    owner = place.owner(f"luc-{here}", number)
    new = f"live/siret/{number}"
    body = {"identifier": number, "reason": "C'est la même société."}
    path = f"/v1/structures/{path_of(key)}/identifier"
    taken = until(
        lambda: reply if (reply := marie.ask("POST", path, body)).status != 404 else None, "seen"
    )
    assert (taken.status, taken.json["code"]) == (409, "structure-exists")
    id = marie.ask("POST", "/v1/memberships", {"structure": new}).json["id"]
    owner.ask("POST", f"/v1/memberships/{id}/moves", {"action": "approve"})
    owner.ask("POST", f"/v1/memberships/{id}/moves", {"action": "hand_over"})
    assert marie.holds(new) == "principal"
    renamed(marie, key, number)
    until(lambda: len(marie.me()["grants"]) == 1, "one structure is left")
    (grant,) = marie.me()["grants"]
    assert (grant["structure"], grant["role"], grant["former"]) == (new, "principal", [key])
    assert owner.holds(new) == "secondary"
