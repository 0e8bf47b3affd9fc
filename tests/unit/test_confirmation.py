"""A page's fields, confirmed by its sender, become an invoice."""

from services.ingest.domain.confirmation import invoice_of

FIELDS = {
    "number": "F-2026-017",
    "issue_date": "2026-11-24",
    "buyer_siret": "223 100 017 00423",
    "total_without_vat": "1000.00",
    "total_vat": "200.00",
    "total_with_vat": "1200.00",
}


def test_the_invoice_that_a_credit_note_corrects_can_be_confirmed() -> None:
    invoice, findings = invoice_of(
        {**FIELDS, "type_code": "381", "preceding_invoice": "F-2026-012"}
    )
    assert findings == []
    assert invoice is not None and invoice.preceding_invoice == "F-2026-012"


def test_a_field_that_does_not_exist_is_named() -> None:
    _, findings = invoice_of({**FIELDS, "precedence": "1"})
    assert [(finding.code, finding.pointer) for finding in findings] == [
        ("FAC-READ-020", "/fields/precedence")
    ]
