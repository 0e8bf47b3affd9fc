"""Scans: pages without text are recognised by tesseract, and understood as text pages are.

Recognition takes a hundred times as long as reading text. So `formats.read` only says that it is
due, by the name `DUE`; `pages.read` does it, in a process that alone loads tesseract.
"""

from dataclasses import replace

from services.ingest.formats.pdf_ocr.need import enough, pictures
from services.ingest.formats.reading import Document, Reading

__all__ = ["DUE", "NAME", "due", "or_due"]

NAME = "pdf_ocr"
DUE = "pdf_scan"
"""The format of a reading that must be done again, by recognition."""


def due(reading: Reading) -> bool:
    """Whether a reading must be done again, by recognition."""
    return reading.format == DUE


def or_due(document: Document, reading: Reading) -> Reading:
    """What the text of a PDF gave, or word that its pictures must be recognised."""
    if enough(reading) or not pictures(document.pages):
        return reading
    return replace(reading, format=DUE, findings=())
