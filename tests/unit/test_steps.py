"""The steps of a life, and the frames that begin it."""

import pytest

from services.workflow.domain import steps as life
from services.workflow.domain.frames import FRAMES, frame_of, may_follow
from services.workflow.domain.lifecycle import (
    Circuit,
)
from services.workflow.domain.steps import Said, after, first
from shared.contracts.status import InvoiceStatus as S
from tests.unit.test_lifecycle import AT, MANAGED, ONCE, SIMPLE, TWICE, row_of


def statuses(circuit: Circuit) -> list[S]:
    return [step.status for step in first(AT, circuit)]


def test_a_new_invoice_goes_by_itself_to_whom_its_circuit_says() -> None:
    assert [(s.sequence, s.status, s.previous, s.by) for s in first(AT, SIMPLE)] == [
        (1, S.DEPOSITED, None, "platform"),
        (2, S.IN_TRANSIT, S.DEPOSITED, "platform"),
        (3, S.MADE_AVAILABLE, S.IN_TRANSIT, "platform"),
    ]
    assert statuses(ONCE) == [S.TO_VALIDATE_1]
    assert statuses(MANAGED) == [S.DEPOSITED, S.TO_LINK_BY_PROJECT_MANAGER]


def test_a_visa_leads_to_the_second_validator_or_to_the_buyer() -> None:
    last = first(AT, ONCE)[-1]
    for circuit, ending in (
        (ONCE, [S.VALIDATED_1, S.DEPOSITED, S.IN_TRANSIT, S.MADE_AVAILABLE]),
        (TWICE, [S.VALIDATED_1, S.TO_VALIDATE_2]),
    ):
        row = row_of("validate", last.status, circuit)
        steps = after(last, row, circuit, at=AT, said=Said(actor="v"))
        assert [s.status for s in steps] == ending
        assert [s.sequence for s in steps] == list(range(2, 2 + len(ending)))


def test_a_corrected_invoice_goes_through_the_circuit_again_without_a_hole() -> None:
    last = first(AT, SIMPLE)[-1]
    row = row_of("misroute", last.status)
    said = Said(actor="b", reason="Mauvais service")
    (back,) = after(last, row, SIMPLE, at=AT, said=said)
    again = after(back, row_of("reroute", back.status), SIMPLE, at=AT, said=Said(actor="s"))
    assert [(s.sequence, s.status, s.previous, s.by, s.actor) for s in (back, *again)] == [
        (4, S.MISROUTED, S.MADE_AVAILABLE, "buyer", "b"),
        (5, S.DEPOSITED, S.MISROUTED, "seller", "s"),
        (6, S.IN_TRANSIT, S.DEPOSITED, "platform", None),
        (7, S.MADE_AVAILABLE, S.IN_TRANSIT, "platform", None),
    ]


def test_a_stay_begins_with_the_step_that_led_into_it() -> None:
    opened = first(AT, MANAGED)
    row = row_of("take", S.TO_LINK_BY_PROJECT_MANAGER, MANAGED)
    steps = (*opened, *after(opened[-1], row, MANAGED, at=AT, said=Said()))
    both = (S.TO_LINK_BY_PROJECT_MANAGER, S.TAKEN_BY_PROJECT_MANAGER)
    came = life.arrived(steps, both)
    assert came and came.sequence == 2
    assert life.arrived(steps, (S.DEPOSITED,)) is None


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("A9", "A9"),
        (" a12_facture_cotraitant ", "A12"),
        ("A4_PROJET_DECOMPTE_MENSUEL_FOURNISSEUR", "A4"),
        (None, "A1"),
        ("", "A1"),
        ("A99", "A1"),
        ("S1", "A1"),
        ("urn:fdc:peppol.eu:2017:poacc:billing:01:1.0", "A1"),
    ],
)
def test_a_frame_is_known_by_its_code_or_its_long_name(written: str | None, code: str) -> None:
    assert frame_of(written).code == code


def test_the_frames_are_complete_and_follow_only_frames_that_lead_to_their_depositor() -> None:
    assert [frame.code for frame in FRAMES] == [f"A{n}" for n in range(1, 26)]
    by_code = {frame.code: frame for frame in FRAMES}
    for frame in FRAMES:
        assert frame.works or not frame.follows
        for code in frame.follows:
            assert may_follow(frame, by_code[code])
            tacit = frame.code in ("A22", "A23", "A24", "A25")
            assert tacit or by_code[code].to == frame.by, f"{frame.code} answers {code}"
