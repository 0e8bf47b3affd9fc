"""What the demo's finance system plays, and for which invoices."""

from typing import Any

import pytest

from deploy.local.astre import STORIES, act_on, story_of
from services.workflow.domain.lifecycle import MOVES
from services.workflow.domain.reasons import REASONS
from shared.contracts.status import InvoiceStatus


def event(number: str, status: str = "MADE_AVAILABLE", sequence: int = 3) -> dict[str, Any]:
    return {"sequence": sequence, "data": {"number": number, "status": status}}


@pytest.mark.parametrize(
    "number", ["F-2026-1", "TESTPAYEE", "TEST-PAYEES", "LATEST-PAYEE", "PAYEE"]
)
def test_an_ordinary_number_is_left_alone(number: str) -> None:
    assert act_on(event(number)) is None


def test_each_word_begins_its_story_and_one_is_forgotten() -> None:
    begun = {word: act_on(event(f"2026 TEST-{word}-1")) for word in STORIES}
    assert {word: act and act[0] for word, act in begun.items()} == {
        "PAYEE": "service_done",
        "SUSPENDUE": "suspend",
        "REJETEE": "reject",
        "RECYCLEE": "misroute",
        "OUBLIEE": None,
    }


def test_an_invoice_that_comes_back_from_its_seller_is_paid() -> None:
    again = act_on(event("TEST-RECYCLEE", sequence=7))
    assert again is not None
    assert again[0] == "service_done"


def test_every_act_is_a_move_of_the_buyer_with_its_evidence_and_a_known_reason() -> None:
    for story in STORIES.values():
        for status, (action, evidence) in story.items():
            (move,) = {
                (row.action, row.evidence)
                for row in MOVES
                if row.action == action
                and row.by == "buyer"
                and InvoiceStatus[status] in row.sources
            }
            assert set(move[1]) <= set(evidence)
            if code := evidence.get("reason_code"):
                assert code in {reason.code for reason in REASONS}


def test_all_invoices_meet_a_story_when_all_are_played_and_always_the_same() -> None:
    stories = [story_of(f"F-{n}", every=True) for n in range(200)]
    assert stories == [story_of(f"F-{n}", every=True) for n in range(200)]
    assert {len(story or ()) for story in stories} == {
        len(STORIES[w]) for w in ("PAYEE", "REJETEE")
    }
