"""Any bytes, damaged files and odd values: the answer is a reading, never an error of ours."""

import copy
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from services.ingest import formats
from services.ingest.adapters.reader import written
from services.ingest.domain.directory import Body
from services.ingest.formats import Document, Reading, pdf_text
from services.ingest.formats.directory import decide
from services.ingest.formats.pdf_text.assembly import invoice_of
from services.ingest.formats.pdf_text.geometry import page_of
from tests.fixtures.broke import BROKE
from tests.fixtures.pivot import paper, pivot, unit
from tests.papers import facturx, fixture, mended

ROOT = Path(__file__).parents[2]
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
    pivot(unit(paper("a.pdf", b"%PDF-1.7"))),
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


@pytest.mark.parametrize("target", ["read", "words", "values"])
def test_a_short_run_of_the_fuzzer_breaks_nothing(target: str, tmp_path: Path) -> None:
    """The same inputs each time; `python -m tests.fuzz` runs longer."""
    options = ["-runs=400", "-seed=7", "-timeout=20", f"-artifact_prefix={tmp_path}/"]
    run = [sys.executable, "-m", "tests.fuzz", target, *options]
    ended = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr[-3000:]


@pytest.mark.parametrize("name", BROKE)
def test_what_broke_once_is_named_now(name: str) -> None:
    data, code = BROKE[name]
    assert code in {finding.code for finding in read(data).findings}


ODD = [
    *("", "0", "-0", ".5", "1e400", "NaN", "-Infinity", "999999999999999999.999999999999"),
    *("0001-01-01", "2026-02-30", "9999-12-31T23:59:59+14:00", "99999999", "٣", "{}", "%s", "1,5"),
    *("0" * 9, "1" * 14, "0009", "381", "S", "AE", "XXX", "true", "\u202e", "🧾", "A" * 5000),
]
TREES = [etree.fromstring(data) for data in GOOD if data.lstrip().startswith(b"<")]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_tree_with_odd_values_and_parts_lost_or_doubled_is_judged(data: st.DataObject) -> None:
    tree = copy.deepcopy(TREES[data.draw(st.integers(0, len(TREES) - 1))])
    elements = list(tree.iter())
    for _ in range(data.draw(st.integers(1, 5))):
        element = elements[data.draw(st.integers(0, len(elements) - 1))]
        parent = element.getparent()
        how = data.draw(st.sampled_from(["text", "text", "attribute", "lose", "double"]))
        if how == "text" and not len(element):
            element.text = data.draw(st.sampled_from(ODD))
        elif how == "attribute" and element.attrib:
            name = data.draw(st.sampled_from(sorted(map(str, element.attrib))))
            element.set(name, data.draw(st.sampled_from(ODD)))
        elif how == "lose" and parent is not None:
            parent.remove(element)
        elif how == "double" and parent is not None:
            parent.append(copy.deepcopy(element))
    reading = read(etree.tostring(tree))
    assert "FAC-READ-016" not in {finding.code for finding in reading.findings}
    written([reading])


WORDS = """
Facture n° Avoir Date échéance : Total HT TTC TVA 20 % 5,5 1 234,56 € 1.234,56 EUR -12,00 SIRET 732
829 320 00074 22310001700423 FR40303265045 IBAN FR76 3000 6000 0112 3456 7890 189 DFD du 03/11/2025
mars 2025 net à payer acompte versé Client Destinataire engagement CP2020/X1 marché
""".split()  # noqa: SIM905  (words read better than a list of strings)
PLACED = st.tuples(
    st.integers(0, 58), st.integers(0, 83), st.sampled_from(WORDS) | st.text(min_size=1, max_size=6)
)
BODY = Body("22310001700423", "Département", {"DFD": "Finances"}, r"CP\d{4}/[A-Z0-9]+")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PLACED, min_size=1, max_size=60))
def test_words_anywhere_on_a_page_are_understood_somehow(words: list[tuple[int, int, str]]) -> None:
    places = [(10.0 * x, 10.0 * y, 10.0 * x + 6 * len(w), 10.0 * y + 11, w) for x, y, w in words]
    found = pdf_text.understand([page_of(1, 595, 842, places)])
    known = Reading(
        "pdf_text", invoice_of(found.fields), found.fields, found.doubts, seen=found.seen
    )
    decided = decide(known, [BODY])
    for field in decided.fields.values():
        assert 0 <= field.confidence <= 1
        assert field.evidence
    written([decided])
