"""Any bytes, damaged files and odd values: the answer is a reading, never an error of ours."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.ingest import formats
from services.ingest.formats import Document, Reading
from tests.papers import facturx, fixture, mended

UBL = "ubl/invoice.xml"
CII = "cii/invoice.xml"


def read(data: bytes) -> Reading:
    return formats.read(Document("x", data))


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"%PDF-1.7\n", b"<", b"<?xml version='1.0'?>", b"PK\x03\x04"]),
)
def test_any_bytes_get_a_reading(data: bytes, start: bytes) -> None:
    reading = read(start + data)
    assert isinstance(reading, Reading)
    assert not reading.accepted
    assert reading.findings


GOOD = [
    fixture(UBL),
    fixture("ubl/credit-note.xml"),
    fixture("cii/chorus-dialect.xml"),
    fixture("cii/zugferd-1.xml"),
    facturx(fixture(CII)),
]


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_damaged_invoice_gets_a_reading(data: st.DataObject) -> None:
    """Bytes overwritten, cut out or doubled: the answer is a reading and never a fault of ours."""
    sound = GOOD[data.draw(st.integers(0, len(GOOD) - 1))]
    damaged = bytearray(sound)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        how = data.draw(st.sampled_from(["overwrite", "cut", "double"]))
        piece = bytes(damaged[at : at + data.draw(st.integers(1, 60))])
        if how == "overwrite":
            damaged[at : at + 4] = data.draw(st.binary(min_size=1, max_size=8))
        elif how == "cut":
            del damaged[at : at + len(piece)]
        else:
            damaged[at:at] = piece
        if not damaged:
            return
    reading = read(bytes(damaged))
    assert "FAC-READ-016" not in {finding.code for finding in reading.findings}


XML_VALUES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=30)


@settings(max_examples=150, deadline=None)
@given(
    XML_VALUES,
    st.sampled_from(
        ["GAR-2026-0117", "2026-03-02", "1365.50", "EUR", "40483304800022", "20<", "DFD"]
    ),
)
def test_any_value_in_any_place_is_judged(value: str, place: str) -> None:
    safe = value.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    reading = read(mended(UBL, (place, safe + "<" if place.endswith("<") else safe)))
    assert "FAC-READ-016" not in {finding.code for finding in reading.findings}
