"""Each routing rule, and the words that it gives."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.workflow.domain.case import Case
from services.workflow.domain.parties import Identity, Known, Parties, identity
from services.workflow.domain.record import Record, invoice_id, readdressed, slot
from services.workflow.domain.routing import ROUTES, duplicate, route, table
from shared.contracts.invoice import Header, Identifier, Party
from shared.contracts.structures import Requirements, Structure
from shared.contracts.workflow import MoveRequest
from tests.builders import (
    AT,
    BUYER_SIRET,
    SANDBOX,
    SELLER_SIRET,
    a_department,
    a_party,
    a_structure,
    an_invoice,
    an_invoice_read,
)

ON = date(2026, 3, 12)
SELLER_KEY = f"live/siret/{SELLER_SIRET}"


def a_case(
    *,
    realm: str = "live",
    body: Structure | None = None,
    issuer: Structure | None = None,
    issues_for: tuple[str, ...] = (SELLER_KEY,),
    **header: Any,
) -> Case:
    """A live invoice that may go, unless told otherwise."""
    invoice = an_invoice(**header).header()
    parties = Parties(
        realm,
        identity(invoice.seller),
        identity(invoice.buyer),
        issuer=Known(issuer) if issuer else None,
        body=Known(body) if body else None,
    )
    return Case.of(invoice, parties, issues_for, ON)


def codes(case: Case) -> list[str]:
    return [finding.code for finding in route(case)]


def wanting(**flags: Any) -> Structure:
    return a_structure(requirements=Requirements(**flags))


def test_an_invoice_that_says_all_that_is_wanted_may_go() -> None:
    assert route(a_case(body=a_structure())) == ()


FAULTS: dict[str, Case] = {
    "FAC-ROUTE-001": a_case(buyer=Party()),
    "FAC-ROUTE-002": a_case(body=None),
    "FAC-ROUTE-003": a_case(body=a_structure(public=False)),
    "FAC-ROUTE-004": a_case(body=a_structure(active=False)),
    "FAC-ROUTE-005": a_case(body=a_structure(), buyer_reference=None),
    "FAC-ROUTE-006": a_case(body=a_structure(), buyer_reference="DGX"),
    "FAC-ROUTE-007": a_case(body=a_structure(departments=(a_department(active=False),))),
    "FAC-ROUTE-008": a_case(body=a_structure(), order_reference=None),
    "FAC-ROUTE-009": a_case(body=a_structure(), order_reference="cp2026 / x123456 / 1"),
    "FAC-ROUTE-010": a_case(
        body=wanting(department_or_order_required=True), buyer_reference=" ", order_reference=None
    ),
    "FAC-ROUTE-011": a_case(
        body=a_structure(
            requirements=Requirements(), departments=(a_department(order_required=True),)
        ),
        order_reference=None,
    ),
    "FAC-ROUTE-012": a_case(body=a_structure(), seller=Party()),
    "FAC-ROUTE-013": a_case(body=a_structure(), issues_for=("live/siret/1",)),
    "FAC-ROUTE-014": a_case(
        body=a_structure(),
        seller=a_party(siret=BUYER_SIRET),
        issues_for=(f"live/siret/{BUYER_SIRET}",),
    ),
    "FAC-ROUTE-015": a_case(body=a_structure(), buyer_reference="FACTURES_PUBLIQUES"),
}


@pytest.mark.parametrize("row", ROUTES, ids=lambda row: row.name)
def test_each_rule_names_its_fault_alone_and_in_french(row: Any) -> None:
    (finding,) = route(FAULTS[row.code])
    assert (finding.code, finding.rule, finding.blocks) == (row.code, row.name, True)
    assert finding.pointer and finding.bt and finding.label and finding.hint
    assert "{" not in finding.message + finding.hint + (finding.example or "")


def test_all_faults_are_told_at_once() -> None:
    assert codes(
        a_case(body=a_structure(), seller=Party(), buyer_reference="X", order_reference="nope")
    ) == ["FAC-ROUTE-006", "FAC-ROUTE-009", "FAC-ROUTE-012"]


def test_an_order_in_small_letters_with_spaces_is_corrected_in_the_hint() -> None:
    (finding,) = route(FAULTS["FAC-ROUTE-009"])
    assert finding.message == (
        "Le numéro d'engagement « cp2026 / x123456 / 1 » n'a pas la forme attendue par "
        "Département de la Haute-Garonne."
    )
    assert finding.hint == "Écrivez CP2026/X123456/1 : en majuscules et sans espace."
    assert finding.example == "CP2026/X123456/1"


def test_an_order_that_nothing_mends_shows_the_example_of_the_body() -> None:
    (finding,) = route(a_case(body=a_structure(), order_reference="bon du maire"))
    assert finding.example == "CP2020/X123456/1"
    assert "Écrivez" not in (finding.hint or "")


def test_a_long_order_is_never_of_the_right_form() -> None:
    case = a_case(body=a_structure(), order_reference="CP2026/" + "X" * 60)
    assert codes(case) == ["FAC-ROUTE-009"]


def test_a_pattern_that_cannot_be_read_hinders_nobody() -> None:
    assert route(a_case(body=wanting(order_pattern="(["))) == ()


def test_a_mistyped_department_gets_the_nearest_code() -> None:
    (finding,) = route(a_case(body=a_structure(), buyer_reference="routs"))
    assert (finding.hint, finding.example) == ("Vouliez-vous écrire ROUTES ?", "ROUTES")


def test_a_missing_department_lists_the_open_ones() -> None:
    body = a_structure(
        departments=(*a_structure().departments, a_department(code="OLD", active=False))
    )
    (finding,) = route(a_case(body=body, buyer_reference=None))
    assert finding.hint == "Codes possibles : DGS, ROUTES."


def test_a_body_without_departments_takes_any_code() -> None:
    assert route(a_case(body=a_structure(departments=()), buyer_reference="COMPTA")) == ()


@pytest.mark.parametrize(
    ("since", "until", "open_"),
    [
        (None, None, True),
        (ON, ON, True),
        (date(2026, 3, 13), None, False),
        (None, date(2026, 3, 11), False),
    ],
)
def test_a_department_is_open_between_its_dates(
    since: date | None, until: date | None, open_: bool
) -> None:
    body = a_structure(departments=(a_department(valid_from=since, valid_until=until),))
    assert codes(a_case(body=body)) == ([] if open_ else ["FAC-ROUTE-007"])


@pytest.mark.parametrize("given", [{"buyer_reference": "DGS"}, {"order_reference": "X"}])
def test_either_a_department_or_an_order_is_enough(given: dict[str, str]) -> None:
    header: dict[str, Any] = {"buyer_reference": None, "order_reference": None, **given}
    assert route(a_case(body=wanting(department_or_order_required=True), **header)) == ()


def test_public_bodies_invoice_each_other_through_the_reserved_code() -> None:
    town = a_structure(identifier=SELLER_SIRET, name="Commune")
    case = a_case(body=a_structure(), issuer=town, buyer_reference="FACTURES_PUBLIQUES")
    assert route(case) == ()


def test_a_group_may_have_one_vat_number_for_seller_and_buyer() -> None:
    group = Party(vat_number="DE123456789")
    assert route(a_case(realm=SANDBOX, seller=group, buyer=group)) == ()


def test_in_a_sandbox_anybody_may_invoice_anybody() -> None:
    case = a_case(realm=SANDBOX, issues_for=(), buyer=Party(name="Mairie inconnue"))
    assert route(case) == ()


def test_in_a_sandbox_a_private_company_may_play_the_buyer() -> None:
    company = a_structure(realm=SANDBOX, public=False)
    assert route(a_case(realm=SANDBOX, body=company)) == ()


def test_an_order_that_both_body_and_department_want_is_missed_once() -> None:
    body = a_structure(departments=(a_department(order_required=True),))
    assert codes(a_case(body=body, order_reference=None)) == ["FAC-ROUTE-008"]


def test_in_a_sandbox_a_known_buyer_still_gets_what_it_wants() -> None:
    case = a_case(realm=SANDBOX, body=a_structure(realm=SANDBOX), buyer_reference=None)
    assert codes(case) == ["FAC-ROUTE-005"]


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


def test_a_used_number_names_the_day_of_the_other_deposit() -> None:
    finding = duplicate("FA-7", datetime(2026, 3, 2, tzinfo=UTC))
    assert (finding.code, finding.pointer) == ("FAC-DUP-001", "/number")
    assert "FA-7" in finding.message
    assert "02/03/2026" in finding.message


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


def a_record(**changes: Any) -> Record:
    read = an_invoice_read(realm=changes.pop("realm", "live"))
    header: Header = read.header
    parties = Parties(read.realm, identity(header.seller), identity(header.buyer), **changes)
    return Record.opened(read, parties, AT)


def test_only_its_own_parties_have_a_role() -> None:
    record = a_record()
    assert record.roles([record.seller]) == ("seller",)
    assert record.roles([record.buyer]) == ("buyer",)
    assert record.roles([record.seller, record.buyer]) == ("seller", "buyer")
    third = replace(record, depositor="live/siret/8")
    assert third.roles(["live/siret/8"]) == ()
    assert record.roles(["live/siret/1", f"{SANDBOX}/siret/{BUYER_SIRET}"]) == ()


def test_in_a_sandbox_the_depositor_and_the_stand_in_play_who_is_missing() -> None:
    record = a_record(realm=SANDBOX, stand_in="demo/siret/9")
    record = replace(record, depositor="demo/siret/8")
    assert record.roles(["demo/siret/8"]) == ("seller",)
    assert record.roles(["demo/siret/9"]) == ("buyer",)
    assert record.hearers == (record.buyer, "demo/siret/9")
    assert record.routing_keys(["events.sandbox.demo.9"]) == (
        f"invoice.status-changed.{BUYER_SIRET}",
        "events.sandbox.demo.9",
    )
    assert record.readers == (record.seller, record.buyer, "demo/siret/8", "demo/siret/9")


def test_each_step_is_an_event_with_an_id_that_stays_the_same() -> None:
    record = a_record()
    events = list(record.events(record.steps))
    assert [e.sequence for e in events] == [1, 2, 3]
    assert [e.id for e in events] == [e.id for e in record.events(record.steps)]
    assert len({e.id for e in events}) == 3
    body = events[2].model_dump(mode="json")
    assert (body["type"], body["subject"]) == ("chorale.invoice.status-changed.v1", record.id)
    assert body["data"]["chorus_status"] == "MISE_A_DISPOSITION"
    assert body["data"]["buyer_siret"] == BUYER_SIRET
    assert body["data"]["totals"]["with_vat"] == "120.00"


def test_the_printed_table_shows_every_rule() -> None:
    printed = table()
    assert all(f"| `{row.code}` |" in printed for row in ROUTES)
    assert set(FAULTS) == {row.code for row in ROUTES}
