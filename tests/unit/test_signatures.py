"""Signed PDFs: the signer is named, and what was altered since is told."""

from pathlib import Path

import pymupdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest import formats
from services.ingest.formats import Document, signatures
from services.ingest.formats.der import malformed, node_at
from shared.contracts.finding import Finding
from tests.fixtures.make_pdf import draw_invoice
from tests.fixtures.pdf.layouts import LAYOUTS
from tests.fixtures.signed import Key, curve_key, rsa_key, signed
from tests.papers import facturx, fixture

SHEET, _ = draw_invoice(3, LAYOUTS[0])


def said(data: bytes) -> Finding:
    reading = formats.read(Document("signed.pdf", data))
    assert reading.accepted and reading.fields
    (finding,) = [one for one in reading.findings if one.code.startswith("FAC-READ-04")]
    return finding


def added_to(data: bytes, folder: Path, *, text: str = "", title: str = "") -> bytes:
    """The same PDF with something added at its end, as editors do."""
    path = folder / "signed.pdf"
    path.write_bytes(data)
    with pymupdf.open(path) as pdf:
        if text:
            pdf[0].insert_text((50, 50), text)
        if title:
            pdf.set_metadata({"title": title})
        pdf.saveIncr()
    return path.read_bytes()


@pytest.mark.parametrize("key", [rsa_key(), curve_key()], ids=["rsa", "curve"])
def test_a_signer_is_named_and_nobody_vouches_for_the_name(key: Key) -> None:
    finding = said(signed(SHEET, key))
    assert (finding.code, finding.severity) == ("FAC-READ-040", "info")
    assert "« Marie Dupont » (certificat de « AC Essai »)" in finding.message
    assert "n'a pas changé" in finding.message and "n'est pas vérifiée" in finding.message


def test_a_signed_hybrid_says_so_too() -> None:
    data = signed(facturx(fixture("cii/invoice.xml")), rsa_key())
    assert formats.read(Document("a", data)).format == "facturx"
    assert said(data).code == "FAC-READ-040"


def test_a_pdf_without_signature_says_nothing() -> None:
    assert not formats.read(Document("a", SHEET)).findings


def test_a_byte_changed_after_the_signature_is_told() -> None:
    data = signed(SHEET, rsa_key())
    finding = said(data.replace(b"Signature1", b"Signature2"))
    assert (finding.code, finding.severity) == ("FAC-READ-041", "warning")


def test_a_signature_of_another_key_does_not_hold() -> None:
    data = signed(SHEET, curve_key())
    (found,) = signatures.RANGE.finditer(data)
    start, end = int(found[2]), int(found[3])
    packed = bytearray.fromhex(data[start + 1 : end - 1].decode())
    sealed = packed.rstrip(b"\0")
    packed[len(sealed) - 1] ^= 1
    broken = data[: start + 1] + packed.hex().encode() + data[end - 1 :]
    assert said(broken).code == "FAC-READ-041"


def test_words_added_to_a_signed_page_are_told(tmp_path: Path) -> None:
    data = signed(SHEET, rsa_key())
    assert said(added_to(data, tmp_path, text="Nouvel IBAN")).code == "FAC-READ-041"


def test_what_is_added_without_touching_the_pages_breaks_nothing(tmp_path: Path) -> None:
    data = signed(SHEET, rsa_key())
    assert said(added_to(data, tmp_path, title="Archive")).code == "FAC-READ-040"


def test_a_sum_that_leaves_out_more_than_the_signature_is_an_alteration() -> None:
    data = signed(SHEET, rsa_key())
    (found,) = signatures.RANGE.finditer(data)
    start, end = int(found[2]), int(found[3])
    wider = b"/ByteRange[0 %d %d %d]" % (start - 40, end, len(data) - end)
    data = data.replace(found[0], wider, 1)
    assert said(data).code == "FAC-READ-041"


def test_a_signature_that_we_cannot_read_is_said_to_be_one() -> None:
    data = signed(SHEET, rsa_key())
    (found,) = signatures.RANGE.finditer(data)
    start = int(found[2])
    finding = said(data[: start + 1] + b"f" * 40 + data[start + 41 :])
    assert finding.code == "FAC-READ-040"
    assert "inconnu" in finding.message and "n'a pas pu être vérifiée" in finding.message


def test_a_place_for_a_signature_is_none() -> None:
    blank = SHEET.replace(b"%%EOF", b"% /ByteRange [0 0 0 0]\n%%EOF")
    assert not formats.read(Document("a", blank)).findings


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_damaged_signature_is_judged_without_a_fault_of_ours(data: st.DataObject) -> None:
    whole = signed(SHEET, curve_key())
    (found,) = signatures.RANGE.finditer(whole)
    start = int(found[2]) + 1
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        at = start + data.draw(st.integers(0, 2400))
        damaged[at] = data.draw(st.sampled_from(b"0123456789abcdef"))
    reading = formats.read(Document("a", bytes(damaged)))
    assert "FAC-READ-016" not in {finding.code for finding in reading.findings}


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_der_or_are_not(data: bytes) -> None:
    try:
        node = node_at(data)
        assert data.startswith(node.raw)
        assert sum(len(part.raw) for part in node) == len(node.value)
    except malformed:
        pass
