"""The table of moves, exhaustively."""

from datetime import UTC, datetime

import pytest

from services.workflow.domain import lifecycle
from services.workflow.domain.lifecycle import HELD, MOVES, Move, after, allowed, move, opening
from shared.contracts.status import InvoiceStatus as S
from shared.contracts.workflow import Role
from shared.errors import Conflict, Forbidden, Invalid

AT = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
EVERYBODY: tuple[Role, ...] = ("seller", "buyer", "platform", "validator")
EVIDENCE = {name: "x" for row in MOVES for entry in row.evidence for name in entry.split("|")}
PAYMENT = ("service_done", "order_payment", "send_to_accountant", "post", "send_payment")
ROWS = {row.action: row for row in MOVES}


def done(status: S, action: str) -> S:
    return move(status, action, EVERYBODY, EVIDENCE).to


def test_every_status_is_reachable_from_a_deposit() -> None:
    reached, waiting = {S.DEPOSITED}, [S.DEPOSITED]
    while waiting:
        status = waiting.pop()
        new = {row.to for row in MOVES if status in row.sources} - reached
        reached |= new
        waiting += new
    assert reached == set(S)


def test_an_action_from_a_status_leads_to_one_place() -> None:
    assert len({row.action for row in MOVES}) == len(MOVES)
    for row in MOVES:
        assert len(set(row.sources)) == len(row.sources)
        assert row.to not in row.sources, f"{row.action} would change nothing"


@pytest.mark.parametrize("row", MOVES, ids=lambda row: row.action)
@pytest.mark.parametrize("status", S, ids=str)
def test_what_the_table_allows_happens_and_all_else_is_refused(row: Move, status: S) -> None:
    if status in row.sources:
        assert done(status, row.action) is row.to
        assert row in allowed(status, row.by)
    else:
        with pytest.raises(Conflict) as refused:
            done(status, row.action)
        assert refused.value.code == "invalid-transition"
        assert row not in allowed(status, row.by)


@pytest.mark.parametrize("row", MOVES, ids=lambda row: row.action)
def test_only_the_role_of_the_row_may_act(row: Move) -> None:
    others: list[Role] = [role for role in EVERYBODY if role != row.by]
    with pytest.raises(Forbidden):
        move(row.sources[0], row.action, others, EVIDENCE)
    assert not any(row in allowed(row.sources[0], role) for role in others)


@pytest.mark.parametrize("row", [r for r in MOVES if r.evidence], ids=lambda row: row.action)
@pytest.mark.parametrize("given", [None, "", "   "], ids=["none", "empty", "blank"])
def test_evidence_is_demanded_and_named(row: Move, given: str | None) -> None:
    with pytest.raises(Invalid) as refused:
        move(row.sources[0], row.action, EVERYBODY, dict.fromkeys(EVIDENCE, given))
    assert [f"/{entry.split('|')[0]}" for entry in row.evidence] == [
        finding.pointer for finding in refused.value.errors
    ]


@pytest.mark.parametrize("name", ["buyer_siret", "buyer_reference", "order_reference"])
def test_one_corrected_field_is_enough_to_reroute(name: str) -> None:
    assert move(S.MISROUTED, "reroute", ["seller"], {name: "x"}).to is S.DEPOSITED


def test_an_unknown_action_is_named() -> None:
    with pytest.raises(Invalid) as refused:
        move(S.DEPOSITED, "fly", EVERYBODY, {})
    assert refused.value.code == "unknown-action"


@pytest.mark.parametrize("action", PAYMENT)
def test_payment_steps_are_recorded_in_any_order(action: str) -> None:
    for status in HELD:
        if status is not ROWS[action].to:
            assert done(status, action) is ROWS[action].to


@pytest.mark.parametrize("action", PAYMENT)
@pytest.mark.parametrize("status", [S.REJECTED, S.MISROUTED, S.DEPOSITED, S.IN_TRANSIT])
def test_what_the_buyer_does_not_hold_cannot_be_paid(action: str, status: S) -> None:
    with pytest.raises(Conflict):
        done(status, action)


def test_a_rejected_invoice_is_at_its_end() -> None:
    assert [row for role in EVERYBODY for row in allowed(S.REJECTED, role)] == []


def test_a_suspended_invoice_that_nobody_completes_may_be_rejected_resumed_or_paid() -> None:
    assert {row.action for row in allowed(S.SUSPENDED, "buyer")} == {
        "misroute",
        "reject",
        "resume",
        *PAYMENT,
    }
    assert [row.action for row in allowed(S.SUSPENDED, "seller")] == ["complete"]


def test_what_was_paid_can_no_longer_be_refused() -> None:
    for action in ("misroute", "suspend", "reject"):
        with pytest.raises(Conflict):
            done(S.PAYMENT_SENT, action)


def test_a_new_invoice_goes_by_itself_to_its_buyer() -> None:
    steps = opening(AT)
    assert [(s.sequence, s.status, s.previous, s.by) for s in steps] == [
        (1, S.DEPOSITED, None, "platform"),
        (2, S.IN_TRANSIT, S.DEPOSITED, "platform"),
        (3, S.MADE_AVAILABLE, S.IN_TRANSIT, "platform"),
    ]


def test_a_corrected_invoice_goes_through_the_circuit_again_without_a_hole() -> None:
    last = opening(AT)[-1]
    (back,) = after(
        last, ROWS["misroute"], at=AT, actor="b", reason="Mauvais service", mandate_number=None
    )
    again = after(back, ROWS["reroute"], at=AT, actor="s", reason=None, mandate_number=None)
    assert [(s.sequence, s.status, s.previous, s.by, s.actor) for s in (back, *again)] == [
        (4, S.MISROUTED, S.MADE_AVAILABLE, "buyer", "b"),
        (5, S.DEPOSITED, S.MISROUTED, "seller", "s"),
        (6, S.IN_TRANSIT, S.DEPOSITED, "platform", None),
        (7, S.MADE_AVAILABLE, S.IN_TRANSIT, "platform", None),
    ]


def test_the_table_and_the_picture_show_every_row() -> None:
    table, picture = lifecycle.table(), lifecycle.mermaid()
    for row in MOVES:
        assert f"| `{row.action}` | {row.label} |" in table
        for source in row.sources:
            assert f"    {source} --> {row.to} : {row.action}\n" in picture
    assert f"    {S.REJECTED} --> [*]" in picture
