"""Real files of ours, read: every value in its place, every defect named."""

from datetime import date
from decimal import Decimal

import pytest

from services.ingest import formats
from services.ingest.formats import Document, Reading
from tests.papers import fixture, mended, page

CII = "cii/invoice.xml"
UBL = "ubl/invoice.xml"


def read(data: bytes, name: str = "whatever.bin") -> Reading:
    return formats.read(Document(name, data))


def codes(reading: Reading) -> list[str]:
    return [finding.code for finding in reading.findings]


def values(reading: Reading) -> dict[str, object]:
    return {name: field.value for name, field in reading.fields.items()}


def test_a_ubl_invoice_gives_every_field() -> None:
    reading = read(fixture(UBL))
    assert reading.format == "ubl"
    assert reading.findings == ()
    assert values(reading) == {
        "number": "GAR-2026-0117",
        "currency": "EUR",
        "type_code": "380",
        "process": "A1",
        "buyer_reference": "DFD",
        "order_reference": "CP2026/X000117/1",
        "contract_reference": "26M014",
        "iban": "FR7630006000011234567890189",
        "issue_date": "2026-03-02",
        "due_date": "2026-04-01",
        "total_without_vat": "1150.00",
        "total_vat": "215.50",
        "total_with_vat": "1365.50",
        "prepaid": "365.50",
        "amount_due": "1000.00",
        "seller_siret": "40483304800022",
        "seller_siren": "404833048",
        "seller_vat_number": "FR83404833048",
        "seller_name": "Garonne Bâti SARL",
        "buyer_siret": "22310001700423",
        "buyer_siren": "223100017",
        "buyer_name": "Département de la Haute-Garonne",
        "vat_breakdown": [
            {"rate": "20", "base": "1050.00", "vat": "210.00"},
            {"rate": "5.5", "base": "100.00", "vat": "5.50"},
        ],
    }
    assert all(
        f.confidence == 1 and f.page is None and f.box is None for f in reading.fields.values()
    )


def test_a_ubl_invoice_keeps_its_lines_and_attachments() -> None:
    invoice = read(fixture(UBL)).invoice
    assert invoice is not None
    assert [(line.name, line.quantity, line.unit, line.net) for line in invoice.lines] == [
        ("Couverture zinc", Decimal(22), "MTK", Decimal("1100.00")),
        ("Isolation", Decimal(1), "C62", Decimal("100.00")),
    ]
    assert [(a.name, a.media_type, a.size) for a in invoice.attachments] == [
        ("metre.csv", "text/csv", 8)
    ]


def test_a_credit_note_in_another_encoding_is_read() -> None:
    invoice = read(fixture("ubl/credit-note.xml")).invoice
    assert invoice is not None
    assert invoice.is_credit_note
    assert invoice.seller.name == "Garonne Bâti SARL"
    assert invoice.seller.siret == "40483304800022"
    assert (invoice.issue_date, invoice.due_date) == (date(2026, 3, 20), date(2026, 4, 20))
    assert invoice.preceding_invoice == "GAR-2026-0117"


def test_a_cii_invoice_gives_its_values() -> None:
    reading = read(fixture(CII))
    assert reading.format == "cii"
    assert reading.accepted
    invoice = reading.invoice
    assert invoice is not None
    assert (invoice.number, invoice.issue_date) == ("PAP 2026_88", date(2026, 1, 15))
    assert invoice.due_date == date(2026, 2, 14)
    assert (invoice.seller.siren, invoice.seller.siret) == ("552081317", None)
    assert invoice.buyer.siret == "22310001700423"
    assert invoice.totals.with_vat == Decimal("504.00")
    assert [line.vat_rate for line in invoice.lines] == [Decimal("20.00")]


def test_the_chorus_dialect_is_accepted() -> None:
    reading = read(fixture("cii/chorus-dialect.xml"))
    assert reading.accepted
    invoice = reading.invoice
    assert invoice is not None
    assert (invoice.currency, invoice.process, invoice.profile) == ("EUR", None, None)
    assert invoice.issue_date == date(2026, 1, 15)
    assert (invoice.seller.siret, invoice.buyer.siret) == ("55208131766522", "22310001700423")
    assert invoice.validator is not None
    assert invoice.validator.siret == "40483304800022"
    assert [attachment.name for attachment in invoice.attachments] == ["bon.pdf"]


def test_the_chorus_ubl_dialect_keeps_its_process_in_an_extension() -> None:
    extension = (
        '<ext:UBLExtensions xmlns:ext="urn:oasis:names:specification:ubl:schema:xsd:'
        'CommonExtensionComponents-2"><ext:UBLExtension><ext:ExtensionContent>'
        "<x:Facture xmlns:x='urn:x'><x:CategoryCode>A9</x:CategoryCode></x:Facture>"
        "</ext:ExtensionContent></ext:UBLExtension></ext:UBLExtensions>\n  <cbc:CustomizationID>"
    )
    data = mended(
        UBL, ("<cbc:ProfileID>A1</cbc:ProfileID>", ""), ("<cbc:CustomizationID>", extension)
    )
    reading = read(data)
    assert reading.accepted
    assert values(reading)["process"] == "A9"


def test_legacy_zugferd_is_read() -> None:
    reading = read(fixture("cii/zugferd-1.xml"))
    assert reading.accepted
    assert values(reading)["total_with_vat"] == "119.00"
    assert values(reading)["number"] == "ALT-7"


def test_a_number_of_another_register_is_no_siret() -> None:
    invoice = read(mended(UBL, ('schemeID="0009"', 'schemeID="0088"'))).invoice
    assert invoice is not None
    assert (invoice.seller.siret, invoice.buyer.siret) == (None, None)
    assert invoice.seller.siren == "404833048"


def test_a_public_contract_goes_before_a_private_one() -> None:
    both = (
        "<ram:ContractReferencedDocument><ram:IssuerAssignedID>00-PRIVE</ram:IssuerAssignedID>"
        "<ram:ReferenceTypeCode>CT</ram:ReferenceTypeCode></ram:ContractReferencedDocument>"
        "<ram:ContractReferencedDocument><ram:IssuerAssignedID>25M201</ram:IssuerAssignedID>"
        "<ram:ReferenceTypeCode>BC</ram:ReferenceTypeCode></ram:ContractReferencedDocument>"
    )
    old = (
        "<ram:ContractReferencedDocument><ram:IssuerAssignedID>25M201</ram:IssuerAssignedID>"
        "</ram:ContractReferencedDocument>"
    )
    assert values(read(mended(CII, (old, both))))["contract_reference"] == "25M201"


def test_the_content_decides_and_not_the_name() -> None:
    assert read(fixture(UBL), "facture.pdf").format == "ubl"
    assert read(fixture(CII), "ubl.xml").format == "cii"


def test_the_first_account_is_the_one_to_pay() -> None:
    second = (
        "</cac:PayeeFinancialAccount></cac:PaymentMeans><cac:PaymentMeans>"
        "<cbc:PaymentMeansCode>58</cbc:PaymentMeansCode><cac:PayeeFinancialAccount>"
        "<cbc:ID>DE89370400440532013000</cbc:ID></cac:PayeeFinancialAccount>"
    )
    reading = read(mended(UBL, ("</cac:PayeeFinancialAccount>", second)))
    assert reading.accepted
    assert values(reading)["iban"] == "FR7630006000011234567890189"


def test_the_vat_total_is_the_one_in_the_currency_of_the_invoice() -> None:
    second = (
        '<cac:TaxTotal><cbc:TaxAmount currencyID="SEK">2500.00</cbc:TaxAmount></cac:TaxTotal>\n'
        "  <cac:TaxTotal>"
    )
    assert values(read(mended(UBL, ("<cac:TaxTotal>", second))))["total_vat"] == "215.50"


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        (
            "<cbc:DueDate>",
            "<cbc:Misplaced>x</cbc:Misplaced><cbc:DueDate>",
            "FAC-XSD-001",
            "Misplaced",
        ),
        ("1150.00<", "1150,00<", "FAC-XSD-003", "1150,00"),
        ("2026-03-02", "02/03/2026", "FAC-XSD-003", "IssueDate"),
        (' currencyID="EUR">1150.00', ">1150.00", "FAC-XSD-004", "currencyID"),
        ("cbc:DueDate>", "cac:DueDate>", "FAC-XSD-006", "DueDate"),
    ],
)
def test_the_schema_names_the_element(old: str, new: str, code: str, words: str) -> None:
    reading = read(mended(UBL, (old, new)))
    assert not reading.accepted
    complaint = next(finding for finding in reading.findings if finding.code == code)
    assert words in complaint.message
    assert complaint.xml_path
    assert complaint.hint


def test_all_faults_are_told_at_once() -> None:
    data = mended(
        UBL,
        ("GAR-2026-0117", "GAR 2026 n° 0117 du préau"),
        ("1000.00<", "1,00<"),
        (">1365.50", ">1366.50"),
    )
    found = set(codes(read(data)))
    assert {"FAC-XSD-003", "FAC-B2G-002", "FAC-B2G-003", "FAC-SUM-001", "FAC-SUM-008"} <= found


@pytest.mark.parametrize(
    ("name", "change", "code", "end"),
    [
        (
            UBL,
            (">1365.50", ">1366.50"),
            "FAC-SUM-001",
            "cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount",
        ),
        (UBL, (">A1<", ">A99<"), "FAC-B2G-010", "cbc:ProfileID"),
        (CII, (">20260214", ">20251231"), "FAC-B2G-006", "udt:DateTimeString"),
        (CII, (">Papeterie des Allées", ">"), "FAC-B2G-020", "ram:SellerTradeParty/ram:Name"),
    ],
)
def test_a_broken_rule_points_into_the_file(
    name: str, change: tuple[str, str], code: str, end: str
) -> None:
    finding = next(f for f in read(mended(name, change)).findings if f.code == code)
    assert finding.xml_path is not None
    assert finding.xml_path.endswith(end)


@pytest.mark.parametrize(
    ("written", "words"),
    [("20260231", "calendrier"), ("2026-01-15", "AAAAMMJJ"), ("20260115XX", "AAAAMMJJ")],
)
def test_an_impossible_date_is_a_finding(written: str, words: str) -> None:
    reading = read(mended(CII, ("20260115", written)))
    assert not reading.accepted
    assert any(f.code == "FAC-READ-017" and words in f.message for f in reading.findings)


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "FAC-READ-001", "vide"),
        (b" \r\n\0", "FAC-READ-001", "vide"),
        (b"PK\x03\x04rest", "FAC-READ-030", "archive"),
        (b"hello", "FAC-READ-002", "format"),
        (b"<FatturaElettronica/>", "FAC-READ-005", "FatturaPA"),
        (b"<a:SCRDMCCBDACIOMessageStructure xmlns:a='urn:a'/>", "FAC-READ-005", "Order-X"),
        (b"<dummy/>", "FAC-READ-005", "dummy"),
        (page("Bonjour le monde"), "FAC-READ-005", "facture"),
    ],
)
def test_what_is_no_invoice_is_named_for_what_it_is(data: bytes, code: str, words: str) -> None:
    reading = read(data)
    assert not reading.accepted
    assert codes(reading) == [code]
    assert words in reading.findings[0].message
