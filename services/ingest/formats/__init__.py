"""Bytes in, Reading out; same bytes, same answer. The content decides, never the file name."""

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import pymupdf

from services.ingest.formats import (
    archive,
    cii,
    facturx,
    pdf_ocr,
    pdf_text,
    pivot,
    signatures,
    statuses,
    ubl,
    unknown,
)
from services.ingest.formats.inspection import EICAR
from services.ingest.formats.pdf import damaged
from services.ingest.formats.reading import Document, Format, Reading, unread
from services.ingest.formats.schemas import load as load_schemas
from services.ingest.formats.unreadable import Unreadable

__all__ = ["FORMATS", "Document", "Format", "Reading", "load_schemas", "read"]

FORMATS: tuple[Format, ...] = tuple(
    cast(Format, module)
    for module in (ubl, cii, pivot, facturx, pdf_text, archive, statuses, unknown)
)
"""In this order they are asked; the last one recognises everything and refuses it by name."""


def read(
    document: Document, recognise: Callable[[Document, Reading], Reading] | None = None
) -> Reading:
    """The document as the first format that recognises it understands it; never raises.

    `recognise` reads the pictures of pages; without it, a reading may have the format `DUE`.
    """
    format_name = "pdf" if document.is_pdf else "xml" if document.is_xml else "unknown"
    if EICAR in document.data:
        return unread(format_name, "FAC-SAFE-001")
    try:
        for known in FORMATS:
            if known.recognises(document):
                format_name = known.NAME
                reading = known.read(document)
                if known.NAME == pdf_text.NAME:
                    reading = pdf_ocr.or_due(document, reading)
                if recognise and reading.format == pdf_ocr.DUE:
                    format_name = pdf_ocr.NAME
                    reading = recognise(document, reading)
                return signed(document, reading) if document.is_pdf else reading
    except Unreadable as refused:
        return Reading(format_name, findings=(refused.finding,))
    except (RecursionError, MemoryError):
        return unread(format_name, "FAC-SAFE-007")
    except pymupdf.mupdf.FzErrorBase as error:
        return Reading(format_name, findings=(damaged(error).finding,))
    except Exception as error:  # a hostile file may break any library in ways nobody listed
        return unread(format_name, "FAC-READ-016", type(error).__name__)
    return unread(format_name, "FAC-READ-002")


def signed(document: Document, reading: Reading) -> Reading:
    """The reading of a PDF with what its signatures say."""
    found = signatures.findings(document)
    return replace(reading, findings=(*reading.findings, *found)) if found else reading
