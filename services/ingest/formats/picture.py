"""A page of a PDF as people see it: its picture, and its words where they stand."""

import pymupdf

from services.ingest.formats.pdf import damage_refused, open_safely
from services.ingest.formats.unreadable import Unreadable
from shared.contracts.ingest import PageView

WIDTH = 1240.0
"""Pixels: an A4 page at 150 dots an inch."""
MOST_PIXELS = 4_000_000.0
LARGEST_ZOOM = 3.0
MOST_WORDS = 5000


def page_of(data: bytes, number: int) -> PageView:
    """The size of a page, counted from 1, and its words. Raises Unreadable."""
    with open_safely(data) as document, damage_refused():
        page = _page(document, number)
        words = page.get_text("words", sort=True)[:MOST_WORDS]
        return PageView(
            number=number,
            count=document.page_count,
            width=page.rect.width,
            height=page.rect.height,
            words=tuple((text, (x0, y0, x1, y1)) for x0, y0, x1, y1, text, *_ in words),
        )


def image_of(data: bytes, number: int) -> bytes:
    """The picture of a page, counted from 1, as PNG. Raises Unreadable."""
    with open_safely(data) as document, damage_refused():
        page = _page(document, number)
        width, height = page.rect.width, page.rect.height
        bounded = (MOST_PIXELS / (width * height)) ** 0.5
        zoom = min(LARGEST_ZOOM, WIDTH / width, bounded)
        picture = page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), alpha=False, annots=True)
        return bytes(picture.tobytes("png"))


def _page(document: pymupdf.Document, number: int) -> pymupdf.Page:
    if not 1 <= number <= document.page_count:
        raise Unreadable.because("FAC-READ-006")
    return document[number - 1]
