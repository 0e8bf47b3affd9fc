"""Archives are opened without believing what they announce; bombs are made here, never shipped."""

import gzip
import io
import struct
import tarfile
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.formats import archive
from services.ingest.formats.reading import Document
from services.ingest.formats.unreadable import Unreadable


def zipped(*members: tuple[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as made:
        for name, data in members:
            made.writestr(name, data)
    return packed.getvalue()


def tarred(*members: tarfile.TarInfo | tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as made:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                made.addfile(member)
                continue
            info = tarfile.TarInfo(member[0])
            info.size = len(member[1])
            made.addfile(info, io.BytesIO(member[1]))
    return packed.getvalue()


def special(name: str, kind: bytes, target: str = "/etc/passwd") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def refused(data: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        archive.unpack(data)
    return caught.value.finding.code


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_members_come_in_order_with_their_bytes_and_without_their_folders(pack) -> None:  # type: ignore[no-untyped-def]
    data = pack(("lot/F1.xml", b"<a/>"), ("lot/F2.pdf", b"%PDF-1"), ("F3.xml", b""))
    assert archive.recognises(Document("a", data))
    assert [(m.name, m.data) for m in archive.unpack(data)] == [
        ("F1.xml", b"<a/>"),
        ("F2.pdf", b"%PDF-1"),
        ("F3.xml", b""),
    ]


XADES = b"""<?xml version="1.0"?>\n<ds:Signature Id="s1" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>"""


def test_signatures_that_travel_beside_their_invoices_are_no_items() -> None:
    data = tarred(
        ("F1.xml", b"<Invoice xmlns='http://www.w3.org/2000/09/xmldsig#'/>"), ("s", XADES)
    )
    assert [m.name for m in archive.read(Document("a", data)).members] == ["F1.xml"]
    with pytest.raises(Unreadable):
        archive.read(Document("a", tarred(("s", XADES))))


def test_an_office_document_is_no_archive_of_invoices() -> None:
    assert not archive.recognises(
        Document("a", zipped(("[Content_Types].xml", b"<Types/>"), ("word/d.xml", b"")))
    )


@pytest.mark.parametrize("name", ["../F1.xml", "a/../../F1.xml", "/etc/F1.xml", "C:\\F1.xml"])
@pytest.mark.parametrize("pack", [zipped, tarred])
def test_a_path_that_leaves_its_folder_refuses_the_whole_archive(pack, name: str) -> None:  # type: ignore[no-untyped-def]
    assert refused(pack(("good.xml", b"<a/>"), (name, b"<a/>"))) == "FAC-SAFE-009"


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE]
)
def test_a_link_or_a_device_refuses_the_whole_archive(kind: bytes) -> None:
    assert refused(tarred(("good.xml", b"<a/>"), special("F1.xml", kind))) == "FAC-SAFE-009"


def test_a_symbolic_link_in_a_zip_refuses_the_whole_archive() -> None:
    info = zipfile.ZipInfo("F1.xml")
    info.external_attr = 0o120777 << 16
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr(info, "/etc/passwd")
    assert refused(packed.getvalue()) == "FAC-SAFE-009"


@pytest.mark.parametrize("names", [("F1.xml", "F1.xml"), ("F1.xml", "f1.XML"), ("é.xml", "é.xml")])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_that_are_equal_to_some_computer_refuse_the_whole_archive(
    names: tuple[str, str],
) -> None:
    assert refused(zipped(*((name, b"<a/>") for name in names))) == "FAC-SAFE-009"


def test_a_bomb_is_refused_before_it_is_inflated() -> None:
    assert refused(zipped(("F1.xml", b"\0" * 20_000_000))) == "FAC-SAFE-008"
    assert refused(tarred(("F1.xml", b"\0" * 20_000_000))) == "FAC-SAFE-008"


def test_too_many_members_are_refused_by_their_count_alone() -> None:
    many = zipped(*((f"{n}.xml", b"") for n in range(archive.MOST_MEMBERS + 1)))
    assert refused(many) == "FAC-SAFE-008"
    assert refused(tarred(*((f"{n}.xml", b"") for n in range(1001)))) == "FAC-SAFE-008"
    lying = bytearray(zipped(("F1.xml", b"<a/>")))
    struct.pack_into("<H", lying, len(lying) - 22 + 10, 60_000)
    assert refused(bytes(lying)) == "FAC-SAFE-008"


def test_a_member_that_lies_about_its_size_is_counted_while_it_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(archive, "MOST_MEMBER_BYTES", 1000)
    assert refused(tarred(("F1.xml", bytes(range(256)) * 8))) == "FAC-SAFE-008"


def test_an_encrypted_zip_says_so() -> None:
    data = bytearray(zipped(("F1.xml", b"<a/>"), compression=zipfile.ZIP_STORED))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert refused(bytes(data)) == "FAC-READ-031"


@pytest.mark.parametrize(
    "data",
    [
        zipped(("F1.xml", b"<a/>" * 1000))[:-30],
        tarred(("F1.xml", b"<a/>" * 1000))[:-30],
        gzip.compress(b"not a tar"),
        zipped(),
        b"PK\x03\x04 and then nothing",
    ],
)
def test_a_damaged_or_empty_archive_is_a_finding(data: bytes) -> None:
    assert refused(data) == "FAC-READ-030"


@given(st.data())
def test_no_bytes_break_it(data: st.DataObject) -> None:
    sound = data.draw(st.sampled_from([zipped(("F1.xml", b"<a/>")), tarred(("F1.xml", b"<a/>"))]))
    broken = bytearray(sound)
    for _ in range(data.draw(st.integers(1, 6))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert archive.unpack(bytes(broken))
    except Unreadable as error:
        assert error.finding.code.startswith("FAC-")
