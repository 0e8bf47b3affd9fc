"""Supporting documents of any file, in one ZIP that every system can unpack."""

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest import formats
from services.ingest.domain.naming import apart, disposition
from services.ingest.formats import Document
from services.ingest.formats.writers import attachments, ubl, write
from services.ingest.formats.writers.content import Content
from shared.contracts.finding import Finding
from shared.contracts.ingest import DocumentKind
from shared.contracts.invoice import Attachment
from tests.builders import an_invoice
from tests.fixtures import pivot

FIXTURES = Path(__file__).parents[1] / "fixtures"
EN16931 = "urn:cen.eu:en16931:2017"


def made(kind: DocumentKind, document: Document, **more: Any) -> bytes:
    data = write(kind, document, **more)
    assert isinstance(data, bytes), data
    return data


def fixture(name: str) -> Document:
    return Document(name, (FIXTURES / name).read_bytes())


def test_attachments_come_in_a_zip_under_harmless_names() -> None:
    invoice = an_invoice(profile=EN16931)
    names = ("../../etc/passwd", "Bon n° 1.pdf", "bon N° 1.PDF", "aux.txt", "chorus.pdf")
    contents = (b"1", b"2", b"3", b"4", b"PK\x03\x04zip")
    invoice = invoice.model_copy(
        update={
            "attachments": tuple(
                attachment(name, content) for name, content in zip(names, contents, strict=True)
            )
        }
    )
    document = Document("a.xml", ubl.write(Content(invoice, contents)))
    with zipfile.ZipFile(io.BytesIO(made(DocumentKind.ATTACHMENTS, document))) as packed:
        found = {name: packed.read(name) for name in packed.namelist()}
    assert found == {
        "_.._etc_passwd": b"1",
        "Bon n° 1.pdf": b"2",
        "bon N° 1 (2).PDF": b"3",
        "_aux.txt": b"4",
        "chorus.pdf.zip": b"PK\x03\x04zip",
    }


def attachment(name: str, content: bytes) -> Attachment:
    return Attachment(name=name, media_type="text/plain", size=len(content))


def test_a_pivot_becomes_other_formats_with_its_attachments_unpacked() -> None:
    document = Document("p.xml", pivot.pivot(pivot.unit(pivot.paper("bon.pdf", b"%PDF-bon"))))
    source = formats.read(document)
    for kind in (DocumentKind.UBL, DocumentKind.CII, DocumentKind.FACTURX):
        reading = formats.read(Document("a", made(kind, document)))
        assert reading.accepted
        assert reading.invoice is not None
        assert source.invoice is not None
        assert reading.invoice.header().totals.due == source.invoice.totals.due
        assert reading.invoice.attachments == source.invoice.attachments
    with zipfile.ZipFile(io.BytesIO(made(DocumentKind.ATTACHMENTS, document))) as packed:
        assert packed.read("bon.pdf") == b"%PDF-bon"


def test_files_beside_the_invoice_in_a_pdf_are_attachments_too() -> None:
    pdf = pymupdf.open(stream=made(DocumentKind.FACTURX, fixture("ubl/invoice.xml")))
    pdf.embfile_add("plan.txt", b"ici")
    zipped = made(DocumentKind.ATTACHMENTS, Document("a.pdf", pdf.tobytes()))
    assert zipfile.ZipFile(io.BytesIO(zipped)).namelist() == ["metre.csv", "plan.txt"]


def test_an_invoice_without_attachments_gives_nothing() -> None:
    assert made(DocumentKind.ATTACHMENTS, fixture("cii/invoice.xml")) == b""


def test_attachments_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MOST_BYTES", 3)
    invoice = an_invoice(profile=EN16931, attachments=(attachment("a.txt", b"1234"),))
    refused = write(DocumentKind.ATTACHMENTS, Document("a", ubl.write(Content(invoice, [b"1234"]))))
    assert isinstance(refused, Finding)
    assert refused.code == "FAC-SAFE-006"


@given(st.lists(st.text(max_size=300), max_size=6))
def test_names_in_a_zip_are_apart_and_no_paths(names: list[str]) -> None:
    found = list(apart(names))
    assert len({name.casefold() for name in found}) == len(names)
    assert all(not re.search(r'[\x00-\x1f/\\<>:"|?*]', name) and name for name in found)


def test_a_download_keeps_the_name_it_was_handed_in_under() -> None:
    assert disposition("a b-1.pdf") == 'attachment; filename="a b-1.pdf"'
    assert disposition('é"\r\n.pdf') == (
        "attachment; filename=\"____.pdf\"; filename*=UTF-8''%C3%A9%22%0D%0A.pdf"
    )
