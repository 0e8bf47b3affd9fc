"""Facts that mails tell, made so that a test may spoil every word that comes from outside."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from services.notifications.domain import letters, members
from services.notifications.domain.bounces import bounced
from services.notifications.domain.gathering import Line, gathered
from services.notifications.domain.notices import (
    Notice,
)
from services.notifications.domain.outages import switched_off, unfetched, unheard
from shared.contracts.accounts import (
    AddressChangeRequested,
    RecoveryRequested,
    SecurityChanged,
    SecurityEvent,
)
from shared.contracts.drafts import DraftExpiring
from shared.contracts.finding import Finding
from shared.contracts.ingest import DepositRefused, RefusedItem
from shared.contracts.machines import KeyExpiring
from shared.contracts.memberships import MembershipChanged
from shared.contracts.message import Depositor
from shared.contracts.notifications import EventsUnfetched, InvoicesUnfetched, WaitingInvoice
from shared.contracts.preferences import AddressBounced, Kind
from shared.contracts.sheets import BankDetailsChanged, StructureReplaced
from shared.contracts.status import InvoiceStatus
from shared.contracts.webhooks import WebhookSwitchedOff
from shared.contracts.workflow import ActionAwaited, StatusChanged, Step
from tests.builders import an_invoice

AT = datetime(2026, 3, 1, 13, 5, tzinfo=UTC)
ORIGIN = "https://chorale.example"
KINDS_SHOWN: tuple[Kind, ...] = ("invoices", "turns")


def a_refusal(*items: RefusedItem, filename: str = "facture.xml") -> DepositRefused:
    return DepositRefused(
        deposit_id="d-1",
        realm="live",
        depositor=Depositor(subject="p-1"),
        filename=filename,
        received_at=AT,
        refused=items,
    )


def an_item(findings: int = 1, text: str = "Le total ne convient pas.") -> RefusedItem:
    found = Finding(code="FAC-SUM-001", label="Total TTC", message=text, hint=text, example=text)
    return RefusedItem(
        number="FA-1",
        seller="Atelier du Canal",
        buyer="Haute-Garonne",
        total_with_vat=Decimal("1234.5"),
        currency="EUR",
        findings=(found,) * findings,
    )


def a_change(
    status: InvoiceStatus, reason: str | None = "Pièce absente", **header: str
) -> StatusChanged:
    step = Step(sequence=4, status=status, at=AT, by="buyer", reason=reason)
    return StatusChanged(
        invoice_id="i-1",
        realm="live",
        seller="live/siret/73282932000074",
        buyer="live/siret/22310001700423",
        header=an_invoice(**header).header(),
        steps=(step,),
    )


def a_recovery(text: str | None) -> letters.Facts:
    asked = RecoveryRequested(
        realm="live", email=text or "c@example.org", link=f"{ORIGIN}/r/k", expires_at=AT, known=True
    )
    return letters.recovery(asked)


def an_address_change(text: str | None) -> letters.Facts:
    asked = AddressChangeRequested(
        account_id="a-1",
        realm="live",
        email="c@example.org",
        end="old",
        old_email=text or "c@example.org",
        new_email=text or "d@example.org",
        link=f"{ORIGIN}/r/k",
        expires_at=AT,
    )
    return letters.address_change(asked)


def a_security_change(text: str | None, what: SecurityEvent = "new_device") -> letters.Facts:
    changed = SecurityChanged(
        account_id="a-1",
        realm="live",
        email="c@example.org",
        what=what,
        at=AT,
        source="203.0.113.9",
        device=text or "Firefox",
    )
    return letters.security(changed, ORIGIN)


def a_wait(notice: Notice, text: str | None = None) -> ActionAwaited:
    assert notice.status
    return ActionAwaited(
        invoice_id="i-1",
        realm="live",
        seller="live/siret/73282932000074",
        buyer="live/siret/22310001700423",
        structure="live/siret/40483304800022",
        role="validator",
        action="validate",
        header=an_invoice(number=text or "FA-7").header(),
        status=notice.status,
        sequence=1,
        since=AT,
        days=7 if notice.case == "reminder" else 0,
        until=AT + timedelta(days=15),
    )


def a_membership(notice: Notice, text: str | None) -> letters.Facts:
    changed = MembershipChanged.model_validate(
        {
            "membership_id": "m-1",
            "realm": "live",
            "structure": "live/siret/73282932000074",
            "structure_name": text or "Atelier",
            "event": notice.case,
            "role": "user",
            "at": AT,
            "member_email": "camille@example.org",
            "member_name": text or "Camille Petit",
            "managers": ("dominique@example.org",),
            "by": "dominique@example.org",
            "reason": text or "Inconnu de nos services",
            "version": 2,
        }
    )
    return members.membership(changed, ORIGIN)


def a_bank_change(text: str | None) -> letters.Facts:
    changed = BankDetailsChanged(
        realm="live",
        structure="live/siret/73282932000074",
        name=text or "Atelier",
        added=(text or "FR76 •••• 0189",),
        by="camille@example.org",
        at=AT,
        version=2,
    )
    return members.bank(changed, ORIGIN)


def another_identifier(text: str | None) -> letters.Facts:
    changed = StructureReplaced(
        realm="live",
        old="live/pending/atelier",
        new="live/siret/73282932000074",
        name=text or "Atelier",
        by="camille@example.org",
        at=AT,
    )
    return members.identifier(changed, ORIGIN)


def an_ending_key(text: str | None) -> letters.Facts:
    ending = KeyExpiring(
        client_id="c-1",
        key_id="9f86d081884c",
        realm="live",
        structure="live/siret/73282932000074",
        structure_name=text or "Atelier",
        form="technical_account",
        name=text or "TECH_1_004213370815@cpro.fr",
        days=30,
        expires_at=AT,
    )
    return members.key(ending, ORIGIN)


def a_draft(text: str | None) -> letters.Facts:
    expiring = DraftExpiring(
        draft_id="b-1",
        realm="live",
        author=Depositor(subject="p-1"),
        number=text or "FA-7",
        buyer=text or "Haute-Garonne",
        changed_at=AT,
        expires_at=AT,
    )
    return letters.draft(expiring, ORIGIN)


def a_dead_webhook(text: str | None) -> letters.Facts:
    off = WebhookSwitchedOff(
        webhook_id="w-1",
        realm="live",
        structure="live/siret/22310001700423",
        url=text or "https://finances.example.org/chorale",
        cause="failing",
        last_error=text or "HTTP 500",
        failing_since=AT,
        at=AT,
    )
    return switched_off(off, ORIGIN)


def a_digest(text: str | None) -> letters.Facts:
    lines = [
        Line(str(n), kind, text or f"Facture FA-{n} : suspendue", AT)
        for n in range(60)
        for kind in KINDS_SHOWN[: 1 + (n < 3)]
    ]
    return gathered(lines, "digest", ORIGIN)


def a_bounce(text: str | None) -> letters.Facts:
    fact = AddressBounced(
        realm="live",
        structure="live/siret/73282932000074",
        address="ancien@example.org",
        cause=text or "550 5.1.1 nobody of that name here",
        at=AT,
    )
    return bounced(fact, ORIGIN)


def a_full_queue(text: str | None) -> letters.Facts:
    del text  # nothing of it is anybody's word
    late = EventsUnfetched(
        realm="live",
        structure="live/siret/22310001700423",
        queue="events.22310001700423",
        waiting=412,
        since=AT,
        at=AT,
    )
    return unfetched(late, ORIGIN)


def invoices_that_wait(text: str | None) -> letters.Facts:
    late = InvoicesUnfetched(
        realm="live",
        buyer="live/siret/22310001700423",
        seller="live/siret/73282932000074",
        invoices=(WaitingInvoice(number=text or "FA-7", since=AT),),
        since=AT,
        at=AT,
    )
    return unheard(late, ORIGIN)
