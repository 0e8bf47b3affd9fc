"""Factur-X: a page of ours that carries the invoice as CII, and the sender's own page beside it."""

from services.ingest.formats.facturx import level_of
from services.ingest.formats.writers.archival import File, Relation, bound
from services.ingest.formats.writers.metadata import About
from services.ingest.formats.writers.page import draw, title_of
from shared.contracts.invoice import Invoice

NAME = "factur-x.xml"


def write(invoice: Invoice, xml: bytes, page: tuple[str, bytes] | None = None) -> bytes:
    """The document; `page` is the PDF that the sender handed in, by its name."""
    relation: Relation = "Alternative" if invoice.lines else "Data"
    files = [File(NAME, xml, "text/xml", relation, "Facture électronique Factur-X")]
    if page is not None:
        name, data = page
        files.append(File(name, data, "application/pdf", "Source", "Page remise par l'émetteur"))
    return bound(draw(invoice), about(invoice, level_of(invoice.profile or "")), files)


def readable(invoice: Invoice) -> bytes:
    """The page alone."""
    return bound(draw(invoice), about(invoice))


def about(invoice: Invoice, level: str | None = None) -> About:
    """What the PDF says of itself."""
    return About(title_of(invoice), invoice.seller.name, invoice.issue_date, level)
