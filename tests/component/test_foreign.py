"""No way in: every route of accounts and structures, by every role, on what is not the caller's.

`tests/component/matrix.py` has a row for each route; one that is missing fails. To a caller whom a
row does not let in, what is somebody else's looks exactly like what does not exist.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from deploy.local.handle import Stack
from services.accounts.main import SERVICE as ACCOUNTS
from services.structures.main import SERVICE as STRUCTURES
from tests.component.house import Reply
from tests.component.matrix import (
    ADMIN,
    KEY,
    MATRIX,
    NOBODY,
    OTHER,
    OWN,
    OWNED,
    PUBLIC,
    SHEET,
    Caller,
    Owned,
    named,
)
from tests.component.residents import PASSWORD, client, token_form
from tests.component.town import Person, Town, path_of, town, until


@dataclass
class World:
    """Who is there, and what there is."""

    town: Town
    callers: dict[Caller, dict[str, str]] = field(default_factory=dict)
    own: dict[str, str] = field(default_factory=dict)
    """The things of the structure under test, by the names used in the matrix."""
    nothing: dict[str, str] = field(default_factory=dict)
    """What does not exist, by the same names."""

    def ask(self, caller: Caller | None, method: str, row: Owned, things: dict[str, str]) -> Reply:
        """One request of a row, about these things."""
        path = row.path.format(**things)
        body = row.body and {
            name: value.format(**things) if isinstance(value, str) else value
            for name, value in row.body.items()
        }
        house = self.town.structures if path.startswith("/v1/structures") else self.town.accounts
        return house.ask(method, path, body, self.callers[caller] if caller else None)


def spares(manager: Person) -> dict[str, str]:
    """Programs of hers that nothing depends on, by the names used in the matrix."""
    made = client(manager.house, manager.headers, structure=KEY)
    body = {"name": "Sage", "structure": KEY}
    technical = manager.ask("POST", "/v1/technical-accounts", body).json
    return {
        "spare": made["client_id"],
        "spare_key": made["key_id"],
        "technical": technical["id"],
        "technical_key": technical["key_id"],
    }


def _lets_in(person: Person, path: str) -> bool:
    return person.ask("GET", path).status == 200


@pytest.fixture(scope="module")
def world(servers: Stack) -> Iterator[World]:
    """A structure with its people and its program, and people who have nothing to do with it."""
    with town(servers) as place:
        marie = place.owner("marie", OWN)
        luc, _ = place.joined("luc", KEY, marie, role="secondary")
        paul, membership = place.joined("paul", KEY, marie)
        eve = place.owner("eve", OTHER)
        place.operator.ask("PUT", f"/v1/structures/siret/{OWN}?realm=demo", {"name": "Bac"})
        sam = place.person("sam", f"demo/siret/{OTHER}", realm="demo")
        made = client(place.accounts, marie.headers, structure=KEY)
        token = place.accounts.ask("POST", "/oauth2/token", form=token_form(made)).json
        people: dict[Caller, Person] = {
            "principal": marie,
            "secondary": luc,
            "user": paul,
            "stranger": eve,
            "sandboxer": sam,
            "operator": place.operator,
        }
        callers: dict[Caller, dict[str, str]] = {
            name: person.headers for name, person in people.items()
        }
        callers["program"] = {"Authorization": f"Bearer {token['access_token']}"}
        again = {"email": marie.email, "password": PASSWORD}
        place.accounts.ask("POST", "/v1/sessions", again)
        sessions = marie.ask("GET", "/v1/me/sessions").json["items"]
        spare = next(session["id"] for session in sessions if not session["current"])
        path = f"/v1/structures/{path_of(KEY)}"
        for person in (marie, luc, paul):
            until(partial(_lets_in, person, path), "rights are known")
        yield World(
            place,
            callers,
            {
                "structure": path_of(KEY),
                "key": KEY,
                "membership": membership,
                **spares(marie),
                "session": spare,
            },
            {
                "structure": path_of(NOBODY),
                "key": NOBODY,
                "membership": "0" * 32,
                **dict.fromkeys(("spare", "technical"), "01961c7e-5f0a-7c3b-9d2e-1f0a2b3c4d5e"),
                **dict.fromkeys(("spare_key", "technical_key"), "0" * 12),
                "session": "01961c7e-5f0a-7c3b-9d2e-1f0a2b3c4d5e",
            },
        )


def said(reply: Reply) -> tuple[int, Any]:
    """An answer without what is different each time."""
    body = reply.json if reply.text else {}
    return reply.status, {name: value for name, value in body.items() if name != "trace_id"}


def test_every_route_has_its_row() -> None:
    routes = {(r.method, r.path) for service in (ACCOUNTS, STRUCTURES) for r in service.routes}
    assert set(MATRIX) == routes


def test_rows_say_the_truth_about_tokens_and_operators() -> None:
    for service in (ACCOUNTS, STRUCTURES):
        for route in service.routes:
            row = MATRIX[route.method, route.path]
            assert (row is PUBLIC) is route.public, route.path
            assert (row is ADMIN) is (route.kinds == ("operator",)), route.path


@pytest.mark.parametrize(("route", "row"), OWNED, ids=named)
def test_to_whom_a_thing_is_not_it_does_not_exist(
    world: World, route: tuple[str, str], row: Owned
) -> None:
    method, _ = route
    for caller in world.callers:
        if caller in row.callers:
            continue
        foreign = said(world.ask(caller, method, row, world.own))
        assert foreign == said(world.ask(caller, method, row, world.nothing)), caller
        assert foreign[0] in (403, 404), (caller, foreign)
    assert said(world.ask(None, method, row, world.own))[0] == 401


@pytest.mark.parametrize(("route", "row"), OWNED, ids=named)
def test_to_whom_a_thing_is_it_opens(world: World, route: tuple[str, str], row: Owned) -> None:
    method, _ = route
    for caller in sorted(row.callers, reverse=True):
        if method == "DELETE":
            world.own.update(spares(world.town.people["marie"]))
        reply = world.ask(caller, method, row, world.own)
        assert reply.status not in (401, 403, 404), (caller, reply.text)


def test_nobody_but_an_operator_looks_into_another_realm(world: World) -> None:
    paths = [row.path for _, row in OWNED if row.path.startswith(SHEET) and row.body is None]
    for caller in ("principal", "stranger", "program"):
        for path in [f"/v1/structures/{OWN}", *(p.format(**world.own) for p in paths)]:
            reply = world.town.structures.ask(
                "GET", f"{path}?realm=demo", None, world.callers[caller]
            )
            assert reply.status in (403, 404), (caller, path)
    operator = world.callers["operator"]
    seen = world.town.structures.ask("GET", f"/v1/structures/{OWN}?realm=demo", None, operator)
    assert seen.json["name"] == "Bac"


def test_a_malformed_identifier_is_one_more_that_does_not_exist(world: World) -> None:
    malformed = world.nothing | {"structure": "siret/123"}
    for (method, path), row in OWNED:
        if path.startswith("/v1/structures"):
            answers = [
                said(world.ask(caller, method, row, things))
                for caller in ("principal", "operator")
                for things in (malformed, world.nothing)
            ]
            assert answers[0] == answers[1] and answers[2] == answers[3], path


def test_routes_for_operators_refuse_everybody_else_whatever_they_name(world: World) -> None:
    for method, path in (route for route, row in MATRIX.items() if row is ADMIN):
        named = path.format(kind="siret", identifier=OWN, id=world.nothing["session"])
        house = world.town.structures if "structures" in path else world.town.accounts
        for caller in world.callers.keys() - {"operator"}:
            assert house.ask(method, named, {}, world.callers[caller]).status in (403, 422), caller
            assert house.ask(method, named, {}, None).status == 401
