"""Lives led at random, in every circuit and with delays, and what always holds of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from services.workflow.domain import acts, payment
from services.workflow.domain import steps as life
from services.workflow.domain.delays import DELAYS, Timer, fired, timers
from services.workflow.domain.frames import FRAMES
from services.workflow.domain.lapse import lapse, overdue
from services.workflow.domain.lifecycle import (
    ACTIONS,
    MOVES,
    OPENINGS,
    PEOPLE,
    Circuit,
    allowed,
    move,
)
from services.workflow.domain.parties import Parties, identity
from services.workflow.domain.record import Record
from shared.contracts.status import InvoiceStatus as S
from shared.contracts.structures import CorrectionPolicy
from shared.contracts.workflow import Done, Role
from shared.errors import Conflict, Forbidden, Invalid
from tests.builders import an_invoice, an_invoice_read

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
ROLES: tuple[Role, ...] = tuple(role for role in PEOPLE if role != "platform")
DAY = timedelta(days=1)
PATHS = {(source, row.to): row for row in MOVES for source in row.sources}


class Life(RuleBasedStateMachine):
    """One invoice, its timers, and a clock that only goes on."""

    record: Record
    at: datetime
    policy: CorrectionPolicy
    running: dict[str, Timer]
    seen: set[str]

    @initialize(
        frame=st.sampled_from(FRAMES),
        validators=st.integers(0, 2),
        managed=st.booleans(),
        policy=st.sampled_from(["recycling", "reissue"]),
    )
    def open(self, frame: object, validators: int, managed: bool, policy: CorrectionPolicy) -> None:
        read = an_invoice_read(header=an_invoice(process=getattr(frame, "code", "A1")).header())
        parties = Parties("live", identity(read.header.seller), identity(read.header.buyer))
        bare = replace(
            Record.opened(read, parties, START),
            steps=(),
            validators=("live/siret/1", "live/siret/2")[:validators],
            project_manager="live/siret/3" if managed else None,
        )
        self.at, self.policy, self.running, self.seen = START, policy, {}, set()
        self.record = replace(bare, steps=life.first(START, bare.circuit()))
        self._wind(len(self.record.steps))

    def _wind(self, new: int) -> None:
        """The timers that begin with the last steps."""
        for timer in timers(self.record.id, self.record.steps, new):
            assert timer.id not in self.running and timer.id not in self.seen
            self.running[timer.id] = timer

    @property
    def circuit(self) -> Circuit:
        return self.record.circuit(self.policy)

    @rule(action=st.sampled_from(ACTIONS), role=st.sampled_from(ROLES))
    def try_to_act(self, action: str, role: Role) -> None:
        """Whatever the table has no row for is refused and changes nothing."""
        status = self.record.status
        rows = [row for row in allowed(status, role, self.circuit) if row.action == action]
        try:
            row = move(status, action, [role], self.circuit)
        except (Conflict, Forbidden, Invalid):
            assert rows == []
            return
        assert rows == [row]
        self._take(row.action, role)

    @rule(choice=st.integers(0, 50))
    def act(self, choice: int) -> None:
        """One of the moves that somebody may make now."""
        rows = [row for role in ROLES for row in allowed(self.record.status, role, self.circuit)]
        if rows:
            row = rows[choice % len(rows)]
            self._take(row.action, row.by)

    def _take(self, action: str, role: Role) -> None:
        row = move(self.record.status, action, [role], self.circuit)
        said = life.Said(actor=role, reason="x")
        made = life.after(self.record.steps[-1], row, self.circuit, at=self.at, said=said)
        self.record = self.record.stepped(made)
        self._wind(len(made))

    @rule(action=st.sampled_from(acts.ACTIONS), role=st.sampled_from(ROLES))
    def record_an_act(self, action: str, role: Role) -> None:
        """What changes no status is recorded once a stay, by the seller."""
        last, before = self.record.steps[-1], self.record.done
        try:
            row = acts.act(last, before, action, [role])
        except (Conflict, Forbidden):
            return
        assert role == "seller" and last.status in row.statuses
        done = Done(
            action=action,
            chorus_code=row.chorus,
            label=row.label,
            at=self.at,
            by=role,
            sequence=last.sequence,
        )
        self.record = self.record.noted(done)
        assert row not in acts.open_acts(last, self.record.done, role)

    @rule(hours=st.integers(0, 24 * 16))
    def time_passes(self, hours: int) -> None:
        """Delays end in their order, each once, each at its own time."""
        self.at += timedelta(hours=hours)
        while due := [timer for timer in self.running.values() if timer.due <= self.at]:
            timer = min(due, key=lambda timer: timer.due)
            del self.running[timer.id]
            self.seen.add(timer.id)
            was = self.record
            self.record = lapse(was, timer).record
            if new := len(self.record.steps) - len(was.steps):
                assert self.record.steps[-new].at == timer.due
                self._wind(new)

    @invariant()
    def the_sequence_has_no_hole(self) -> None:
        steps = self.record.steps
        assert [step.sequence for step in steps] == list(range(1, len(steps) + 1))
        assert all(b.previous is a.status for a, b in zip(steps, steps[1:], strict=False))
        assert all(a.at <= b.at for a, b in zip(steps, steps[1:], strict=False))

    @invariant()
    def every_step_is_a_row_of_the_table(self) -> None:
        steps = self.record.steps
        assert steps[0].status in {status for _, status in OPENINGS}
        for before, after in zip(steps, steps[1:], strict=False):
            rows = [r for r in MOVES if before.status in r.sources and r.to is after.status]
            assert any(r.by == after.by and r.fits(self.circuit | {"unpaid"}) for r in rows)

    @invariant()
    def nothing_that_must_have_ended_is_left(self) -> None:
        assert overdue(self.record, self.at) is None
        for row in DELAYS:
            came = life.arrived(self.record.steps, row.statuses)
            if came and row.effect == "act":
                assert self.at < came.at + row.days * DAY

    @invariant()
    def a_delay_of_the_present_stay_runs_or_has_ended(self) -> None:
        for timer in timers(self.record.id, self.record.steps, len(self.record.steps)):
            assert fired(timer, self.record.steps)
            assert (timer.id in self.running) != (timer.id in self.seen)

    @invariant()
    def the_clock_adds_up(self) -> None:
        clock = payment.payment(self.record.steps, self.at)
        assert clock.elapsed_days >= 0 and clock.paused_days >= 0 and clock.sentences
        if clock.started_at is None:
            assert (clock.state, clock.elapsed_days) == ("not_started", 0)
            return
        whole = (self.at - clock.started_at).days
        assert 0 <= clock.elapsed_days + clock.paused_days <= whole
        if clock.state == "running":
            assert whole - clock.elapsed_days - clock.paused_days <= 1
            assert clock.expected_by is not None
        assert (clock.state == "paused") == (self.record.status is S.SUSPENDED)

    @invariant()
    def an_acknowledgement_is_demanded_only_after_seven_days(self) -> None:
        last = self.record.steps[-1]
        seen = acts.acknowledgement(last, self.record.done, self.at)
        if seen and seen.required:
            assert self.at - last.at >= 7 * DAY and seen.given_at is None

    @precondition(lambda self: self.record.status in (S.REJECTED, S.REFUSED_1, S.REFUSED_2))
    @invariant()
    def a_refusal_is_final(self) -> None:
        assert not any(allowed(self.record.status, role, self.circuit) for role in ROLES)


TestLives = Life.TestCase
TestLives.settings = settings(
    max_examples=300,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
