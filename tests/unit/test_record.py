"""Who the parties of an invoice are, what they are to it, and what is told of it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.workflow.domain.ids import invoice_id
from services.workflow.domain.parties import Identity, Known, Parties, identity
from services.workflow.domain.readdress import corrections, readdressed
from services.workflow.domain.record import Record, slot
from services.workflow.domain.telling import events, routing_keys
from shared.contracts.invoice import Header, Identifier, Party
from shared.contracts.status import InvoiceStatus as S
from shared.contracts.workflow import MoveRequest, Step
from tests.builders import (
    AT,
    BUYER_SIRET,
    SANDBOX,
    SELLER_SIRET,
    a_party,
    a_structure,
    an_invoice,
    an_invoice_read,
)


@pytest.mark.parametrize(
    ("party", "expected"),
    [
        (a_party(siret="732 829 320 00074"), Identity("siret", SELLER_SIRET)),
        (a_party(siret=None), Identity("eu", "FR44732829320")),
        (Party(vat_number="be 0429.958.042"), Identity("eu", "BE0429958042")),
        (Party(siren="732829320", name="X"), Identity("name", "732829320")),
        (Party(name="  Café de l'Été, SARL "), Identity("name", "cafe-de-l-ete-sarl")),
        (
            Party(identifiers=(Identifier(scheme="RIDET", value="1234567890"),), name="X"),
            Identity("ridet", "1234567890"),
        ),
        (Party(identifiers=(Identifier(scheme="0088", value="1"),)), None),
        (Party(siret="123", name="Mairie"), Identity("name", "123")),
        (Party(siret="123", vat_number="FR44732829320"), Identity("eu", "FR44732829320")),
        (Party(name="東京"), Identity("name", "東京")),
        (Party(siret=" . ", name="*"), None),
        (Party(), None),
    ],
)
def test_a_party_is_known_by_the_best_that_it_gives(
    party: Party, expected: Identity | None
) -> None:
    assert identity(party) == expected


def test_a_sandbox_invoice_introduces_only_parties_that_the_directory_lacks() -> None:
    header = an_invoice().header()
    both = Parties(SANDBOX, identity(header.seller), identity(header.buyer))
    assert [(p.identifier, p.public) for p in both.strangers(header)] == [
        (SELLER_SIRET, False),
        (BUYER_SIRET, True),
    ]
    one = Parties(SANDBOX, both.seller, both.buyer, body=Known(a_structure(realm=SANDBOX)))
    assert [p.identifier for p in one.strangers(header)] == [SELLER_SIRET]
    assert Parties("live", both.seller, both.buyer).strangers(header) == ()


def test_a_number_is_used_once_a_year_by_each_seller() -> None:
    def place(**changes: Any) -> str:
        header = an_invoice(**{"number": "1", **changes}).header()
        read = an_invoice_read(header=header, sha256=f"{len(changes)}" * 64)
        return slot(read, Parties("live", identity(read.header.seller), None))

    assert place() == place(issue_date=date(2026, 12, 31), buyer=Party(name="Mairie"))
    others = {
        place(issue_date=date(2025, 3, 10)),
        place(number="2"),
        place(seller=a_party(siret="1" * 14)),
    }
    assert len(others - {place()}) == 3


def test_in_a_sandbox_a_seller_that_nobody_is_may_send_several_files_under_one_number() -> None:
    header = an_invoice(number="1").header()
    read, other = (an_invoice_read(realm=SANDBOX, header=header, sha256=c * 64) for c in "ab")
    seller, sheet = identity(header.seller), a_structure(realm=SANDBOX, identifier=SELLER_SIRET)
    for issuer in (None, Known(sheet, met=True)):
        nobody = Parties(SANDBOX, seller, None, issuer=issuer)
        assert slot(read, nobody) == slot(read.model_copy(update={"item": 1}), nobody)
        assert slot(read, nobody) != slot(other, nobody)
    somebody = Parties(SANDBOX, seller, None, issuer=Known(sheet))
    assert slot(read, somebody) == slot(other, somebody)


def test_the_same_item_always_gets_the_same_id_and_later_ones_sort_after() -> None:
    first = invoice_id("d", 0, AT)
    assert first == invoice_id("d", 0, AT)
    assert len({first, invoice_id("d", 1, AT), invoice_id("e", 0, AT)}) == 3
    assert first < invoice_id("a", 0, datetime(2026, 3, 12, 9, 31, tzinfo=UTC))
    assert (first[14], first[19] in "89ab", len(first)) == ("7", True, 36)
    assert int(first.replace("-", "")[:12], 16) == AT.timestamp() * 1000


def test_rerouting_changes_the_address_and_nothing_else() -> None:
    header = an_invoice().header()
    request = MoveRequest(
        action="reroute", buyer_siret="223 100 017 00456", buyer_reference=" REST "
    )
    changed = readdressed(header, request)
    assert (changed.buyer, changed.buyer_reference) == (Party(siret="22310001700456"), "REST")
    back = {"buyer": header.buyer, "buyer_reference": header.buyer_reference}
    assert changed.model_copy(update=back) == header
    assert readdressed(header, MoveRequest(action="reroute", buyer_siret=BUYER_SIRET)) == header
    assert [(c.field, c.was, c.now) for c in corrections(header, changed)] == [
        ("buyer_siret", BUYER_SIRET, "22310001700456"),
        ("buyer_reference", "DGS", "REST"),
    ]


def a_record(**changes: Any) -> Record:
    read = an_invoice_read(realm=changes.pop("realm", "live"))
    header: Header = read.header
    parties = Parties(read.realm, identity(header.seller), identity(header.buyer), **changes)
    return Record.opened(read, parties, AT)


def roles(record: Record, *structures: str) -> tuple[str, ...]:
    return record.roles(lambda _: structures)


def test_only_its_own_parties_have_a_role() -> None:
    record = a_record()
    assert roles(record, record.seller) == ("seller",)
    assert roles(record, record.buyer) == ("buyer",)
    assert roles(record, record.seller, record.buyer) == ("seller", "buyer")
    third = replace(record, depositor="live/siret/8")
    assert roles(third, "live/siret/8") == ()
    assert roles(record, "live/siret/1", f"{SANDBOX}/siret/{BUYER_SIRET}") == ()


def test_a_right_counts_for_its_own_role_only() -> None:
    record = a_record()
    mine = {"seller": [record.seller], "buyer": [record.seller]}
    assert record.roles(lambda role: mine.get(role, ())) == ("seller",)


def test_of_two_validators_the_one_whose_turn_it_is_acts_and_both_read() -> None:
    record = replace(a_record(), validators=("live/siret/1", "live/siret/2"))
    for status, turn in (
        (S.TO_VALIDATE_1, "live/siret/1"),
        (S.TO_VALIDATE_2, "live/siret/2"),
        (S.VALIDATOR_ERROR_2, "live/siret/1"),
    ):
        now = replace(record, steps=(Step(sequence=1, status=status, at=AT, by="platform"),))
        for validator in record.validators:
            held = ("validator",) if validator == turn else ()
            assert roles(now, validator) == held
    assert {"live/siret/1", "live/siret/2"} <= set(record.readers)


def test_in_a_sandbox_the_depositor_and_the_stand_in_play_who_is_missing() -> None:
    record = a_record(realm=SANDBOX, stand_in="demo/siret/9")
    record = replace(record, depositor="demo/siret/8")
    assert roles(record, "demo/siret/8") == ("seller",)
    assert roles(record, "demo/siret/9") == ("buyer",)
    assert record.hearers == (record.buyer, "demo/siret/9")
    assert routing_keys(record, ["events.sandbox.demo.9"]) == (
        f"invoice.status-changed.{BUYER_SIRET}",
        "events.sandbox.demo.9",
    )
    assert record.readers == (record.seller, record.buyer, "demo/siret/8", "demo/siret/9")


def test_in_a_sandbox_the_understudy_plays_the_members_that_nobody_is_and_no_other() -> None:
    record = replace(
        a_record(realm=SANDBOX), validators=("demo/siret/1",), understudy="demo/siret/9"
    )
    assert roles(replace(record, played=("demo/siret/1",)), "demo/siret/9") == ("validator",)
    assert roles(replace(record, played=("demo/siret/2",)), "demo/siret/9") == ()


def test_each_step_is_an_event_with_an_id_that_stays_the_same() -> None:
    record = a_record()
    told = list(events(record, record.steps))
    assert [e.sequence for e in told] == [1, 2, 3]
    assert [e.id for e in told] == [e.id for e in events(record, record.steps)]
    assert len({e.id for e in told}) == 3
    body = told[2].model_dump(mode="json")
    assert (body["type"], body["subject"]) == ("chorale.invoice.status-changed.v1", record.id)
    assert body["data"]["chorus_status"] == "MISE_A_DISPOSITION"
    assert body["data"]["buyer_siret"] == BUYER_SIRET
    assert body["data"]["totals"]["with_vat"] == "120.00"
