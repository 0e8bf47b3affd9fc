"""The pages of a scan recognised, looked at again when they do not add up, and understood."""

from collections.abc import Iterator, Mapping, Sequence

import pymupdf

from services.ingest.domain.refusals import refusal
from services.ingest.formats import pdf_text
from services.ingest.formats.pdf_ocr import NAME
from services.ingest.formats.pdf_ocr.again import Bands, doubtful, entire
from services.ingest.formats.pdf_ocr.engine import Sheet, look, look_closer
from services.ingest.formats.pdf_ocr.evidence import witnessed
from services.ingest.formats.pdf_ocr.mending import Mend, mend_amounts, mend_keys, tidied
from services.ingest.formats.pdf_ocr.need import pictures
from services.ingest.formats.pdf_ocr.union import adds_up, united
from services.ingest.formats.pdf_text.assembly import invoice_of
from services.ingest.formats.pdf_text.geometry import Page, page_of
from services.ingest.formats.pdf_text.understanding import Understanding, understand
from services.ingest.formats.reading import Document, Reading
from shared.contracts.finding import Doubt, Finding

MOST_PAGES = 20
"""Pages recognised; the rest of a document is not looked at, and a doubt says so."""
MOST_AGAIN = 3
"""Pages looked at a second time."""
LEGIBLE = 45
"""Mean certainty of 100 below which a picture shows nothing that can be read."""


def read(document: Document, text: Reading) -> Reading:
    """The fields that the pages show; those that are pictures are recognised."""
    pdf = document.pages
    scanned = pictures(pdf)
    sheets = {number: look(pdf[number - 1]) for number in scanned[:MOST_PAGES]}
    texts = pdf_text.pages_of(pdf)
    raw, mends = _understood(texts, sheets)
    read = witnessed(raw, sheets, mends)
    if text.fields:  # it said something, and exactly, but not enough
        read = united(Understanding(text.fields, text.doubts, True, text.seen), read)
    first = list(sheets.values())[:MOST_AGAIN]
    read = _again(read, doubtful(raw, first), pdf, texts, sheets)
    read = _again(read, entire(read, first), pdf, texts, sheets)
    if not read.looks_like_invoice:
        return Reading(NAME, findings=(_refusal(sheets),), pages=len(pdf))
    return Reading(
        NAME,
        invoice=invoice_of(read.fields),
        fields=read.fields,
        doubts=(*read.doubts, *_unread(len(scanned), sheets)),
        pages=len(pdf),
        seen=read.seen,
    )


def _again(
    read: Understanding,
    bands: Bands,
    pdf: pymupdf.Document,
    texts: Sequence[Page],
    sheets: Mapping[int, Sheet],
) -> Understanding:
    """What was read, and what a closer look at parts of the pages adds to it."""
    if not bands:
        return read
    closer = dict(sheets)
    for number, parts in bands.items():
        closer[number] = look_closer(pdf[number - 1], sheets[number], parts)
    more, mends = _understood(texts, closer)
    return united(read, witnessed(more, closer, mends))


def _understood(
    texts: Sequence[Page], sheets: Mapping[int, Sheet]
) -> tuple[Understanding, list[Mend]]:
    """What text and recognised words say together, and what was mended for it."""
    seen = {
        number: page_of(
            number,
            sheet.width,
            sheet.height,
            [(word.x0, word.y0, word.x1, word.y1, word.text) for word in tidied(sheet.words)],
        )
        for number, sheet in sheets.items()
    }
    pages = [seen.get(page.number, page) for page in texts]
    mends = mend_keys(seen.values())
    read = understand(pages)
    if not adds_up(read.fields) and (more := mend_amounts(seen.values())):
        other = understand(pages)
        if adds_up(other.fields):
            read, mends = other, mends + more
    return read, mends


def _unread(scanned: int, sheets: Mapping[int, Sheet]) -> Iterator[Doubt]:
    """What was not looked at, or not to the end."""
    if scanned > len(sheets):
        yield Doubt(
            field="pages",
            message=f"Le document compte {scanned} pages numérisées ; seules les "
            f"{len(sheets)} premières ont été lues.",
        )
    for sheet in sheets.values():
        if not sheet.whole:
            message = f"La page {sheet.number} est trop chargée : elle n'a pas été lue en entier."
            yield Doubt(field="pages", message=message)


def _refusal(sheets: Mapping[int, Sheet]) -> Finding:
    """Why a scan is no invoice: nobody can read it, or it shows something else."""
    if not any(sheet.sure >= LEGIBLE for sheet in sheets.values()):
        whole = all(sheet.whole for sheet in sheets.values())
        return refusal("FAC-READ-018" if whole else "FAC-SAFE-007")
    detail = "ses pages ne montrent ni numéro, ni date, ni total de facture"
    return refusal("FAC-READ-005", detail)
