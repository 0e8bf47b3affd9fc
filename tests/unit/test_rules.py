"""Each rule of public invoicing, broken once, by its code."""

from datetime import date
from decimal import Decimal

import pytest

from services.ingest.domain import RULES, Draft, check
from shared.contracts.invoice import Identifier, Line, Party, Totals, VatBreakdown


def amounts(**changes: str | None) -> Totals:
    figures: dict[str, str | None] = {
        "lines": "100",
        "without_vat": "100.00",
        "vat": "20.00",
        "with_vat": "120.00",
        "due": "120.00",
    }
    figures |= changes
    return Totals(**{name: None if f is None else Decimal(f) for name, f in figures.items()})


def row(rate: str, base: str, vat: str, category: str | None = "S") -> VatBreakdown:
    return VatBreakdown(category=category, rate=Decimal(rate), base=Decimal(base), vat=Decimal(vat))


def draft(**changes: object) -> Draft:
    """A draft that breaks no rule, but for the changes."""
    facts: dict[str, object] = {
        "number": "F-2026/1_a+b",
        "issue_date": date(2026, 3, 2),
        "due_date": date(2026, 4, 1),
        "type_code": "380",
        "currency": "EUR",
        "process": "A1",
        "profile": "urn:cen.eu:en16931:2017",
        "payment_means": "30",
        "seller": Party(
            name="Garonne Bâti", siret="40483304800022", vat_number="FR83404833048", country="FR"
        ),
        "buyer": Party(name="Département", siret="22310001700423"),
        "totals": amounts(),
        "vat_breakdown": [row("20", "100", "20.00")],
        "lines": [Line(id="1", net=Decimal(100))],
    }
    return Draft(**(facts | changes))  # type: ignore[arg-type]


def party(**changes: object) -> Party:
    return Party.model_validate({"name": "Nom", "country": "FR", "vat_number": "FR1"} | changes)


PEPPOL = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
ADDRESS = Identifier(scheme="0225", value="404833048")
BROKEN: dict[str, dict[str, object]] = {
    "FAC-B2G-001": {"number": " "},
    "FAC-B2G-002": {"number": "F" * 21},
    "FAC-B2G-003": {"number": "F\u00a0é.1"},
    "FAC-B2G-004": {"number": " F1"},
    "FAC-B2G-005": {"issue_date": None},
    "FAC-B2G-006": {"due_date": date(2026, 3, 1)},
    "FAC-B2G-007": {"type_code": "999"},
    "FAC-B2G-008": {"currency": "EURO"},
    "FAC-B2G-009": {"number": "F 1", "process": "S1"},
    "FAC-B2G-010": {"process": "A26"},
    "FAC-B2G-011": {"process": "urn:x"},
    "FAC-B2G-012": {"process": "B4", "type_code": "386"},
    "FAC-B2G-013": {"profile": None},
    "FAC-B2G-014": {"payment_means": None},
    "FAC-B2G-015": {"payment_means": "70"},
    "FAC-B2G-020": {"seller": party(name=None)},
    "FAC-B2G-021": {"seller": party(identifiers=(Identifier(scheme="0002", value="1234567A"),))},
    "FAC-B2G-022": {"buyer": party(identifiers=(Identifier(scheme="0009", value="123"),))},
    "FAC-B2G-023": {"seller": party(siret="40483304800023")},
    "FAC-B2G-024": {"buyer": party(siret="22310001700424")},
    "FAC-B2G-025": {"seller": party(vat_number=None)},
    "FAC-B2G-026": {"buyer": party(name=None)},
    "FAC-B2G-027": {"process": PEPPOL, "buyer": party(electronic_address=ADDRESS)},
    "FAC-B2G-028": {"process": PEPPOL, "seller": party(electronic_address=ADDRESS)},
    "FAC-B2G-030": {"vat_breakdown": [row("20", "100", "20", None)]},
    "FAC-B2G-031": {
        "vat_breakdown": [row("21", "100", "21.00")],
        "totals": amounts(vat="21", with_vat="121", due="121"),
    },
    "FAC-B2G-032": {"vat_breakdown": [row("20", "50", "10"), row("20.00", "50", "10")]},
    "FAC-B2G-033": {"lines": []},
    "FAC-B2G-034": {"note": "x" * 2001},
    "FAC-B2G-035": {
        "vat_breakdown": [row("21", "100", "21.00")],
        "totals": amounts(vat="21", with_vat="121", due="121"),
        "already_taken": True,
    },
    "FAC-B2G-036": {"type_code": "381"},
    "FAC-B2G-037": {"note": "#AAB#Néant\n#PMT#N/A"},
    "FAC-SUM-001": {"totals": amounts(with_vat="120.01", due="120.01")},
    "FAC-SUM-002": {"totals": amounts(prepaid="20.00")},
    "FAC-SUM-003": {"totals": amounts(lines="90", allowances="5")},
    "FAC-SUM-004": {"lines": [Line(id="1", net=Decimal(99))]},
    "FAC-SUM-005": {"totals": amounts(vat="20.50", with_vat="120.50", due="120.50")},
    "FAC-SUM-006": {"vat_breakdown": [row("10", "100", "20.00")]},
    "FAC-SUM-007": {"totals": amounts(with_vat=None)},
    "FAC-SUM-008": {"totals": amounts(due=None)},
    "FAC-SUM-009": {"totals": amounts(without_vat=None)},
    "FAC-SUM-010": {"totals": amounts(due="1" + "0" * 30)},
    "FAC-SUM-011": {"vat_breakdown": [row("10", "100", "20.00")], "chorus_dialect": True},
    "FAC-CONF-007": {"number": "F 1"},
    "FAC-CONF-008": {"profile": "urn:factur-x.eu:1p0:minimum"},
    "FAC-CONF-009": {"profile": "urn:example:any"},
}
ALSO: dict[str, set[str]] = {
    "FAC-B2G-003": {"FAC-CONF-007"},
    "FAC-SUM-003": {"FAC-SUM-004"},
    "FAC-B2G-009": {"FAC-B2G-011"},
    "FAC-B2G-012": {"FAC-B2G-011"},
    "FAC-B2G-027": {"FAC-B2G-011"},
    "FAC-B2G-028": {"FAC-B2G-011"},
}
"""Findings that cannot but come along."""


def test_a_sound_invoice_breaks_no_rule() -> None:
    assert check(draft()) == []


def test_every_rule_has_a_case_here() -> None:
    assert [rule.code for rule in RULES] == sorted(BROKEN, key=[r.code for r in RULES].index)
    assert len({rule.code for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("code", BROKEN)
def test_a_broken_rule_is_named_alone(code: str) -> None:
    found = check(draft(**BROKEN[code]))
    assert code in {finding.code for finding in found}
    assert {finding.code for finding in found} - {code} <= ALSO.get(code, set())


@pytest.mark.parametrize("code", BROKEN)
def test_a_finding_speaks_to_people(code: str) -> None:
    finding = next(f for f in check(draft(**BROKEN[code])) if f.code == code)
    assert finding.label
    assert finding.bt
    assert finding.message.endswith(".")
    assert finding.hint
    assert "{" not in finding.message


@pytest.mark.parametrize(
    "process",
    ["A1", "A11", "A25", "S1", "B8", "M4", "urn:x", "Invoicing on purchase order", "1", None],
)
def test_a_process_of_any_network_is_no_reason_to_refuse(process: str | None) -> None:
    assert not [f for f in check(draft(process=process)) if f.blocks]


def test_rounding_belongs_to_the_amount_due() -> None:
    assert check(draft(totals=amounts(rounding="0.03", due="120.03"))) == []


def test_a_negative_invoice_is_an_invoice() -> None:
    totals = amounts(lines="-100", without_vat="-100", vat="-20", with_vat="-120", due="-120")
    found = check(
        draft(
            totals=totals, vat_breakdown=[row("20", "-100", "-20")], lines=[Line(net=Decimal(-100))]
        )
    )
    assert found == []


def test_the_chorus_dialect_needs_neither_profile_nor_vat_number() -> None:
    found = check(draft(chorus_dialect=True, profile=None, seller=party(vat_number=None)))
    assert found == []


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ({"siret": "22310001700423"}, []),
        ({"siret": "35600000049837"}, []),  # La Poste's offices have a sum of their own
        ({"siret": "35600000049838"}, ["Le SIRET du fournisseur 35600000049838"]),
        ({"siren": "404833048"}, []),
        ({"siren": "123456789"}, ["Le SIREN du fournisseur 123456789"]),
    ],
)
def test_the_key_of_a_siret_or_of_a_siren_alone_is_told(
    numbers: dict[str, str], told: list[str]
) -> None:
    found = check(draft(seller=party(**numbers)))
    assert [finding.message.partition(" a une")[0] for finding in found] == told
