"""Text PDF: the words of every page and their places become fields with evidence, and an invoice.

Reads the whole document, knows no layout and no company; what it doubts, it says.
"""

import pymupdf

from services.ingest.domain.refusals import refusal
from services.ingest.formats.pdf_text.assembly import invoice_of
from services.ingest.formats.pdf_text.geometry import Page, page_of
from services.ingest.formats.pdf_text.understanding import understand
from services.ingest.formats.reading import Document, Reading
from shared.contracts.finding import Finding

__all__ = ["NAME", "pages_of", "read", "recognises", "understand"]

NAME = "pdf_text"


def recognises(document: Document) -> bool:
    """Whether it is a PDF."""
    return document.is_pdf


def read(document: Document) -> Reading:
    """The fields of the invoice that the pages show, and the invoice they make."""
    pages = pages_of(document.pages)
    if not any(page.pieces for page in pages):
        return Reading(NAME, findings=(_wordless(document.pages),), pages=len(pages))
    understood = understand(pages)
    if not understood.looks_like_invoice:
        detail = "ses pages ne montrent ni numéro, ni date, ni total de facture"
        return Reading(NAME, findings=(refusal("FAC-READ-005", detail),), pages=len(pages))
    return Reading(
        NAME,
        invoice=invoice_of(understood.fields),
        fields=understood.fields,
        doubts=understood.doubts,
        pages=len(pages),
        seen=understood.seen,
    )


def pages_of(pdf: pymupdf.Document) -> list[Page]:
    """The words of every page, joined to pieces."""
    return [
        page_of(
            number, page.rect.width, page.rect.height, [word[:5] for word in page.get_text("words")]
        )
        for number, page in enumerate(pdf.pages(), start=1)
    ]


def _wordless(pdf: pymupdf.Document) -> Finding:
    """Why a PDF without words cannot be read: it is a picture, or it is empty."""
    picture = any(page.get_images() for page in pdf.pages())
    return refusal("FAC-READ-018" if picture else "FAC-READ-008")
