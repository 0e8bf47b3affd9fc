"""A page's fields, confirmed by its sender, become an invoice."""

from services.ingest.domain.confirmation import composed, confirmed, typed

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
