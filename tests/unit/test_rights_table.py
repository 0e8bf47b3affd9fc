"""RIGHTS: every action has its row, and what no row allows is refused."""

from itertools import product
from typing import get_args

import pytest

from shared.auth import Identity
from shared.contracts.rights import Access, Grant, Role, Space
from shared.rights import RIGHTS, SPACES, Action, allowed, entered, first_spaces

KEY, OLD = "live/siret/73282932000074", "live/pending/MIDI"
ROLES: tuple[Role, ...] = get_args(Role)
ACCESS: tuple[Access | None, ...] = ("read", "write", None)


def test_every_action_has_one_row_and_every_space_its_words() -> None:
    assert sorted(right.action for right in RIGHTS) == sorted(get_args(Action))
    assert set(SPACES) == set(get_args(Space))


@pytest.mark.parametrize(("role", "access"), list(product(ROLES, ACCESS)))
def test_a_right_needs_its_role_and_its_space(role: Role, access: Access | None) -> None:
    spaces = dict.fromkeys(SPACES, access) if access else {}
    grant = Grant(structure=KEY, role=role, spaces=spaces)
    for right in RIGHTS:
        enough = right.space is None or access == "write" or access == right.access
        assert allowed(grant, right.action) is (role in right.roles and enough), right


def test_only_managers_manage_and_only_the_principal_hands_over() -> None:
    for action, roles in (
        ("decide_members", {"principal", "secondary"}),
        ("edit_bank_accounts", {"principal", "secondary"}),
        ("hold_clients", {"principal", "secondary"}),
        ("read_bank_accounts", {"principal", "secondary", "user"}),
        ("hand_over", {"principal"}),
        ("change_identifier", {"principal"}),
    ):
        assert {r for r in ROLES if allowed(Grant(structure=KEY, role=r), action)} == roles  # type: ignore[arg-type]


def test_a_seller_has_at_first_the_spaces_that_it_needs() -> None:
    private = first_spaces(public=False)
    assert "issued_invoices" in private and "received_invoices" not in private
    assert "received_invoices" in first_spaces(public=True)
    assert entered("user", {}, private) == {}
    assert entered("client", {}, private) == dict.fromkeys(private, "write")


def test_what_is_held_is_held_under_every_key_that_a_structure_had() -> None:
    spaces: dict[Space, Access] = {"issued_invoices": "read"}
    grant = Grant(structure=KEY, role="user", spaces=spaces, former=(OLD,))
    who = Identity(subject="p", kind="person", realm="live", grants=(grant,))
    assert who.structures == (KEY, OLD) and who.may("read_issued", OLD)
    assert not who.may("issue", KEY) and not who.may("read_issued", "live/siret/1")
    assert who.where("edit_structure") == () and not who.may("read_structure", None)
