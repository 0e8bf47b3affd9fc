"""The mail of every row of NOTICES, made of facts that a test may spoil."""

from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from services.notifications.adapters.letters import Letters
from services.notifications.domain import asking, letters
from services.notifications.domain.mail import Delivery, Letter, Sender, compose
from services.notifications.domain.notices import (
    NOTICES,
    Notice,
)
from shared.contracts.accounts import (
    ActivationRequested,
    AddressChangeRequested,
    RecoveryRequested,
    SecurityChanged,
)
from shared.contracts.drafts import DraftExpiring
from shared.contracts.machines import KeyExpiring
from shared.contracts.memberships import MembershipChanged
from shared.contracts.notifications import DeliveryDue, EventsUnfetched, InvoicesUnfetched
from shared.contracts.preferences import AddressBounced
from shared.contracts.requests import RequestChanged
from shared.contracts.sheets import BankDetailsChanged, StructureReplaced
from shared.contracts.webhooks import WebhookSwitchedOff
from shared.contracts.workflow import ActionAwaited
from tests.unit.mail_facts import (
    AT,
    ORIGIN,
    a_bank_change,
    a_bounce,
    a_change,
    a_dead_webhook,
    a_digest,
    a_draft,
    a_full_queue,
    a_membership,
    a_recovery,
    a_refusal,
    a_security_change,
    a_wait,
    an_address_change,
    an_ending_key,
    an_item,
    another_identifier,
    invoices_that_wait,
)

SENDER = Sender.parse("Chorale <ne-pas-repondre@chorale.example>")
LETTERS = Letters()
NASTY = "x\r\nBcc: evil@example.org\n\n<script>alert(1)</script>\u202e\x00\x1b[2J"


ACCOUNT_FACTS: dict[str, Callable[[str | None], letters.Facts]] = {
    RecoveryRequested.TOPIC: a_recovery,
    AddressChangeRequested.TOPIC: an_address_change,
    SecurityChanged.TOPIC: a_security_change,
    BankDetailsChanged.TOPIC: a_bank_change,
    StructureReplaced.TOPIC: another_identifier,
    KeyExpiring.TOPIC: an_ending_key,
    DraftExpiring.TOPIC: a_draft,
    WebhookSwitchedOff.TOPIC: a_dead_webhook,
    EventsUnfetched.TOPIC: a_full_queue,
    InvoicesUnfetched.TOPIC: invoices_that_wait,
    DeliveryDue.TOPIC: a_digest,
    AddressBounced.TOPIC: a_bounce,
}


def a_request(notice: Notice, text: str | None) -> letters.Facts:
    event, _, side = (notice.case or "").partition(":")
    changed = RequestChanged.model_validate(
        {
            "request_id": "q-1",
            "realm": "live",
            "reference": "S-2603-0B7D11",
            "event": event,
            "by": side,
            "to": "body",
            "title": text or "Date de paiement de la facture",
            "category": "Factures émises — Délai ou date de paiement",
            "invoice_number": text or "FA-7",
            "number": 1,
            "at": AT,
        }
    )
    return asking.request(changed, ORIGIN)


def written(notice: Notice, text: str | None = None) -> Letter:
    """The mail of a row; with `text`, everything that a document may say is that."""
    facts: letters.Facts
    if notice.template in ("activation", "known"):
        asked = ActivationRequested(
            account_id="a-1",
            realm="live",
            email="c@example.org",
            link=f"{ORIGIN}/a/k",
            expires_at=AT,
        )
        facts = letters.activation(asked)
    elif notice.topic in ACCOUNT_FACTS:
        facts = ACCOUNT_FACTS[notice.topic](text)
    elif notice.topic == RequestChanged.TOPIC:
        facts = a_request(notice, text)
    elif notice.topic == MembershipChanged.TOPIC:
        facts = a_membership(notice, text)
    elif notice.template == "anomaly":
        items = (an_item(3, text or "Le total ne convient pas."),)
        facts = letters.anomaly(a_refusal(*items, filename=text or "facture.xml"), ORIGIN)
    elif notice.topic == ActionAwaited.TOPIC:
        facts = letters.awaited(a_wait(notice, text), ORIGIN)
    else:
        assert notice.status
        change = a_change(notice.status, text or "Pièce absente", number=text or "FA-7")
        facts = letters.status(change, change.steps[0], ORIGIN)
    return LETTERS.write(notice, facts)


def a_delivery(letter: Letter, to: str = "camille@example.org") -> Delivery:
    return Delivery("0" * 32, "live", None, "t.v1", "t", letter, to, AT)


def received(delivery: Delivery) -> EmailMessage:
    message = message_from_bytes(compose(delivery, SENDER), policy=default)
    assert isinstance(message, EmailMessage)
    return message


by_template = pytest.mark.parametrize(
    "notice", NOTICES, ids=lambda r: f"{r.template}-{r.status}-{r.audience}-{r.case}"
)
