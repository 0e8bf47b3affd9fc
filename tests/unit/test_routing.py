"""Each routing rule, and the words that it gives."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.workflow.domain.case import Case, Preceding
from services.workflow.domain.parties import Known, Parties, further, identity
from services.workflow.domain.routing import ROUTES, duplicate, route, table
from shared.contracts.invoice import Party, Works
from shared.contracts.structures import Requirements, Structure
from tests.builders import (
    BUYER_SIRET,
    SANDBOX,
    SELLER_SIRET,
    a_department,
    a_party,
    a_structure,
    an_invoice,
)

ON = date(2026, 3, 12)
SELLER_KEY = f"live/siret/{SELLER_SIRET}"


MAIN_SIRET = "40483304800022"
MAIN = Party(name="Bâtir Ensemble", siret=MAIN_SIRET)


def a_company(siret: str = MAIN_SIRET, **changes: Any) -> Structure:
    """A company of the directory."""
    given: dict[str, Any] = {"requirements": Requirements(), "departments": (), "public": False}
    return a_structure(identifier=siret, **{**given, **changes})


def a_case(
    *,
    realm: str = "live",
    body: Structure | None = None,
    issuer: Structure | None = None,
    issues_for: tuple[str, ...] = (SELLER_KEY,),
    third: Structure | None = None,
    preceding: Preceding = "unasked",
    **header: Any,
) -> Case:
    """A live invoice that may go, unless told otherwise; `third` is what is known of a member."""
    invoice = an_invoice(**header).header()
    known = Known(third) if third else None
    parties = Parties(
        realm,
        identity(invoice.seller),
        identity(invoice.buyer),
        issuer=Known(issuer) if issuer else None,
        body=Known(body) if body else None,
        members=tuple(replace(member, known=known) for member in further(invoice)),
    )
    return Case.of(invoice, parties, issues_for, ON, preceding)


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
    "FAC-ROUTE-016": a_case(body=a_structure(), issuer=a_company(SELLER_SIRET, active=False)),
    "FAC-ROUTE-017": a_case(body=a_structure(), process="A9"),
    "FAC-ROUTE-018": a_case(body=a_structure(), process="A9", validator=MAIN),
    "FAC-ROUTE-019": a_case(
        body=a_structure(), process="A12", validator=MAIN, third=a_company(active=False)
    ),
    "FAC-ROUTE-020": a_case(
        body=a_structure(), process="A9", validator=a_party(), third=a_company(SELLER_SIRET)
    ),
    "FAC-ROUTE-021": a_case(body=a_structure(), process="A4", validator=MAIN),
    "FAC-ROUTE-022": a_case(
        body=a_structure(), process="A4", validator=MAIN, third=a_company(active=False)
    ),
    "FAC-ROUTE-023": a_case(body=a_structure(), process="A5", works=Works(project_owner=MAIN)),
    "FAC-ROUTE-024": a_case(
        body=a_structure(),
        process="A15",
        works=Works(project_manager=MAIN),
        third=a_company(),
    ),
    "FAC-ROUTE-025": a_case(body=a_structure(), type_code="381"),
    "FAC-ROUTE-026": a_case(
        body=a_structure(), type_code="381", preceding_invoice="FA-0", preceding="unknown"
    ),
    "FAC-ROUTE-027": a_case(
        body=a_structure(),
        process="A15",
        works=Works(project_manager=MAIN),
        third=a_company(),
        issues_for=(f"live/siret/{MAIN_SIRET}",),
        preceding_invoice="PDM-0",
        preceding="unknown",
    ),
    "FAC-ROUTE-028": a_case(body=a_structure(), process="A2"),
}
WARNINGS = {"FAC-ROUTE-025", "FAC-ROUTE-026", "FAC-ROUTE-027", "FAC-ROUTE-028"}


@pytest.mark.parametrize("row", ROUTES, ids=lambda row: row.name)
def test_each_rule_names_its_fault_alone_and_in_french(row: Any) -> None:
    (finding,) = route(FAULTS[row.code])
    blocks = row.code not in WARNINGS
    assert (finding.code, finding.rule, finding.blocks) == (row.code, row.name, blocks)
    assert finding.pointer and finding.bt and finding.label and finding.hint
    assert "{" not in finding.message + finding.hint + (finding.example or "")


def test_a_missing_validator_only_warns_in_a_sandbox_where_any_real_file_may_be_tried() -> None:
    (finding,) = route(a_case(realm=SANDBOX, process="A9"))
    assert (finding.code, finding.severity) == ("FAC-ROUTE-017", "warning")


def test_a_validator_of_a_simple_invoice_is_nobodys_business() -> None:
    assert route(a_case(body=a_structure(), validator=MAIN)) == ()


def test_a_works_piece_names_its_project_manager_where_others_name_a_validator() -> None:
    header = an_invoice(process="A4", validator=MAIN).header()
    assert [(m.role, m.identity.identifier) for m in further(header)] == [
        ("project_manager", MAIN_SIRET)
    ]
    both = an_invoice(process="A10", validator=MAIN, works=Works(project_manager=a_party()))
    assert [m.role for m in further(both.header())] == ["validator", "project_manager"]


def test_faults_and_warnings_are_told_together() -> None:
    case = a_case(body=a_structure(), process="A2", seller=a_party(siret="1" * 14))
    assert codes(case) == ["FAC-ROUTE-013", "FAC-ROUTE-028"]


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


def test_a_used_number_names_the_day_of_the_other_deposit() -> None:
    finding = duplicate("FA-7", datetime(2026, 3, 2, tzinfo=UTC))
    assert (finding.code, finding.pointer) == ("FAC-DUP-001", "/number")
    assert "FA-7" in finding.message
    assert "02/03/2026" in finding.message


def test_the_printed_table_shows_every_rule() -> None:
    printed = table()
    assert all(f"| `{row.code}` |" in printed for row in ROUTES)
    assert set(FAULTS) == {row.code for row in ROUTES}
