"""The payment clock: how far the legal delay is, told from the history alone, and why.

It starts when the buyer has the invoice; for works when the project manager received the first
piece of the billing file. It stands while the invoice is suspended, starts anew when the invoice
comes back to a buyer after a wrong address, and stops when the money is sent or the invoice is
refused. It is indicative: the law knows more cases than a history tells.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.workflow.domain.lifecycle import HELD, REFUSED
from shared.contracts.status import InvoiceStatus as S
from shared.contracts.workflow import ClockState, PaymentClock, Step

DELAY_DAYS = 30
"""The usual legal delay of public bodies; a body may have its own in the directory."""
PARIS = ZoneInfo("Europe/Paris")
RECEIVED = (S.TO_LINK_BY_PROJECT_MANAGER, S.TO_LINK_BY_PROJECT_OWNER)
"""The statuses whose first step starts the clock of a billing file."""


@dataclass
class _Reading:
    """What was found so far, reading a history from its beginning."""

    started: datetime | None = None
    paused: datetime | None = None
    stopped: datetime | None = None
    lost: timedelta = timedelta(0)
    sentences: list[str] = field(default_factory=list)

    def start(self, at: datetime, why: str) -> None:
        """Run from here, whatever was before."""
        self.started, self.paused, self.stopped, self.lost = at, None, None, timedelta(0)
        self.sentences = [f"Le délai court depuis le {day(at)} : {why}."]

    def pause(self, at: datetime) -> None:
        """Stand from here."""
        self.paused = at
        self.sentences.append(f"Il est arrêté depuis la suspension du {day(at)}.")

    def resume(self, at: datetime) -> None:
        """Run again, if it stood."""
        if self.paused is not None:
            stood = max(at - self.paused, timedelta(0))
            self.lost += stood
            since, self.paused = self.paused, None
            self.sentences[-1] = (
                f"Il a été arrêté du {day(since)} au {day(at)} ({days(stood.days)}) : suspension."
            )

    def stop(self, at: datetime, why: str) -> None:
        """Run no more."""
        self.resume(at)
        self.stopped = at
        self.sentences.append(f"Il a pris fin le {day(at)} : {why}.")

    def reset(self, at: datetime, why: str) -> None:
        """Forget it until it starts anew."""
        self.started = self.paused = self.stopped = None
        self.lost = timedelta(0)
        self.sentences = [f"Le délai ne court plus depuis le {day(at)} : {why}."]


def day(at: datetime) -> str:
    """A day as it is written in Paris."""
    return f"{at.astimezone(PARIS):%d/%m/%Y}"


def days(count: int) -> str:
    """So many days."""
    return f"{count} jour" if count < 2 else f"{count} jours"


def payment(
    steps: Sequence[Step],
    at: datetime,
    *,
    delay_days: int = DELAY_DAYS,
    works_since: datetime | None = None,
) -> PaymentClock:
    """Where the clock stands at a time; `works_since` is when its billing file was received."""
    found = _Reading()
    for step in steps:
        if step.at > at:
            break
        _read(step, found, works_since)
    return _told(found, at, delay_days)


def _read(step: Step, found: _Reading, works_since: datetime | None) -> None:
    """What a step does to the clock."""
    status = step.status
    if status in RECEIVED and found.started is None:
        found.start(works_since or step.at, "réception de la demande de paiement de travaux")
    elif status is S.MADE_AVAILABLE and step.previous is S.IN_TRANSIT:
        if works_since:
            found.start(works_since, "réception par la maîtrise d'œuvre")
        else:
            found.start(step.at, "mise à disposition du destinataire")
    elif status is S.MISROUTED:
        found.reset(step.at, "la facture est à recycler")
    elif found.started is None or found.stopped is not None:
        return
    elif status in (S.LINKED, S.REPLACED):
        found.stop(step.at, "la pièce suivante du dossier de facturation a pris la suite")
    elif status is S.SUSPENDED:
        found.pause(step.at)
    elif status is S.PAYMENT_SENT:
        found.stop(step.at, "mise en paiement")
    elif status in REFUSED:
        found.stop(step.at, "la facture a été refusée")
    elif status in HELD:
        found.resume(step.at)


def _told(found: _Reading, at: datetime, delay_days: int) -> PaymentClock:
    if found.started is None:
        none = "Le délai de paiement court à partir de la mise à disposition du destinataire."
        return PaymentClock(
            state="not_started",
            delay_days=delay_days,
            sentences=tuple(found.sentences) or (none,),
        )
    lost = found.lost + (max(at - found.paused, timedelta(0)) if found.paused else timedelta(0))
    ended = found.stopped or at
    elapsed = max(ended - found.started - lost, timedelta(0))
    state: ClockState = "stopped" if found.stopped else "paused" if found.paused else "running"
    due = (found.started + timedelta(days=delay_days) + lost).astimezone(PARIS).date()
    sentences = list(found.sentences)
    if state == "running":
        sentences.append(
            f"Le délai est de {days(delay_days)} : paiement attendu au plus tard le {due:%d/%m/%Y}."
        )
        if elapsed > timedelta(days=delay_days):
            late = (elapsed - timedelta(days=delay_days)).days
            sentences.append(f"Il est dépassé de {days(max(late, 1))}.")
    elif state == "paused":
        left = max(timedelta(days=delay_days) - elapsed, timedelta(0))
        sentences.append(f"Il en restera {days(left.days)} quand la facture sera complétée.")
    sentences.append("Ce décompte est indicatif.")
    return PaymentClock(
        state=state,
        delay_days=delay_days,
        started_at=found.started,
        elapsed_days=elapsed.days,
        paused_days=lost.days,
        expected_by=due if state == "running" else None,
        sentences=tuple(sentences),
    )
