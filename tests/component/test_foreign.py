"""No way in: every route of accounts and structures, by every role, on what is not the caller's.

MATRIX has a row for each route; one that is missing fails. To a caller whom a row does not let in,
what is somebody else's looks exactly like what does not exist.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from deploy.local.handle import Stack
from services.accounts.main import SERVICE as ACCOUNTS
from services.structures.main import SERVICE as STRUCTURES
from tests.component.house import Reply
from tests.component.residents import PASSWORD, client, token_form
from tests.component.town import Person, Town, path_of, siret, town, until

OWN, OTHER = siret(7001), siret(7002)
KEY, FOREIGN, NOBODY = f"live/siret/{OWN}", f"live/siret/{OTHER}", f"live/siret/{siret(7099)}"
Caller = Literal["principal", "secondary", "user", "program", "stranger", "sandboxer", "operator"]
MANAGERS: frozenset[Caller] = frozenset({"principal", "secondary"})
MEMBERS: frozenset[Caller] = MANAGERS | {"user"}
OPERATED: frozenset[Caller] = frozenset({"operator"})
SHEET = "/v1/structures/{structure}"
CONTACT = {"name": "Atelier Garonne"}


@dataclass(frozen=True)
class Owned:
    """A route about one thing: who gets through, and the request, with names of things in it."""

    path: str
    callers: frozenset[Caller]
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Free:
    """A route about nobody's thing in particular, and why that is so."""

    why: str


PUBLIC, MINE, DIRECTORY, ADMIN = (
    Free("needs no token: it opens with a secret, or says what everybody may know"),
    Free("takes no identifier: it is about whoever asks"),
    Free("the directory is for everybody of its realm"),
    Free("for operators only, whatever it names"),
)
MOVE = {"action": "revoke"}
MATRIX: dict[tuple[str, str], Owned | Free] = {
    ("GET", "/oauth2/jwks"): PUBLIC,
    ("POST", "/oauth2/token"): PUBLIC,
    ("GET", "/oauth2/rights-changes"): PUBLIC,
    ("POST", "/v1/accounts"): PUBLIC,
    ("POST", "/v1/accounts/passwords"): PUBLIC,
    ("POST", "/v1/accounts/recoveries"): PUBLIC,
    ("GET", "/v1/accounts/recoveries/{token}"): PUBLIC,
    ("POST", "/v1/accounts/recoveries/{token}"): PUBLIC,
    ("GET", "/v1/accounts/addresses/{token}"): PUBLIC,
    ("POST", "/v1/accounts/addresses/{token}"): PUBLIC,
    ("DELETE", "/v1/accounts/addresses/{token}"): PUBLIC,
    ("POST", "/v1/activations"): PUBLIC,
    ("GET", "/v1/activations/{token}"): PUBLIC,
    ("POST", "/v1/activations/{token}"): PUBLIC,
    ("POST", "/v1/sessions"): PUBLIC,
    ("POST", "/v1/sessions/refresh"): PUBLIC,
    ("POST", "/v1/sessions/challenges"): PUBLIC,
    ("POST", "/v1/sessions/factors"): PUBLIC,
    ("GET", "/v1/structures/official/{siret}"): PUBLIC,
    ("GET", "/v1/me"): MINE,
    ("GET", "/v1/me/sessions"): MINE,
    ("DELETE", "/v1/me/sessions"): MINE,
    ("DELETE", "/v1/sessions"): MINE,
    ("POST", "/v1/me/password"): MINE,
    ("GET", "/v1/me/export"): MINE,
    ("GET", "/v1/me/factors"): MINE,
    ("POST", "/v1/me/factors/totp"): MINE,
    ("POST", "/v1/me/factors/totp/confirmations"): MINE,
    ("POST", "/v1/me/factors/removals"): MINE,
    ("POST", "/v1/me/factors/recovery-codes"): MINE,
    ("POST", "/v1/me/factors/passkeys/offers"): MINE,
    ("POST", "/v1/me/factors/passkeys"): MINE,
    ("POST", "/v1/me/address"): MINE,
    ("POST", "/v1/me/closure"): MINE,
    ("POST", "/v1/memberships"): Free("asking is for everybody; deciding is not"),
    ("POST", "/v1/structures"): Free("a sheet that exists is refused to everybody alike"),
    ("GET", "/v1/structures"): DIRECTORY,
    ("GET", "/v1/structures/{siret}"): DIRECTORY,
    ("GET", "/v1/structures/{siret}/departments"): DIRECTORY,
    ("GET", "/v1/structures/{siret}/budgets"): DIRECTORY,
    ("POST", "/v1/people"): ADMIN,
    ("PUT", "/v1/people/{id}/hold"): ADMIN,
    ("DELETE", "/v1/people/{id}/hold"): ADMIN,
    ("DELETE", "/v1/people/{id}/sessions"): ADMIN,
    ("GET", "/v1/memberships/orphans"): ADMIN,
    ("POST", "/v1/memberships/appointments"): ADMIN,
    ("PUT", "/v1/structures/{kind}/{identifier}"): ADMIN,
    ("DELETE", "/v1/me/sessions/{id}"): Owned(
        "/v1/me/sessions/{session}", frozenset({"principal"})
    ),
    ("GET", "/v1/memberships"): Owned("/v1/memberships?structure={key}", MANAGERS | OPERATED),
    ("GET", "/v1/memberships/trail"): Owned(
        "/v1/memberships/trail?structure={key}", MANAGERS | OPERATED
    ),
    ("GET", "/v1/memberships/{id}"): Owned("/v1/memberships/{membership}", MEMBERS | OPERATED),
    ("POST", "/v1/memberships/{id}/moves"): Owned(
        "/v1/memberships/{membership}/moves", MEMBERS | OPERATED, MOVE
    ),
    ("POST", "/v1/clients"): Owned(
        "/v1/clients", MANAGERS | OPERATED, {"name": "Logiciel", "structure": "{key}"}
    ),
    ("POST", "/v1/clients/{id}/secrets"): Owned(
        "/v1/clients/{client}/secrets", MANAGERS | OPERATED
    ),
    ("GET", "/v1/structures/{kind}/{identifier}"): Owned(SHEET, MEMBERS | {"program"} | OPERATED),
    ("PUT", "/v1/structures/{kind}/{identifier}/contact"): Owned(
        f"{SHEET}/contact", MANAGERS | OPERATED, CONTACT
    ),
    ("PUT", "/v1/structures/{kind}/{identifier}/spaces"): Owned(
        f"{SHEET}/spaces", MANAGERS | OPERATED, {"spaces": ["messages"]}
    ),
    ("PUT", "/v1/structures/{kind}/{identifier}/requirements"): Owned(
        f"{SHEET}/requirements", MANAGERS | OPERATED, {"order_required": True}
    ),
    ("PUT", "/v1/structures/{kind}/{identifier}/departments/{code}"): Owned(
        f"{SHEET}/departments/A", MANAGERS | OPERATED, {"name": "Achats"}
    ),
    ("POST", "/v1/structures/{kind}/{identifier}/budgets"): Owned(
        f"{SHEET}/budgets", MANAGERS | OPERATED, {"siret": OWN, "budget": "01"}
    ),
    ("GET", "/v1/structures/{kind}/{identifier}/trail"): Owned(
        f"{SHEET}/trail", MANAGERS | OPERATED
    ),
    ("GET", "/v1/structures/{kind}/{identifier}/bank-accounts"): Owned(
        f"{SHEET}/bank-accounts", MEMBERS
    ),
    ("PUT", "/v1/structures/{kind}/{identifier}/bank-accounts"): Owned(
        f"{SHEET}/bank-accounts", MANAGERS, {"accounts": []}
    ),
    ("POST", "/v1/structures/{kind}/{identifier}/identifier"): Owned(
        f"{SHEET}/identifier",
        frozenset({"principal"}) | OPERATED,
        {"identifier": OWN, "reason": "Essai."},
    ),
}
OWNED = [(route, row) for route, row in MATRIX.items() if isinstance(row, Owned)]


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
        for person in (marie, luc, paul):
            path = f"/v1/structures/{path_of(KEY)}"
            until(lambda p=person, at=path: p.ask("GET", at).status == 200, "rights are known")
        yield World(
            place,
            callers,
            {
                "structure": path_of(KEY),
                "key": KEY,
                "membership": membership,
                "client": made["client_id"],
                "session": spare,
            },
            {
                "structure": path_of(NOBODY),
                "key": NOBODY,
                "membership": "0" * 32,
                "client": "01961c7e-5f0a-7c3b-9d2e-1f0a2b3c4d5e",
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


@pytest.mark.parametrize(
    ("route", "row"), OWNED, ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
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


@pytest.mark.parametrize(
    ("route", "row"), OWNED, ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_to_whom_a_thing_is_it_opens(world: World, route: tuple[str, str], row: Owned) -> None:
    method, _ = route
    for caller in sorted(row.callers, reverse=True):
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


def test_routes_for_operators_refuse_everybody_else_whatever_they_name(world: World) -> None:
    for method, path in (route for route, row in MATRIX.items() if row is ADMIN):
        named = path.format(kind="siret", identifier=OWN, id=world.nothing["session"])
        house = world.town.structures if "structures" in path else world.town.accounts
        for caller in world.callers.keys() - {"operator"}:
            assert house.ask(method, named, {}, world.callers[caller]).status in (403, 422), caller
            assert house.ask(method, named, {}, None).status == 401
