"""The payment clock, told from a history alone."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from services.workflow.domain.payment import payment
from shared.contracts.status import InvoiceStatus as S
from shared.contracts.workflow import Step

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ARRIVAL = (S.DEPOSITED, S.IN_TRANSIT, S.MADE_AVAILABLE)


def after(days: float) -> datetime:
    return START + timedelta(days=days)


def history(*later: tuple[float, S], first: Sequence[S] = ARRIVAL) -> tuple[Step, ...]:
    """The first steps at once, then each on its day."""
    steps: list[Step] = []
    for at, status in [*((0.0, status) for status in first), *later]:
        steps.append(
            Step(
                sequence=len(steps) + 1,
                status=status,
                previous=steps[-1].status if steps else None,
                at=after(at),
                by="buyer",
            )
        )
    return tuple(steps)


def test_it_starts_when_the_buyer_has_the_invoice() -> None:
    clock = payment(history(), after(10))
    assert (clock.state, clock.elapsed_days, clock.paused_days) == ("running", 10, 0)
    assert clock.started_at == START and clock.expected_by == date(2026, 4, 1)
    assert clock.sentences == (
        "Le délai court depuis le 02/03/2026 : mise à disposition du destinataire.",
        "Le délai est de 30 jours : paiement attendu au plus tard le 01/04/2026.",
        "Ce décompte est indicatif.",
    )


def test_before_that_it_does_not_run() -> None:
    clock = payment(history(first=(S.TO_VALIDATE_1,)), after(3))
    assert (clock.state, clock.started_at, clock.expected_by) == ("not_started", None, None)
    assert "mise à disposition" in clock.sentences[0]


def test_a_suspension_stops_it_visibly_and_the_completion_moves_the_end() -> None:
    steps = history((10, S.SUSPENDED), (15, S.COMPLETED))
    paused = payment(steps, after(13))
    assert (paused.state, paused.elapsed_days, paused.paused_days) == ("paused", 10, 3)
    assert paused.expected_by is None
    assert "Il en restera 20 jours quand la facture sera complétée." in paused.sentences
    running = payment(steps, after(20))
    assert (running.state, running.elapsed_days, running.paused_days) == ("running", 15, 5)
    assert running.expected_by == date(2026, 4, 6)
    assert (
        "Il a été arrêté du 12/03/2026 au 17/03/2026 (5 jours) : suspension." in running.sentences
    )


def test_any_later_step_of_the_buyer_ends_a_suspension() -> None:
    for status in (S.MADE_AVAILABLE, S.SERVICE_DONE, S.PAYMENT_ORDERED):
        clock = payment(history((10, S.SUSPENDED), (12, status)), after(14))
        assert (clock.state, clock.elapsed_days, clock.paused_days) == ("running", 12, 2)


def test_the_payment_stops_it_and_late_news_do_not_start_it_again() -> None:
    steps = history((20, S.PAYMENT_SENT), (25, S.PAYMENT_ORDERED), (26, S.POSTED))
    clock = payment(steps, after(40))
    assert (clock.state, clock.elapsed_days, clock.expected_by) == ("stopped", 20, None)
    assert "Il a pris fin le 22/03/2026 : mise en paiement." in clock.sentences


def test_a_refusal_stops_it_and_erases_nothing() -> None:
    clock = payment(history((4, S.SUSPENDED), (6, S.REJECTED)), after(9))
    assert (clock.state, clock.elapsed_days, clock.paused_days) == ("stopped", 4, 2)
    assert len(clock.sentences) == 4


def test_a_wrong_address_resets_it_and_the_next_buyer_starts_it() -> None:
    steps = history((5, S.MISROUTED), (8, S.DEPOSITED), (8, S.IN_TRANSIT), (8, S.MADE_AVAILABLE))
    between = payment(steps, after(6))
    assert (between.state, between.elapsed_days) == ("not_started", 0)
    assert "à recycler" in between.sentences[0]
    again = payment(steps, after(10))
    assert (again.state, again.started_at, again.elapsed_days) == ("running", after(8), 2)


def test_works_run_from_the_reception_by_the_project_manager_through_the_whole_file() -> None:
    first = history(first=(S.DEPOSITED, S.TO_LINK_BY_PROJECT_MANAGER))
    clock = payment(first, after(2))
    assert (clock.state, clock.started_at, clock.elapsed_days) == ("running", START, 2)
    last = history((9, S.DEPOSITED), (9, S.IN_TRANSIT), (9, S.MADE_AVAILABLE), first=())
    clock = payment(last, after(12), works_since=START)
    assert (clock.started_at, clock.elapsed_days) == (START, 12)
    assert "réception par la maîtrise d'œuvre" in clock.sentences[0]


def test_a_piece_that_is_answered_counts_no_more() -> None:
    steps = history((6, S.LINKED), first=(S.DEPOSITED, S.TO_LINK_BY_PROJECT_MANAGER))
    assert (payment(steps, after(20)).state, payment(steps, after(20)).elapsed_days) == (
        "stopped",
        6,
    )
    signed = history((6, S.LINKED), first=(S.DEPOSITED, S.TO_LINK_BY_SELLER))
    assert payment(signed, after(20)).state == "not_started"


def test_a_body_may_have_its_own_delay_and_lateness_is_said() -> None:
    clock = payment(history(), after(52), delay_days=50)
    assert (clock.delay_days, clock.expected_by) == (50, date(2026, 4, 21))
    assert "Il est dépassé de 2 jours." in clock.sentences


def test_what_happens_later_is_not_known_yet() -> None:
    steps = history((10, S.SUSPENDED), (20, S.PAYMENT_SENT))
    assert payment(steps, after(5)).state == "running"
    assert payment(steps, after(-1)).state == "not_started"
