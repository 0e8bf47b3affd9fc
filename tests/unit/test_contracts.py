"""What every promise has in common: topics, immutability, tolerance, numbers as text."""

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.contracts import CATALOGUE, PROMISES
from shared.contracts.finding import Finding
from shared.contracts.ingest import DepositState
from shared.contracts.invoice import Amount, Header, Invoice, Line, Party
from shared.contracts.notifications import DeliveryDue
from shared.contracts.status import InvoiceStatus
from shared.contracts.structures import key_of

AMOUNT: TypeAdapter[Decimal] = TypeAdapter(Amount)
HEADER = Header(number="F-1", issue_date=date(2026, 11, 24))


@pytest.mark.parametrize("topic", sorted(CATALOGUE))
def test_a_topic_is_owner_fact_and_version(topic: str) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z]+(-[a-z]+)*\.v[1-9]\d*", topic)


@pytest.mark.parametrize("topic", sorted(CATALOGUE))
def test_a_message_is_named_after_its_topic(topic: str) -> None:
    _, fact, version = topic.split(".")
    name = "".join(part.title() for part in fact.split("-"))
    assert CATALOGUE[topic].__name__ == name + ("" if version == "v1" else version.upper())


def test_the_catalogue_holds_every_promise_once() -> None:
    assert len(CATALOGUE) == sum(len(promised) for promised in PROMISES.values())


def test_a_message_cannot_be_changed_after_it_was_told() -> None:
    due = DeliveryDue(delivery_id="1")
    with pytest.raises(ValidationError):
        due.delivery_id = "2"  # type: ignore[misc]


def test_a_reader_ignores_what_a_newer_writer_added() -> None:
    assert DeliveryDue.model_validate({"delivery_id": "1", "priority": 3}).delivery_id == "1"


def test_a_message_without_a_required_field_is_refused() -> None:
    with pytest.raises(ValidationError):
        DeliveryDue.model_validate({})


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15))
def test_an_amount_travels_as_text_without_exponent_and_loses_nothing(amount: Decimal) -> None:
    text = AMOUNT.dump_json(amount).decode()
    assert re.fullmatch(r'"-?\d+(\.\d+)?"', text)
    assert AMOUNT.validate_json(text) == amount


def test_an_amount_keeps_its_cents() -> None:
    assert AMOUNT.dump_json(Decimal("1200.00")) == b'"1200.00"'
    assert AMOUNT.dump_json(Decimal("1E+3")) == b'"1000"'


def test_a_header_is_an_invoice_without_its_lines() -> None:
    whole = Invoice(**dict(HEADER), lines=(Line(name="Porte"),))
    assert whole.header() == HEADER
    assert type(whole.header()) is Header


@pytest.mark.parametrize(
    ("code", "is_credit_note"), [("380", False), ("381", True), ("384", False)]
)
def test_a_credit_note_is_known_by_its_type(code: str, is_credit_note: bool) -> None:
    assert HEADER.model_copy(update={"type_code": code}).is_credit_note is is_credit_note


def test_every_status_has_its_own_words() -> None:
    for attribute in ("value", "chorus"):
        said = [getattr(status, attribute) for status in InvoiceStatus]
        assert len(set(said)) == len(InvoiceStatus) and all(said), attribute
    assert all(status.label for status in InvoiceStatus)
    pivots = [status.pivot for status in InvoiceStatus if status.pivot]
    assert len(set(pivots)) == len(pivots) >= 12


def test_a_status_travels_as_its_english_word() -> None:
    assert TypeAdapter(InvoiceStatus).dump_json(InvoiceStatus.SUSPENDED) == b'"SUSPENDED"'
    assert TypeAdapter(InvoiceStatus).validate_python("SUSPENDED").chorus == "SUSPENDUE"


def test_only_an_error_blocks() -> None:
    assert Finding(code="FAC-X-1", message="…").blocks
    assert not Finding(code="FAC-X-1", message="…", severity="warning").blocks


def test_a_deposit_that_is_being_read_is_not_final() -> None:
    waiting = {state for state in DepositState if not state.final}
    assert waiting == {DepositState.RECEIVED, DepositState.READING}


def test_a_key_names_realm_kind_and_identifier() -> None:
    assert key_of("live", "siret", "22310001700423") == "live/siret/22310001700423"


def test_every_term_of_an_invoice_has_a_french_word() -> None:
    for model in (Header, Party):
        for name, field in model.model_fields.items():
            if isinstance(field.json_schema_extra, dict):
                assert field.json_schema_extra["bt"] and field.json_schema_extra["label"], name
