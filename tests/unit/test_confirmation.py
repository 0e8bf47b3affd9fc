"""A page's fields, confirmed by its sender, become an invoice."""

from services.ingest.domain.confirmation import composed, confirmed, filled_in, typed

FIELDS = {
    "number": "F-2026-017",
    "issue_date": "2026-11-24",
    "seller_name": "Atelier Garonne",
    "buyer_siret": "223 100 017 00423",
    "buyer_name": "Haute-Garonne",
    "payment_means": "30",
    "total_without_vat": "1000.00",
    "total_vat": "200.00",
    "total_with_vat": "1200.00",
}


def test_the_invoice_that_a_credit_note_corrects_can_be_confirmed() -> None:
    invoice, findings = confirmed({**FIELDS, "type_code": "381", "preceding_invoice": "F-2026-012"})
    assert [finding.code for finding in findings] == ["FAC-B2G-033"]  # no lines on a page
    assert invoice is not None and invoice.preceding_invoice == "F-2026-012"


def test_a_field_that_does_not_exist_is_named() -> None:
    invoice, findings = confirmed({**FIELDS, "precedence": "1"})
    assert invoice is None
    assert [(finding.code, finding.pointer) for finding in findings if finding.blocks] == [
        ("FAC-READ-020", "/fields/precedence")
    ]


LINE = {"name": "Pose", "quantity": "2", "price": "500.00", "net": "1000.00", "vat_rate": "20"}
TYPED = FIELDS | {
    "seller_siret": "404 833 048 00022",
    "seller_vat_number": "FR83404833048",
    "seller_electronic_address": "0225:404833048",
    "vat_breakdown": [{"rate": "20", "base": "1000.00", "vat": "200.00"}],
    "lines": [LINE],
    "allowances": [{"amount": "0.00", "reason": "Remise", "vat_rate": "20"}],
    "note": "Deux\r\nlignes",
}


def test_what_was_typed_is_an_invoice_that_types_itself_again() -> None:
    invoice, findings = composed(TYPED)
    assert findings == []
    assert invoice is not None and invoice.seller.country == "FR" and invoice.note == "Deux\nlignes"
    again, _ = composed(typed(invoice))
    assert again == invoice


def test_what_follows_from_the_lines_need_not_be_typed() -> None:
    names = ("total_without_vat", "total_vat", "total_with_vat", "vat_breakdown")
    short = {name: value for name, value in TYPED.items() if name not in names} | {
        "lines": [
            {"name": "Pose", "quantity": "3", "price": "333.335", "vat_rate": "20"},
            {"name": "Guide", "quantity": "1", "price": "10", "vat_rate": "5.5"},
        ],
        "allowances": [
            {"amount": "100.00", "reason": "Remise", "vat_rate": "20"},
            {"amount": "5.00", "reason": "Port", "vat_rate": "5.5", "is_charge": True},
        ],
        "prepaid": "500.00",
    }
    invoice, findings = composed(short)
    assert findings == [] and invoice is not None
    reckoned = filled_in(short)
    assert [(row["base"], row["vat"]) for row in reckoned["vat_breakdown"]] == [
        ("900.01", "180.00"),
        ("15.00", "0.83"),
    ]
    assert {name: value for name, value in reckoned.items() if isinstance(value, str)} == {
        "total_lines": "1010.01",
        "total_allowances": "100.00",
        "total_charges": "5.00",
        "total_without_vat": "915.01",
        "total_vat": "180.83",
        "total_with_vat": "1095.84",
        "amount_due": "595.84",
    }


def test_what_was_typed_is_never_reckoned_anew() -> None:
    invoice, findings = composed(TYPED | {"total_vat": "201.00"})
    assert invoice is None
    assert "FAC-SUM-001" in {finding.code for finding in findings}
    assert "total_vat" not in filled_in(TYPED | {"total_vat": "abc"})


def test_faults_of_values_of_rows_of_absences_and_of_rules_are_said_at_once() -> None:
    wrong = TYPED | {
        "number": "",
        "issue_date": "24/11/2026",
        "lines": [LINE | {"price": "5,00", "colour": "red"}, "Pose"],
        "total_with_vat": "1300.00",
        "amount_due": "1300.00",
        "seller_vat_number": "",
    }
    invoice, findings = composed(wrong)
    assert invoice is None
    assert {(finding.code, finding.pointer) for finding in findings if finding.blocks} == {
        ("FAC-READ-022", "/fields/number"),
        ("FAC-READ-021", "/fields/issue_date"),
        ("FAC-READ-021", "/fields/lines/0/price"),
        ("FAC-READ-021", "/fields/lines/0/colour"),
        ("FAC-READ-021", "/fields/lines/1"),
        ("FAC-SUM-001", "/fields/total_with_vat"),
        ("FAC-B2G-025", "/fields/seller_vat_number"),
    }
