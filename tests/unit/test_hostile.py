"""Files made to harm: each gets a finding, quickly, and nothing is fetched, run or blown up."""

import base64
import io
import time
import zipfile
import zlib
from collections.abc import Callable

import pymupdf
import pytest

from services.ingest import formats
from services.ingest.formats import Document, Reading
from services.ingest.formats.inspection import EICAR
from tests.papers import catalogued, facturx, fixture, mended, page

UBL = "ubl/invoice.xml"
CII = "cii/invoice.xml"
INVOICE = b"<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'>"


def read(data: bytes) -> Reading:
    return formats.read(Document("x", data))


def only_code(data: bytes) -> str:
    reading = read(data)
    assert not reading.accepted
    assert reading.invoice is None
    assert len(reading.findings) == 1
    return reading.findings[0].code


def in_clothing(doctype: str, body: str = "") -> bytes:
    """A sound invoice with a document type before it."""
    return mended(UBL, ("<Invoice ", f"{doctype}\n<Invoice "), ("Réfection", f"{body}Réfection"))


LAUGHS = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "ha">' for n in range(10)
)


@pytest.mark.parametrize(
    "data",
    [
        in_clothing(f"<!DOCTYPE Invoice [{LAUGHS}]>", "&l9;"),
        in_clothing('<!DOCTYPE Invoice [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "&x;"),
        in_clothing('<!DOCTYPE Invoice SYSTEM "http://127.0.0.1:9/x.dtd">'),
        in_clothing('<!DOCTYPE Invoice [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p">%p;]>'),
        in_clothing(f'<!DOCTYPE Invoice [<!ENTITY q "{"a" * 50_000}">]>', "&q;" * 5_000),
        in_clothing("<!DOCTYPE Invoice [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>")
        .decode()
        .encode("utf-16"),
        facturx(
            mended(
                CII, ("<rsm:CrossIndustryInvoice ", "<!DOCTYPE x []>\n<rsm:CrossIndustryInvoice ")
            )
        ),
    ],
    ids=["laughs", "file", "dtd", "parameter", "quadratic", "utf-16", "in a pdf"],
)
def test_a_document_type_is_refused_before_any_tree(data: bytes) -> None:
    assert only_code(data) == "FAC-SAFE-002"


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: INVOICE + b"<b/>" * 3_000_000 + b"</Invoice>", "éléments"),
        (lambda: INVOICE + b"<b>" * 200_000, "imbrication"),
        (lambda: INVOICE + b"<b>" * 65 + b"</b>" * 65 + b"</Invoice>", "imbrication"),
        (
            lambda: (
                INVOICE
                + b"<b "
                + b" ".join(b"a%d='1'" % n for n in range(300_000))
                + b"/></Invoice>"
            ),
            "balise",
        ),
        (
            lambda: (
                INVOICE + b"<b " + b" ".join(b"a%d='1'" % n for n in range(70)) + b"/></Invoice>"
            ),
            "attributs",
        ),
        (lambda: INVOICE + b"<b a='" + b"x" * 1_000_000 + b"'/></Invoice>", "balise"),
        (lambda: INVOICE + b"<!--" + b"x" * 1_000_000 + b"--></Invoice>", "commentaire"),
        (lambda: INVOICE + b"x" * 50_000_000 + b"</Invoice>", "texte"),
    ],
    ids=[
        "siblings",
        "deep",
        "65 deep",
        "attributes",
        "70 attributes",
        "long attribute",
        "comment",
        "text",
    ],
)
def test_a_monstrous_tree_is_never_built(made: Callable[[], bytes], words: str) -> None:
    data = made()
    started = time.monotonic()
    reading = read(data)
    assert [finding.code for finding in reading.findings] == ["FAC-SAFE-003"]
    assert words in reading.findings[0].message
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'<?xml version="1.0" encoding="UTF-7"?>+ADw-Invoice/+AD4-', "FAC-READ-004"),
        (fixture(UBL).decode().replace("UTF-8", "UTF-32").encode("utf-32"), "FAC-READ-004"),
        (fixture(UBL).replace("Bâti".encode(), b"B\xe2ti"), "FAC-READ-004"),
        (fixture(UBL).replace(b"UTF-8", b"EBCDIC-CP-FR"), "FAC-READ-004"),
        (fixture(UBL).replace(b"Toulouse", b"Toul\0use"), "FAC-READ-003"),
        (fixture(UBL)[:-200], "FAC-READ-003"),
        (fixture(UBL).replace(b"cbc:CityName>", b"nil:CityName>"), "FAC-READ-003"),
    ],
    ids=["utf-7", "utf-32", "not utf-8", "ebcdic", "nul", "truncated", "no namespace"],
)
def test_text_that_is_not_what_it_says_is_refused(data: bytes, code: str) -> None:
    assert only_code(data) == code


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "iso-8859-1", "windows-1252", "iso-8859-15"]
)
def test_the_usual_encodings_are_read(encoding: str) -> None:
    text = fixture(UBL).decode().replace("UTF-8", encoding.removesuffix("-sig"))
    reading = read(text.encode(encoding))
    assert reading.accepted
    assert reading.invoice is not None
    assert reading.invoice.seller.name == "Garonne Bâti SARL"


def test_an_inclusion_is_only_a_strange_element() -> None:
    xinclude = '<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>'
    reading = read(mended(UBL, ("<cbc:DueDate>", f"{xinclude}<cbc:DueDate>")))
    assert [finding.code for finding in reading.findings] == ["FAC-XSD-001"]


def zipped(name: str, content: bytes) -> bytes:
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content)
        return file.getvalue()


def attached(content: bytes) -> bytes:
    return mended(UBL, ("Y29udHJvbGU=", base64.b64encode(content).decode()))


@pytest.mark.parametrize(
    "data",
    [
        EICAR,
        b"<a>" + EICAR + b"</a>",
        attached(EICAR),
        attached(zipped("note.txt", EICAR)),
        facturx(fixture(CII), others={"note.txt": EICAR}),
    ],
    ids=["bare", "in xml", "attached", "in a zip", "in a pdf"],
)
def test_a_virus_is_found_wherever_it_travels(data: bytes) -> None:
    assert only_code(data) == "FAC-SAFE-001"


@pytest.mark.parametrize(
    "data",
    [
        attached(b"MZ\x90\0"),
        attached(zipped("setup.EXE", b"x")),
        mended(UBL, ('filename="metre.csv"', 'filename="metre.js"')),
        facturx(fixture(CII), others={"go.bat": b"del"}),
    ],
    ids=["program", "program in a zip", "script", "in a pdf"],
)
def test_a_program_is_no_attachment(data: bytes) -> None:
    assert only_code(data) == "FAC-SAFE-005"


def test_a_damaged_archive_is_only_an_attachment() -> None:
    assert read(attached(zipped("bon.txt", b"bon")[:-10])).accepted


def encrypted(user: str, owner: str) -> bytes:
    with pymupdf.open() as pdf:
        pdf.new_page()
        return bytes(
            pdf.tobytes(encryption=pymupdf.mupdf.PDF_ENCRYPT_AES_256, user_pw=user, owner_pw=owner)
        )


def packed(action: str) -> bytes:
    """An action in a compressed object, which no plain look at the bytes shows."""
    with pymupdf.open() as pdf:
        pdf.new_page()
        number = pdf.get_new_xref()
        pdf.update_object(number, action)
        pdf.xref_set_key(pdf.pdf_catalog(), "OpenAction", f"{number} 0 R")
        data = bytes(pdf.tobytes(use_objstms=1, deflate=True))
    assert b"JavaScript" not in data
    return data


def disguised(action: str) -> bytes:
    """An action as its author wrote it, names escaped; only a lenient reader opens the file."""
    return (
        f"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction {action}>>endobj\n"
        "2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n"
        "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n"
        "trailer<</Root 1 0 R>>\n%%EOF"
    ).encode()


def with_many(objects: int) -> bytes:
    with pymupdf.open() as pdf:
        pdf.new_page()
        for _ in range(objects):
            pdf.update_object(pdf.get_new_xref(), "<</A 1>>")
        return bytes(pdf.tobytes())


def with_pages(count: int) -> bytes:
    with pymupdf.open() as pdf:
        for _ in range(count):
            pdf.new_page()
        return bytes(pdf.tobytes())


def looping() -> bytes:
    """A page tree that contains itself."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Count 9/Kids[2 0 R 2 0 R]>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF"
    )


SCRIPT = "<</S/JavaScript/JS(app.alert\\(1\\))>>"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (page()[:400], "FAC-READ-006"),
        (b"%PDF-1.7\n", "FAC-READ-006"),
        (looping(), "FAC-READ-006"),
        (encrypted("secret", "secret"), "FAC-READ-007"),
        (encrypted("", "secret"), "FAC-READ-007"),
        (catalogued("OpenAction", SCRIPT), "FAC-SAFE-004"),
        (disguised("<</S/J#61vaScript/J#53(1)>>"), "FAC-SAFE-004"),
        (catalogued("Names", "<</JavaScript<</Names[(a)" + SCRIPT + "]>>>>"), "FAC-SAFE-004"),
        (packed(SCRIPT), "FAC-SAFE-004"),
        (catalogued("OpenAction", "<</S/Launch/F(calc.exe)>>"), "FAC-SAFE-004"),
        (page(width=6338, height=6338), "FAC-SAFE-006"),
        (page(width=100, height=20_000), "FAC-SAFE-006"),
        (with_pages(501), "FAC-SAFE-006"),
        (with_many(50_001), "FAC-SAFE-006"),
    ],
    ids=[
        "truncated", "head only", "loop", "locked", "owner password", "script", "disguised script",
        "named script", "packed script", "launch", "5 m² page", "ribbon", "501 pages", "objects",
    ],
)  # fmt: skip
def test_a_dangerous_pdf_is_refused(data: bytes, code: str) -> None:
    assert only_code(data) == code


def test_words_about_scripts_are_no_script() -> None:
    with pymupdf.open() as pdf:
        pdf.new_page().insert_text((72, 72), "Formation /JavaScript et /Launch, Facture F1")
        reading = read(bytes(pdf.tobytes(deflate=False)))
    assert "FAC-SAFE-004" not in {finding.code for finding in reading.findings}


def test_a_bomb_in_a_pdf_is_not_unpacked_by_looking() -> None:
    bomb = zlib.compress(zlib.compress(b"\0" * 100_000_000))
    data = page().replace(
        b"trailer",
        b"99 0 obj<</Length %d/Filter[/FlateDecode/FlateDecode]>>stream\n" % len(bomb)
        + bomb
        + b"\nendstream endobj\ntrailer",
    )
    started = time.monotonic()
    read(data)
    assert time.monotonic() - started < 2
