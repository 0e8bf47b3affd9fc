"""Programs: what their tokens open is written on every route."""

from typing import get_args

from docs.house import declared
from shared.contracts.rights import Scope
from shared.rights import SCOPES


def test_every_route_that_is_open_to_programs_says_the_scope_that_it_needs() -> None:
    for service in declared():
        for route in service.routes:
            open_to_programs = not route.public and "client" in route.kinds
            named = f"{service.name}: {route.method} {route.path}"
            assert (route.scope is not None) is open_to_programs, (
                f"{named}: give it scope=…, or kinds= without client (docs/decisions/0025)"
            )


def test_what_needs_no_scope_tells_a_program_of_itself_only() -> None:
    free = {(r.method, r.path) for s in declared() for r in s.routes if r.scope == "any"}
    assert free == {("GET", "/v1/me"), ("POST", "/v1/technical-accounts/tokens")}


def test_every_scope_has_its_words_and_opens_something() -> None:
    assert set(SCOPES) == set(get_args(Scope))
    used = {route.scope for service in declared() for route in service.routes}
    assert set(SCOPES) <= used
