"""What fuzzing does to the readers, and what must hold whatever the bytes are."""

import copy

import atheris
from lxml import etree

from services.ingest import formats
from services.ingest.adapters.reader import written
from services.ingest.domain.confirmation import composed, typed
from services.ingest.formats import Document, Reading, pdf_ocr, pdf_text, writers
from services.ingest.formats.pdf_text.geometry import page_of
from shared.contracts.ingest import DocumentKind
from tests.fuzz.seeds import sound_xml

FAULT_OF_OURS = "FAC-READ-016"
DEPTH = 2
"""How far archives inside archives are followed."""


class Fault(Exception):
    """Something that must never happen did."""


def read_anything(data: bytes, depth: int = DEPTH) -> None:
    """Any bytes get a reading that JSON can hold; what is an invoice can be written again."""
    document = Document("x", data)
    reading = formats.read(document)
    blame(reading)
    written([reading])
    if reading.accepted and reading.invoice is not None:
        rewritten(document, reading)
    for member in reading.members[:4] if depth else ():
        read_anything(member.data, depth - 1)


def blame(reading: Reading) -> None:
    """Raise Fault when reading ended in an error of ours, or in silence."""
    codes = {finding.code for finding in reading.findings}
    if FAULT_OF_OURS in codes:
        raise Fault(codes)
    if pdf_ocr.due(reading):
        return  # another process goes on from here
    if reading.invoice is None and not reading.members and not codes and not reading.fields:
        raise Fault("neither an invoice nor a word why not")


def rewritten(document: Document, reading: Reading) -> None:
    """Write an invoice in other formats and type it again; none may end in an error of ours."""
    for kind in (DocumentKind.UBL, DocumentKind.CII):
        made = writers.write(kind, document, reading.invoice and reading.invoice.header())
        if not isinstance(made, bytes) and made.code == FAULT_OF_OURS:
            raise Fault(made)
    assert reading.invoice is not None
    composed(typed(reading.invoice))


def understand_words(data: bytes) -> None:
    """Words anywhere on a page are understood somehow: text lines, each word at its column."""
    text = data.decode("utf-8", "replace")
    words = [
        (6.0 * column, 12.0 * row, 6.0 * (column + len(word)), 12.0 * row + 10, word)
        for row, line in enumerate(text.splitlines()[:80])
        for column, word in placed(line[:120])
    ]
    found = pdf_text.understand([page_of(1, 720, 960, words)])
    if any(not 0 <= field.confidence <= 1 for field in found.fields.values()):
        raise Fault("a confidence beyond its bounds")


def placed(line: str) -> list[tuple[int, str]]:
    """The words of a line with the column where each begins."""
    found, column = [], 0
    for word in line.split(" "):
        if word.strip():
            found.append((column, word.strip()))
        column += len(word) + 1
    return found


TREES = [etree.fromstring(data) for data in sound_xml()]


def judge_values(data: bytes) -> None:
    """A sound invoice in which elements say what the bytes say, are lost or are doubled."""
    chosen = atheris.FuzzedDataProvider(data)
    tree = copy.deepcopy(TREES[chosen.ConsumeIntInRange(0, len(TREES) - 1)])
    elements = list(tree.iter(etree.Element))
    for _ in range(chosen.ConsumeIntInRange(1, 6)):
        element = elements[chosen.ConsumeIntInRange(0, len(elements) - 1)]
        parent, how = element.getparent(), chosen.ConsumeIntInRange(0, 9)
        if how == 0 and parent is not None:
            parent.remove(element)
        elif how == 1 and parent is not None:
            parent.append(copy.deepcopy(element))
        elif how == 2 and element.attrib:
            element.set(sorted(map(str, element.attrib))[0], said(chosen))
        else:
            element.text = said(chosen)
    read_anything(etree.tostring(tree))


def said(chosen: atheris.FuzzedDataProvider) -> str:
    """A text that XML can hold."""
    text = chosen.ConsumeUnicodeNoSurrogates(chosen.ConsumeIntInRange(0, 24))
    return "".join(c for c in text if c >= " " and c not in "\ufffe\uffff")


TARGETS = {"read": read_anything, "words": understand_words, "values": judge_values}
