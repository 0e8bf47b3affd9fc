"""Delays, policies and reasons: the small tables beside the life cycle."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.workflow.domain import acts
from services.workflow.domain.delays import DELAYS, Timer, deadline, fired, timers
from services.workflow.domain.enclosures import LARGEST, MOST, faults, media_type
from services.workflow.domain.lapse import lapse, overdue
from services.workflow.domain.policy import policy
from services.workflow.domain.reasons import DECISIONS, REASONS, decision, reasons, worded
from services.workflow.domain.record import Record
from services.workflow.domain.steps import first
from services.workflow.domain.turn import awaited
from shared.contracts.status import InvoiceStatus as S
from shared.contracts.structures import CorrectionRule, Requirements
from shared.contracts.workflow import Done, Step
from shared.errors import Conflict, Forbidden, Invalid
from tests.builders import a_structure, an_invoice
from tests.unit.test_record import a_record

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ON = date(2026, 3, 2)


def waiting(status: S = S.TO_VALIDATE_1, validators: tuple[str, ...] = ("live/siret/1",)) -> Record:
    header = an_invoice(process="A9").header()
    step = Step(sequence=1, status=status, at=AT, by="platform")
    return replace(a_record(), header=header, validators=validators, steps=(step,))


def test_a_visa_is_reminded_at_day_seven_and_thirteen_and_tacit_at_day_fifteen() -> None:
    record = waiting()
    begun = timers(record.id, record.steps, 1)
    assert [(timer.due - AT).days for timer in begun] == [7, 13, 15]
    assert len({timer.id for timer in begun}) == 3
    assert deadline(record.steps) == AT + 15 * DAY
    told = [lapse(record, timer) for timer in begun]
    assert [[fact.days for fact in lapsed.reminders] for lapsed in told] == [[7], [13], []]
    assert {fact.structure for lapsed in told for fact in lapsed.reminders} == {"live/siret/1"}
    assert [s.status for s in told[2].record.steps[1:]] == [
        *(S.NO_VALIDATION_1, S.DEPOSITED, S.IN_TRANSIT, S.MADE_AVAILABLE)
    ]
    assert {step.at for step in told[2].record.steps[1:]} == {AT + 15 * DAY}
    assert told[2].record.steps[1].by == "platform"


def test_a_tacit_visa_of_the_first_validator_leads_to_the_second() -> None:
    record = waiting(validators=("live/siret/1", "live/siret/2"))
    (timer,) = [t for t in timers(record.id, record.steps, 1) if t.days == 15]
    moved = lapse(record, timer).record
    assert [step.status for step in moved.steps[1:]] == [S.NO_VALIDATION_1, S.TO_VALIDATE_2]
    again = timers(moved.id, moved.steps, 2)
    assert [t.due for t in again] == [AT + days * DAY for days in (22, 28, 30)]


def test_a_simple_invoice_starts_no_delay() -> None:
    record = a_record()
    assert timers(record.id, record.steps, len(record.steps)) == ()


def test_a_delay_whose_invoice_has_moved_on_does_nothing() -> None:
    record = waiting()
    (timer,) = [t for t in timers(record.id, record.steps, 1) if t.days == 15]
    gone = record.stepped((Step(sequence=2, status=S.REFUSED_1, at=AT, by="validator"),))
    assert fired(timer, gone.steps) is None
    assert lapse(gone, timer).record is gone
    assert fired(Timer("x", record.id, 1, 99, AT), record.steps) is None, "a row that is no more"


def test_a_delay_is_over_at_its_second_and_not_before() -> None:
    record = waiting()
    assert overdue(record, AT + 15 * DAY - timedelta(milliseconds=1)) is None
    timer = overdue(record, AT + 15 * DAY)
    assert timer and timer.days == 15


def test_taking_a_piece_does_not_win_time() -> None:
    opened = first(AT, frozenset({"to_project_manager", "by_seller", "recycling", "unpaid"}))
    later = Step(sequence=3, status=S.TAKEN_BY_PROJECT_MANAGER, at=AT + DAY, by="project_manager")
    assert deadline((*opened, later)) == AT + 7 * DAY
    assert timers("i", (*opened, later), 1) == (), "its delays run since it was presented"


def test_an_acknowledgement_that_was_given_is_not_asked_for_again() -> None:
    record = waiting(S.REJECTED)
    (timer,) = timers(record.id, record.steps, 1)
    assert [fact.action for fact in lapse(record, timer).reminders] == ["acknowledge"]
    row = acts.act(record.steps[-1], (), "acknowledge", ["seller"])
    done = Done(
        action="acknowledge",
        chorus_code=row.chorus,
        label=row.label,
        at=AT,
        by="seller",
        sequence=1,
    )
    assert lapse(record.noted(done), timer).reminders == ()
    seen = acts.acknowledgement(record.steps[-1], (done,), AT + 9 * DAY)
    assert seen and seen.given_at == AT and not seen.required
    with pytest.raises(Conflict, match="déjà fait"):
        acts.act(record.steps[-1], (done,), "acknowledge", ["seller"])


def test_a_second_suspension_is_acknowledged_again() -> None:
    first_time, again = (Step(sequence=n, status=S.SUSPENDED, at=AT, by="buyer") for n in (4, 6))
    row = acts.act(first_time, (), "acknowledge", ["seller"])
    done = Done(
        action="acknowledge",
        chorus_code=row.chorus,
        label=row.label,
        at=AT,
        by="seller",
        sequence=4,
    )
    assert acts.act(again, (done,), "acknowledge", ["seller"]) is row
    seen = acts.acknowledgement(again, (done,), AT + 8 * DAY)
    assert seen and seen.given_at is None and seen.required


def test_an_acknowledgement_is_required_after_seven_days_and_by_nobody_else() -> None:
    step = waiting(S.SUSPENDED).steps[-1]
    for at, required in ((AT + 7 * DAY - timedelta(seconds=1), False), (AT + 7 * DAY, True)):
        seen = acts.acknowledgement(step, (), at)
        assert seen and (seen.required, seen.chorus_code) == (required, "ACQUITTEMENT_SUSPENSION")
    with pytest.raises(Forbidden):
        acts.act(step, (), "acknowledge", ["buyer"])
    with pytest.raises(Conflict, match="Suspendue"):
        acts.act(step, (), "deal_with_rejection", ["seller"])


def test_whose_turn_it_is_is_said_with_the_minute() -> None:
    turn = awaited(waiting(), AT + 3 * DAY)
    assert turn and (turn.role, turn.structure) == ("validator", "live/siret/1")
    assert (turn.since, turn.until) == (AT, AT + 15 * DAY)
    assert turn.text == (
        "C'est au valideur d'agir depuis 3 jours : valider ; "
        "validation tacite le 17/03/2026 à 10 h 00."
    )
    assert awaited(a_record(), AT) is None


def test_every_delay_names_its_source_and_a_row_of_the_life_cycle() -> None:
    assert all(row.source and row.days > 0 and row.statuses for row in DELAYS)


def test_the_policy_of_a_body_goes_before_that_of_the_instance_each_from_its_day() -> None:
    own = a_structure(
        requirements=Requirements(
            corrections=(
                CorrectionRule(policy="reissue", since=date(2026, 2, 1)),
                CorrectionRule(policy="recycling", since=date(2026, 4, 1)),
            )
        )
    )
    instance = (CorrectionRule(policy="reissue", since=date(2026, 9, 1)),)
    assert policy(ON, (), None) == "recycling"
    assert policy(ON, instance, None) == "recycling"
    assert policy(date(2026, 9, 1), instance, None) == "reissue"
    assert policy(date(2026, 1, 31), instance, own) == "recycling"
    assert policy(ON, (), own) == "reissue"
    assert policy(date(2026, 9, 1), instance, own) == "recycling"
    assert policy(ON, (CorrectionRule(policy="reissue"),), a_structure()) == "reissue"


def test_every_decision_has_reasons_and_every_code_one_row() -> None:
    assert len({row.code for row in REASONS}) == len(REASONS)
    for kind in DECISIONS:
        assert [row for row in REASONS if kind in row.decisions]
    assert decision("refuse", "validator") == "refuse_visa"
    assert decision("refuse", "project_owner") == "refuse_piece"
    assert decision("pay", "buyer") is None


def test_a_code_speaks_for_itself_unless_it_says_nothing() -> None:
    label = "Justificatif absent ou insuffisant"
    assert worded("suspend", "buyer", "JUSTIF_ABS", None, ON) == label
    assert worded("suspend", "buyer", "JUSTIF_ABS", " Bon de livraison ", ON) == "Bon de livraison"
    assert worded("suspend", "buyer", "AUTRE", " ", ON) is None
    assert worded("reject", "buyer", None, None, ON) is None


@pytest.mark.parametrize(
    ("action", "code"), [("suspend", "MARCHE_TERM"), ("suspend", "NADA"), ("post", "AUTRE")]
)
def test_a_code_that_does_not_fit_is_refused_with_those_that_do(action: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        worded(action, "buyer", code, "x", ON)
    assert refused.value.code == "unknown-reason"
    assert ("JUSTIF_ABS" in (refused.value.errors[0].hint or "")) == (action == "suspend")


def test_since_2025_a_wrong_amount_is_no_reason_to_refuse_a_works_piece() -> None:
    def codes(on: date) -> set[str]:
        return {row.code for row in reasons("refuse", "project_manager", on)}

    assert codes(date(2025, 2, 18)) - codes(date(2025, 2, 19)) == {"MONTANT_ERR"}
    assert "MONTANT_ERR" in {row.code for row in reasons("refuse", "validator", ON)}


def test_a_file_that_completes_an_invoice_is_checked_and_every_fault_told() -> None:
    assert faults("bon-de-livraison.pdf", 1000, 0) == []
    assert len(faults("x" * 60 + ".exe", 0, MOST)) == 4
    assert len(faults("a.PDF", LARGEST + 1, 0)) == 1
    assert len(faults("sans-extension", 1, 0)) == 1
    assert (media_type("a.PDF"), media_type("a.p7s")) == (
        "application/pdf",
        "application/octet-stream",
    )
