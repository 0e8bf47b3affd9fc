"""Who is told what, in which words, and that no document can write a header."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from html.parser import HTMLParser
from typing import get_args

import pytest

from services.notifications.adapters.letters import Letters
from services.notifications.domain import letters, members
from services.notifications.domain.mail import Delivery, Letter, Sender, compose
from services.notifications.domain.notices import (
    AUDIENCES,
    NOTICES,
    RETRIES,
    Notice,
    delivery_id,
    next_try,
    notices,
)
from services.notifications.domain.outages import switched_off
from services.notifications.domain.words import address, amount, clean, day, moment
from shared.contracts.accounts import (
    ActivationRequested,
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
from shared.contracts.sheets import BankDetailsChanged, StructureReplaced
from shared.contracts.status import InvoiceStatus
from shared.contracts.webhooks import WebhookSwitchedOff
from shared.contracts.workflow import ActionAwaited, StatusChanged, Step
from tests.builders import an_invoice

AT = datetime(2026, 3, 1, 13, 5, tzinfo=UTC)
SENDER = Sender.parse("Chorale <ne-pas-repondre@chorale.example>")
ORIGIN = "https://chorale.example"
LETTERS = Letters()
NASTY = "x\r\nBcc: evil@example.org\n\n<script>alert(1)</script>\u202e\x00\x1b[2J"


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


ACCOUNT_FACTS: dict[str, Callable[[str | None], letters.Facts]] = {
    RecoveryRequested.TOPIC: a_recovery,
    AddressChangeRequested.TOPIC: an_address_change,
    SecurityChanged.TOPIC: a_security_change,
    BankDetailsChanged.TOPIC: a_bank_change,
    StructureReplaced.TOPIC: another_identifier,
    KeyExpiring.TOPIC: an_ending_key,
    DraftExpiring.TOPIC: a_draft,
    WebhookSwitchedOff.TOPIC: a_dead_webhook,
}


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


def row_id(row: Notice) -> str:
    return "-".join(part for part in (row.template, row.status, row.audience, row.case) if part)


by_template = pytest.mark.parametrize("notice", NOTICES, ids=row_id)


def test_every_status_that_asks_something_or_ends_an_invoice_is_told() -> None:
    told = {status for status in InvoiceStatus if notices(StatusChanged, status)}
    refused = {status for status in InvoiceStatus if status.startswith("REFUSED_")}
    assert told == {
        *(InvoiceStatus.MISROUTED, InvoiceStatus.SUSPENDED, InvoiceStatus.REJECTED),
        *(refused - {InvoiceStatus.REFUSED_BY_SELLER}),
        *(InvoiceStatus.VALIDATOR_ERROR, InvoiceStatus.VALIDATOR_ERROR_2),
        *(InvoiceStatus.NO_VALIDATION_1, InvoiceStatus.NO_VALIDATION_2),
        InvoiceStatus.SELLER_ERROR_ON_PROJECT_MANAGER,
        InvoiceStatus.SELLER_ERROR_ON_PROJECT_OWNER,
    }


def test_a_tacit_validation_is_told_to_seller_and_validators() -> None:
    for status in (InvoiceStatus.NO_VALIDATION_1, InvoiceStatus.NO_VALIDATION_2):
        audiences = [row.audience for row in notices(StatusChanged, status)]
        assert audiences == ["seller", "validators"]


def test_a_validator_reads_when_the_visa_becomes_tacit() -> None:
    (row,) = notices(ActionAwaited, InvoiceStatus.TO_VALIDATE_1, "reminder")
    letter = written(row)
    assert letter.subject == "Rappel : facture FA-7 à valider avant le 16 mars 2026"
    assert "Sans réponse avant le 16\xa0mars 2026 à 14\xa0h\xa005" in letter.text
    assert "soit 7 jours" in letter.text


def test_a_refused_deposit_goes_to_the_depositor_and_an_activation_to_the_account() -> None:
    assert [row.audience for row in notices(DepositRefused)] == ["depositor"]
    assert [(row.audience, row.secret) for row in notices(ActivationRequested)] == [
        ("account", True),
        ("account", False),
    ]
    assert {row.audience for row in NOTICES} == set(AUDIENCES)


def test_every_event_of_an_account_has_its_words_and_a_way_to_act() -> None:
    assert set(letters.SECURITY) == set(get_args(SecurityEvent))
    (notice,) = notices(SecurityChanged)
    for what in get_args(SecurityEvent):
        letter = LETTERS.write(notice, a_security_change(None, what))
        assert letter.subject == letters.SECURITY[what][0]
        assert letters.SECURITY[what][1] in letter.text and "203.0.113.9" in letter.text
    for case in ("old", "new", "taken"):
        (row,) = notices(AddressChangeRequested, case=case)
        assert row.secret is (case != "taken"), "what opens a door is not kept"
    assert [row.secret for row in notices(RecoveryRequested, case="known")] == [True]


def test_a_mail_is_tried_again_with_growing_pauses_for_more_than_a_day_and_then_given_up() -> None:
    tries = [next_try(failures, AT) for failures in range(1, len(RETRIES) + 2)]
    assert tries[0] == AT + timedelta(seconds=5)
    assert tries[-1] is None
    assert list(RETRIES) == sorted(RETRIES)
    assert sum(RETRIES, timedelta()) > timedelta(days=1)


def test_the_same_fact_for_the_same_recipient_is_the_same_delivery() -> None:
    assert delivery_id("m", "anomaly", "", "a@b.fr") == delivery_id("m", "anomaly", "", "a@b.fr")
    others = {delivery_id("m", "anomaly", "", to) for to in ("a@b.fr", "c@b.fr")}
    assert len(others | {delivery_id("n", "anomaly", "", "a@b.fr")}) == 3


@by_template
def test_every_mail_has_text_and_html_in_french_with_one_heading_and_no_image(
    notice: Notice,
) -> None:
    message = received(a_delivery(written(notice)))
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text and html
    page = html.get_content()
    assert 'lang="fr"' in page and page.count("<h1") == 1
    assert "<img" not in page and "url(" not in page
    assert "Bonjour" in text.get_content() and "Bonjour" in page
    assert ORIGIN in text.get_content() and f'href="{ORIGIN}' in page


@by_template
def test_what_a_document_says_adds_no_header_no_recipient_and_no_markup(notice: Notice) -> None:
    raw = compose(a_delivery(written(notice, NASTY)), SENDER)
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    assert message.get_all("Bcc") is None and len(message.get_all("To", [])) == 1
    assert set(message.keys()) == {
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
        *("Content-Language", "MIME-Version", "Content-Type"),
    }
    html = message.get_body(("html",))
    assert html and "<script" not in html.get_content()
    assert not {"\x00", "\x1b", "\u202e"} & set(html.get_content() + str(message["Subject"]))
    assert b"\x1b" not in raw and b"\n\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize("field", ["Subject", "To", "From"])
def test_a_header_that_was_not_cleaned_would_be_refused_by_the_mail_library(field: str) -> None:
    with pytest.raises(ValueError, match="linefeed or carriage return"):
        EmailMessage(policy=SMTP)[field] = "a\r\nBcc: b@example.org"


@pytest.mark.parametrize(
    "hostile",
    [
        "a@example.org\r\nBcc: b@example.org",
        "a@example.org, b@example.org",
        "Camille <a@example.org>",
        "a@example.org\n",
        "a@exa mple.org",
        "à@example.org",
        "a@" + "b" * 250 + ".org",
        "a\x00@example.org",
        "",
        None,
    ],
)
def test_what_is_not_one_plain_address_is_none(hostile: str | None) -> None:
    assert address(hostile) is None


def test_an_address_is_put_in_its_plain_form() -> None:
    assert address("Camille@Exämple.ORG") == "Camille@xn--exmple-cua.org"
    with pytest.raises(ValueError, match="valid address"):
        compose(a_delivery(Letter("s", "t", "h"), "nobody"), SENDER)


def test_the_same_delivery_gives_the_same_bytes_and_message_id() -> None:
    delivery = a_delivery(written(NOTICES[0]))
    assert compose(delivery, SENDER) == compose(delivery, SENDER)
    assert received(delivery)["Message-ID"] == f"<{'0' * 32}@chorale.example>"


def test_lines_on_the_wire_are_short_and_seven_bit() -> None:
    raw = compose(a_delivery(written(notices(DepositRefused)[0], "é" * 3000)), SENDER)
    assert raw.isascii() and max(map(len, raw.split(b"\r\n"))) <= 998


def test_an_anomaly_mail_shows_twenty_findings_and_says_how_many_more() -> None:
    facts = letters.anomaly(a_refusal(an_item(3), an_item(30), *[an_item(1)] * 30), ORIGIN)
    assert sum(len(item["findings"]) for item in facts["items"]) == 20
    assert (facts["more"], facts["total"], facts["more_items"]) == (43, 63, 12)
    text = LETTERS.write(notices(DepositRefused)[0], facts).text
    assert "43 autres anomalies (63 en tout) et 12 autres factures" in text


def test_an_anomaly_mail_names_the_invoice_its_parties_and_each_fault_with_its_remedy() -> None:
    text = written(notices(DepositRefused)[0]).text
    for said in ("facture.xml", "d-1", "1er\xa0mars 2026 à 14", "FA-1", "Atelier", "Haute-Garonne"):
        assert said in text
    assert "1\u202f234,50\xa0€" in text
    assert "Total TTC : Le total ne convient pas." in text and "Comment corriger : " in text


def test_faults_that_refuse_come_before_advice() -> None:
    advice = Finding(code="FAC-CONF-1", severity="warning", message="a")
    fault = Finding(code="FAC-SUM-1", message="b")
    facts = letters.anomaly(a_refusal(RefusedItem(findings=(advice, fault))), ORIGIN)
    assert [f["code"] for f in facts["items"][0]["findings"]] == ["FAC-SUM-1", "FAC-CONF-1"]


def test_a_status_mail_says_what_happened_why_and_what_to_do_next() -> None:
    silent = {"tacit"}
    for notice in (row for row in NOTICES if row.topic == StatusChanged.TOPIC):
        text = written(notice).text
        if notice.template in silent:
            continue
        assert notice.status and f"« {notice.status.label} »" in text
        assert "Motif indiqué : Pièce absente" in text and "CE QUE VOUS POUVEZ FAIRE" in text


def test_a_mail_about_a_turn_says_what_to_do_and_since_when() -> None:
    for notice in (row for row in NOTICES if row.topic == ActionAwaited.TOPIC):
        text = written(notice).text
        assert "depuis le 1er\xa0mars 2026" in text and "CE QUE VOUS POUVEZ FAIRE" in text


@pytest.mark.parametrize(
    ("made", "french"),
    [
        (lambda: day(AT), "1er\xa0mars 2026"),
        (lambda: moment(AT), "1er\xa0mars 2026 à 14\xa0h\xa005 (heure de Paris)"),
        (lambda: amount(Decimal("-1234567.891"), "EUR"), "-1\u202f234\u202f567,89\xa0€"),
        (lambda: amount(Decimal("2"), "USD"), "2,00\xa0USD"),
        (lambda: amount(Decimal("2"), None), "2,00"),
        (lambda: clean("a\r\nb\tc"), "a b c"),
        (lambda: clean("x" * 300, 10), "x" * 9 + "…"),
        (lambda: clean(None), ""),
    ],
)
def test_values_read_as_french_people_write_them(made: Callable[[], str], french: str) -> None:
    assert made() == french


class Tags(HTMLParser):
    """Checks that what is opened is closed, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"meta", "br", "img", "hr", "input", "link"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@by_template
def test_the_markup_is_well_formed_and_its_tables_have_headed_rows(notice: Notice) -> None:
    tags = Tags()
    page = written(notice).html
    tags.feed(page)
    assert tags.open == []
    assert page.count("<tr>") == page.count('<th scope="row"')
