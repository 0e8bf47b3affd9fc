"""Chorus Pro's pivot: one file, many invoices; and its files of statuses."""

import io
import zipfile
from decimal import Decimal

import pytest

from services.ingest import formats
from services.ingest.formats import Document, Reading, archive
from services.ingest.formats.inspection import EICAR
from services.ingest.formats.writers import write
from shared.contracts.ingest import DocumentKind
from shared.contracts.invoice import Identifier, Invoice
from shared.contracts.status import InvoiceStatus as S
from tests.fixtures.pivot import paper, pivot, statuses, unit
from tests.papers import fixture

SHEET = b"%PDF-1.7 " + b"x" * 3000


def read(data: bytes) -> Reading:
    return formats.read(Document("flux", data))


def invoice(data: bytes) -> Invoice:
    reading = read(data)
    assert reading.accepted, reading.findings
    assert reading.invoice is not None
    return reading.invoice


def codes(reading: Reading) -> list[str]:
    return [finding.code for finding in reading.findings]


def test_a_pivot_of_one_invoice_says_everything_that_it_holds() -> None:
    reading = read(pivot(unit(paper("facture.pdf", SHEET))))
    one = reading.invoice
    assert reading.format == "pivot" and one is not None and not reading.findings
    assert (one.number, str(one.issue_date), one.type_code) == ("GAR-2026-7", "2026-03-02", "380")
    assert (one.process, one.currency, one.payment_means) == ("A1", "EUR", "30")
    assert (one.buyer_reference, one.order_reference) == ("DFD", "CP2026/X123456/1")
    assert (one.contract_reference, str(one.delivery_date)) == ("19M123", "2026-02-27")
    assert (one.seller.siret, one.seller.siren) == ("40483304800022", "404833048")
    assert (one.buyer.siret, one.iban) == ("22310001700423", "FR7630006000011234567890189")
    assert one.totals.vat == Decimal("200.00")
    assert one.totals.prepaid is None
    assert [(row.category, row.rate) for row in one.vat_breakdown] == [("S", Decimal("20.00"))]
    assert [(line.name, str(line.quantity), str(line.net)) for line in one.lines] == [
        ("Pose", "2", "1000.00")
    ]
    assert [(a.name, a.size) for a in one.attachments] == [("facture.pdf", len(SHEET))]
    assert reading.fields["seller_siret"].value == "40483304800022"


def test_several_invoices_become_files_of_one_that_are_read_alike() -> None:
    data = pivot(unit(number="A/1"), unit(number="A2", due="0"), unit(number=""), note="<Id>7</Id>")
    reading = read(data)
    assert reading.invoice is None
    assert [member.name for member in reading.members] == ["A_1.xml", "A2.xml", "facture-3.xml"]
    assert all(b"<Id>7</Id>" in member.data for member in reading.members)
    assert [invoice(member.data).number for member in reading.members[:2]] == ["A/1", "A2"]
    assert codes(read(reading.members[2].data)) == ["FAC-B2G-001"]


def test_a_pivot_in_an_archive_is_taken_apart_too() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr("lot/flux.xml", pivot(unit(number="A1"), unit(number="A2")))
        made.writestr("broken.xml", pivot(unit(), unit())[:-30])
        made.writestr("facture.xml", fixture("ubl/invoice.xml"))
    names = [member.name for member in read(packed.getvalue()).members]
    assert names == ["A1.xml", "A2.xml", "broken.xml", "facture.xml"]


def test_pivots_do_not_hide_more_invoices_than_an_archive_may_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(archive, "MOST_MEMBERS", 3)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        for name in ("a", "b"):
            made.writestr(name, pivot(unit(), unit()))
    assert codes(read(packed.getvalue())) == ["FAC-SAFE-008"]


@pytest.mark.parametrize(
    ("scheme", "identifier", "country", "vat_number"),
    [
        ("2", "BE0429958042", "BE", "BE0429958042"),
        ("3", "KRSAMSUNGMOBILEPHO", "KR", None),
        ("4", "1234567890", "NC", None),
        ("5", "350041679", "PF", None),
        ("6", "40483304800022", "FR", None),
        ("7", "DUPONT", "FR", None),
    ],
)
def test_other_sellers_than_those_with_a_siret_keep_their_kind_of_identifier(
    scheme: str, identifier: str, country: str, vat_number: str | None
) -> None:
    seller = invoice(pivot(unit(scheme=scheme, identifier=identifier, country=country))).seller
    assert seller.siret is None
    assert seller.vat_number == vat_number
    assert seller.identifiers == (Identifier(scheme=scheme, value=identifier),)


def test_a_siret_that_is_none_is_named_with_its_place() -> None:
    (finding,) = read(pivot(unit(identifier="404833048"))).findings
    assert finding.code == "FAC-READ-017"
    assert "404833048" in finding.message
    assert finding.xml_path is not None and finding.xml_path.endswith("Fournisseur/Identifiant")


def test_an_amount_that_is_none_is_named() -> None:
    assert codes(read(pivot(unit(net="1 000,00")))) == ["FAC-READ-017", "FAC-SUM-009"]


def test_a_rate_that_is_no_number_is_named_for_what_it_is() -> None:
    (finding, *_) = read(pivot(unit(rate="20 %"))).findings
    assert (finding.code, "Taux de TVA : « 20 % »" in finding.message) == ("FAC-READ-017", True)


def test_what_was_paid_is_concluded_and_said_to_be() -> None:
    reading = read(pivot(unit(due="0.00")))
    assert reading.invoice is not None and reading.invoice.totals.prepaid == Decimal("1200.00")
    assert [doubt.field for doubt in reading.doubts] == ["prepaid"]
    assert reading.accepted


def test_only_a_credit_note_names_another_invoice() -> None:
    assert invoice(pivot(unit(origin="GAR-2026-1"))).preceding_invoice is None
    credit = invoice(pivot(unit(origin="GAR-2026-1", type_code="381")))
    assert credit.preceding_invoice == "GAR-2026-1"


def test_an_old_account_number_is_no_iban() -> None:
    assert invoice(pivot(unit(kind="RIB"))).iban is None


def test_what_chorus_pro_let_pass_is_told_and_not_refused() -> None:
    reading = read(pivot(unit(rate="19.00")))
    assert reading.accepted
    assert "FAC-B2G-035" in codes(reading)
    assert "FAC-B2G-031" not in codes(reading)


def test_a_virus_inside_the_zip_of_an_attachment_is_refused() -> None:
    assert codes(read(pivot(unit(paper("a.txt", EICAR))))) == ["FAC-SAFE-001"]


def test_an_attachment_that_is_no_zip_keeps_its_own_size() -> None:
    odd = (
        paper("a.pdf", b"")
        .replace("<Contenu>", "<Contenu>YWJj<!--", 1)
        .replace("</Contenu>", "--></Contenu>", 1)
    )
    assert [a.size for a in invoice(pivot(unit(odd))).attachments] == [3]


def test_a_pivot_without_an_invoice_is_refused_by_name() -> None:
    (finding,) = read(pivot()).findings
    assert (finding.code, "aucune facture" in finding.message) == ("FAC-READ-005", True)


def test_a_monstrous_envelope_is_not_copied_a_thousand_times() -> None:
    assert codes(read(pivot(unit(), unit(), note=f"<Id>{'7' * 20_000}</Id>"))) == ["FAC-SAFE-003"]


CDAR = (
    "<rsm:CrossDomainAcknowledgementAndResponse xmlns:rsm='urn:a' "
    "xmlns:ram='urn:b' xmlns:q='urn:c'>"
    "<ram:ReferenceReferencedDocument><ram:IssuerAssignedID>F7</ram:IssuerAssignedID>"
    "<ram:FormattedIssueDateTime><q:DateTimeString>20250701</q:DateTimeString>"
    "</ram:FormattedIssueDateTime><ram:ProcessConditionCode>{}</ram:ProcessConditionCode>"
    "<ram:ProcessCondition>En_litige</ram:ProcessCondition>"
    "<ram:IssuerTradeParty><ram:GlobalID>100000009</ram:GlobalID></ram:IssuerTradeParty>"
    "</ram:ReferenceReferencedDocument></rsm:CrossDomainAcknowledgementAndResponse>"
)


def test_a_file_of_statuses_says_where_each_invoice_stands() -> None:
    reading = read(statuses("07", "17", "05"))
    assert (reading.format, reading.findings) == ("status", ())
    assert [one.status for one in reading.statuses] == [S.SERVICE_DONE, None, S.REJECTED]
    first = reading.statuses[0]
    assert (first.number, first.seller, first.reason) == ("F0", "00000000169959", "Vu")
    assert str(first.issue_date) == "2018-06-13"


def test_a_life_cycle_message_of_the_reform_is_read_too() -> None:
    (one,) = read(CDAR.format("211").encode()).statuses
    assert (one.number, one.status, one.seller) == ("F7", S.PAYMENT_SENT, "100000009")
    assert str(one.issue_date) == "2025-07-01"


@pytest.mark.parametrize("file", [statuses("17"), CDAR.format("207").encode(), statuses()])
def test_a_file_without_any_status_of_ours_is_refused_by_name(file: bytes) -> None:
    (finding,) = read(file).findings
    assert finding.code == "FAC-READ-032"
    if b"F7" in file:
        assert "facture F7 : statut 207 En litige" in finding.message


@pytest.mark.parametrize("name", ["ubl/invoice.xml", "cii/invoice.xml"])
def test_an_invoice_written_as_a_pivot_says_the_same_and_carries_its_file(name: str) -> None:
    deposited = Document("facture.xml", fixture(name))
    written = write(DocumentKind.PIVOT, deposited)
    assert isinstance(written, bytes)
    was, now = invoice(deposited.data), invoice(written)
    for field in ("number", "issue_date", "type_code", "process", "currency", "delivery_date"):
        assert getattr(now, field) == getattr(was, field)
    for field in ("buyer_reference", "order_reference", "contract_reference", "iban"):
        assert getattr(now, field) == getattr(was, field)
    assert (now.seller.name, now.seller.siret) == (was.seller.name, was.seller.siret)
    assert (now.buyer.siret, now.payment_means) == (was.buyer.siret, was.payment_means)
    for figure in ("without_vat", "vat", "with_vat", "prepaid", "due"):
        assert getattr(now.totals, figure) == getattr(was.totals, figure)
    assert [(r.rate, r.base, r.vat) for r in now.vat_breakdown] == [
        (r.rate, r.base, r.vat) for r in was.vat_breakdown
    ]
    assert [(one.id, one.name, one.net) for one in now.lines] == [
        (one.id, one.name, one.net) for one in was.lines
    ]
    main, *further = now.attachments
    assert (main.name, main.size) == (deposited.name, len(deposited.data))
    assert [one.name for one in further] == [one.name for one in was.attachments]
    assert write(DocumentKind.PIVOT, deposited) == written, "the same bytes each time"


def test_a_pivot_that_was_deposited_is_handed_on_as_it_came() -> None:
    deposited = Document("flux.xml", pivot(unit(paper("facture.pdf", SHEET))))
    assert write(DocumentKind.PIVOT, deposited) == deposited.data


def test_a_file_has_no_more_statuses_than_are_recorded_together() -> None:
    (finding,) = read(statuses(*(["07"] * 501))).findings
    assert finding.code == "FAC-SAFE-008"
