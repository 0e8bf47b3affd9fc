"""Who may do what to a membership, exhaustively, and what it does to a structure's standing."""

from itertools import product
from typing import Any, get_args

import pytest

from services.accounts.domain.memberships import (
    STEPS,
    Actor,
    Known,
    Member,
    actors,
    allowed,
    demand,
    demand_role,
    grant_of,
    member_id,
)
from services.accounts.domain.standing import Standing, contacts
from shared.contracts.memberships import MembershipState, MoveAction
from shared.contracts.rights import Role
from shared.errors import Conflict, Invalid

KEY = "live/siret/73282932000074"
STATES = get_args(MembershipState)
ROLES: tuple[Role, ...] = ("principal", "secondary", "user")
ACTORS: tuple[Actor, ...] = get_args(Actor)


def a_member(**changes: Any) -> Member:
    """A plain user who asks, unless said otherwise."""
    return Member(**{"id": "m", "account_id": "paul", "structure": KEY} | changes)


@pytest.mark.parametrize(("state", "role"), list(product(STATES, ROLES)))
def test_what_no_row_allows_is_refused(state: MembershipState, role: Role) -> None:
    member = a_member(state=state, role=role)
    for actor, action in product(ACTORS, get_args(MoveAction)):
        row = next(step for step in STEPS if step.action == action)
        principal = state == "active" and role == "principal"
        may = state in row.sources and actor in row.by and not principal
        assert (row in allowed(member, {actor})) is may
        if may:
            assert demand(member, action, {actor}, "Un motif.") is row
        else:
            with pytest.raises(Conflict):
                demand(member, action, {actor}, "Un motif.")


def test_every_action_has_one_row() -> None:
    assert sorted(step.action for step in STEPS) == sorted(get_args(MoveAction))


def test_nobody_decides_on_their_own_request_not_even_a_manager() -> None:
    mine = a_member()
    assert actors(mine, "paul", "paul", ("paul",)) == {"self"}
    assert actors(mine, "marie", "marie", ("marie",)) == {"manager", "principal"}
    assert actors(mine, "luc", "marie", ("marie", "luc")) == {"manager"}
    assert actors(mine, "eve", "marie", ("marie", "luc")) == set()


def test_a_secondary_manager_decides_on_plain_users_only() -> None:
    for role in ("principal", "secondary"):
        assert actors(a_member(role=role), "luc", "marie", ("marie", "luc")) == set()
    with pytest.raises(Invalid, match="gestionnaire secondaire"):
        demand_role("secondary", {"manager"})
    demand_role("secondary", {"manager", "principal"})
    for anybody in ({"manager", "principal"}, {"operator"}):
        with pytest.raises(Invalid, match="qu'un gestionnaire principal"):
            demand_role("principal", anybody)  # type: ignore[arg-type]


def test_the_principal_manager_neither_leaves_nor_is_removed_without_a_successor() -> None:
    principal = a_member(state="active", role="principal")
    for actor, action in (("self", "leave"), ("operator", "revoke"), ("manager", "change")):
        with pytest.raises(Conflict) as refused:
            demand(principal, action, {actor}, "Un motif.")  # type: ignore[arg-type]
        assert refused.value.code == "last-principal"


def test_a_refusal_a_revocation_and_every_act_of_an_operator_has_a_reason() -> None:
    asked, active = a_member(), a_member(state="active")
    for member, action, actor in (
        (asked, "refuse", "manager"),
        (active, "revoke", "manager"),
        (asked, "approve", "operator"),
    ):
        for reason in (None, "", "  "):
            with pytest.raises(Invalid) as refused:
                demand(member, action, {actor}, reason)  # type: ignore[arg-type]
            assert refused.value.code == "reason-missing"
    demand(asked, "approve", {"manager"}, None)


def test_a_standing_follows_who_joins_is_raised_and_goes() -> None:
    marie = a_member(account_id="marie", role="principal", state="active")
    paul = a_member(state="active")
    standing = Standing(KEY).seated(marie, "marie@x.fr").seated(paul, "paul@x.fr")
    assert (standing.principal, standing.managers) == ("marie", ("marie",))
    raised = standing.seated(a_member(state="active", role="principal"), "paul@x.fr")
    assert (raised.principal, raised.managers) == ("paul", ("paul", "marie"))
    assert raised.manager_emails == ("paul@x.fr", "marie@x.fr")
    gone = raised.left("paul")
    assert (gone.principal, gone.managers, gone.emails) == (None, ("marie",), ("marie@x.fr",))
    lowered = raised.seated(a_member(account_id="marie", state="active"), "marie@x.fr")
    assert lowered.managers == ("paul",)


def test_contacts_are_told_under_every_key_that_a_structure_had() -> None:
    standing = Standing(KEY, voices={"p": "p@x.fr"}, former=("live/pending/X",), version=3, least=7)
    told = contacts(standing)
    assert [(fact.structure, fact.version) for fact in told] == [(KEY, 8), ("live/pending/X", 8)]


def test_a_grant_is_what_the_structure_opened_and_the_member_chose() -> None:
    known = Known("X", False, True, ("issued_invoices", "messages"))
    chosen = {"issued_invoices": "read", "received_invoices": "write"}
    grant = grant_of(KEY, "user", known, (), chosen)  # type: ignore[arg-type]
    assert dict(grant.spaces) == {"issued_invoices": "read"}
    manager = grant_of(KEY, "secondary", known)
    assert dict(manager.spaces) == {"issued_invoices": "write", "messages": "write"}
    closed = grant_of(KEY, "principal", Known("X", False, False, ("issued_invoices",)))
    assert dict(closed.spaces) == {"issued_invoices": "read"}


def test_a_person_has_one_membership_of_a_structure() -> None:
    assert member_id("a", KEY) == member_id("a", KEY) != member_id("b", KEY)
