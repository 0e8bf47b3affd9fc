"""A town whose facts about members are heard, and what its tests do with memberships."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from deploy.local.handle import Stack
from shared.contracts.accounts import ContactsChanged
from shared.contracts.memberships import MembershipChanged
from tests.component.town import Person, Town, siret, town, until

COUNT = count(1)


@pytest.fixture(scope="module")
def place(servers: Stack) -> Iterator[Town]:
    """Accounts and structures; every test makes its own people and structures."""
    with town(servers) as made:
        made.accounts.hear(MembershipChanged, ContactsChanged)
        yield made


@pytest.fixture
def here() -> str:
    """A word that only this test has."""
    return f"t{next(COUNT)}"


def owned(place: Town, here: str) -> tuple[Person, str]:
    """A principal manager and the key of the structure."""
    number = siret(next(COUNT))
    return place.owner(f"marie-{here}", number), f"live/siret/{number}"


def move(person: Person, id: str, action: str, **more: Any) -> Any:
    """Do something to a membership."""
    return person.ask("POST", f"/v1/memberships/{id}/moves", {"action": action} | more)


def heard(place: Town, key: str, last: str) -> list[MembershipChanged]:
    """What was told of a structure's members, up to this event."""
    found: list[MembershipChanged] = []

    def come() -> bool:
        told = place.accounts.heard(MembershipChanged, at_least=1, seconds=1)
        found.extend(fact for fact in told if fact.structure == key)
        return any(fact.event == last for fact in found)

    until(come, f"{last} is told of {key}")
    return found


def events(place: Town, key: str, last: str) -> list[str]:
    """Their events."""
    return [fact.event for fact in heard(place, key, last)]
