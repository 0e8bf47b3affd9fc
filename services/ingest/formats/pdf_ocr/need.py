"""Which pages must be recognised: those that show something and have no text that can be read."""

import pymupdf

from services.ingest.formats.reading import Reading

FEW = 12
"""Words: a page with fewer may only carry the stamp of a copier over its picture."""
LARGE = 0.5
"""Share of a page from which on a picture is the page."""
SMALL = 0.05
"""Share of a page below which a picture is a logo."""
MANY = 40
"""Drawn paths: letters that were turned into outlines."""
GARBLED = 0.05
"""Share of letters without meaning from which on a text is none."""
KNOWN = ("number", "issue_date", "total_with_vat")


def enough(reading: Reading) -> bool:
    """Whether the text of a document says what matters, so that pictures in it may rest."""
    sure = all(name in reading.fields for name in KNOWN)
    return sure and reading.fields["total_with_vat"].confidence > 0.6


def pictures(pdf: pymupdf.Document) -> list[int]:
    """The numbers of the pages to recognise."""
    return [number for number, page in enumerate(pdf.pages(), start=1) if is_picture(page)]


def is_picture(page: pymupdf.Page) -> bool:
    """Whether a page shows more than its text tells."""
    text = page.get_text("text")
    words = text.split()
    shown = page.get_bboxlog()
    area = max(abs(page.rect), 1.0)
    largest = max((_area(box, page) for kind, box in shown if "image" in kind), default=0.0) / area
    if garbled(text) or largest > LARGE:
        return True
    drawn = sum(kind.endswith("path") for kind, _ in shown)
    return len(words) < FEW and (largest > SMALL or drawn > MANY)


def garbled(text: str) -> bool:
    """Whether a text is letters of a font that does not say what they mean."""
    letters = [c for c in text if not c.isspace()]
    lost = sum(c == "\ufffd" or c < " " or "\ue000" <= c <= "\uf8ff" for c in letters)
    return len(letters) > FEW and lost > GARBLED * len(letters)


def _area(box: tuple[float, float, float, float], page: pymupdf.Page) -> float:
    seen = pymupdf.Rect(box) & page.rect
    return 0.0 if seen.is_empty else abs(float(seen.get_area()))
