"""Who is told what, and in which words."""

from datetime import timedelta
from html.parser import HTMLParser
from typing import get_args

from services.notifications.domain import letters
from services.notifications.domain.notices import (
    AUDIENCES,
    NOTICES,
    RETRIES,
    Notice,
    delivery_id,
    next_try,
    notices,
)
from shared.contracts.accounts import (
    ActivationRequested,
    AddressChangeRequested,
    RecoveryRequested,
    SecurityChanged,
    SecurityEvent,
)
from shared.contracts.finding import Finding
from shared.contracts.ingest import DepositRefused, RefusedItem
from shared.contracts.status import InvoiceStatus
from shared.contracts.workflow import ActionAwaited, StatusChanged
from tests.unit.letters import LETTERS, a_delivery, by_template, received, written
from tests.unit.mail_facts import AT, ORIGIN, a_refusal, a_security_change, an_item


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
