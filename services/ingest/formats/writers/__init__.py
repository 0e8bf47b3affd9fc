"""From a document that was handed in to another of the same invoice.

What the sender wrote itself is handed on as it is; only what it did not write is written here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from services.ingest import formats
from services.ingest.domain.confirmation import TRANSFER, WITHOUT_LINES
from services.ingest.domain.naming import word
from services.ingest.domain.refusals import refusal
from services.ingest.formats import cii as cii_format
from services.ingest.formats import facturx as facturx_format
from services.ingest.formats import pivot as pivot_format
from services.ingest.formats import ubl as ubl_format
from services.ingest.formats.reading import Document
from services.ingest.formats.unreadable import Unreadable
from services.ingest.formats.writers import attachments, certificate, cii, facturx, pivot, ubl
from services.ingest.formats.writers.content import Content
from shared.contracts.finding import Finding
from shared.contracts.ingest import DocumentKind
from shared.contracts.invoice import Header, Invoice
from shared.contracts.proof import SignedCertificate


@dataclass(frozen=True)
class Job:
    """A document, and what its invoice says in the header now, when that is no longer the same."""

    document: Document
    header: Header | None

    @property
    def carried(self) -> bytes | None:
        """The invoice inside a PDF."""
        found = facturx_format.invoices(self.document) if self.document.is_pdf else []
        return found[0][1] if found else None

    @property
    def root(self) -> str | None:
        """The root of the invoice as its sender wrote it, when it still says what holds."""
        if self.header is not None:
            return None
        if self.document.is_pdf:
            return str(Document("", carried).root.tag) if (carried := self.carried) else None
        return str(self.document.root.tag)

    def content(self) -> Content:
        """The invoice with its attachments."""
        if self.document.is_pdf and self.carried is None:
            assert self.header is not None
            return Content(whole(self.header))
        invoice = formats.read(self.document).invoice
        if invoice is None:
            raise Unreadable.because("FAC-READ-016", "aucune facture")
        if self.header is not None:
            invoice = invoice.model_copy(update=dict(self.header))
        return Content(invoice, [one.data for one in attachments.carried(self.document)])


def whole(header: Header) -> Invoice:
    """The invoice of a page: its profile has no lines, an account means a transfer."""
    means = header.payment_means or (TRANSFER if header.iban else None)
    profile = header.profile or WITHOUT_LINES
    return Invoice(**{**dict(header), "profile": profile, "payment_means": means})


def write(kind: DocumentKind, document: Document, header: Header | None = None) -> bytes | Finding:
    """The invoice as a document of that kind, or why it cannot be one; never raises."""
    return guarded(lambda: WRITERS[kind](Job(document, header)))


def compose(invoice: Invoice, contents: Sequence[bytes] = ()) -> bytes | Finding:
    """The Factur-X of an invoice that was typed, its attachments inside; never raises."""
    return guarded(lambda: facturx.write(invoice, cii.write(Content(invoice, contents))))


def certified(signed: SignedCertificate) -> bytes | Finding:
    """A certificate of deposit as a page; never raises."""
    return guarded(lambda: certificate.write(signed))


def guarded(make: Callable[[], bytes]) -> bytes | Finding:
    """What is made, or why it cannot be."""
    try:
        return make()
    except Unreadable as refused:
        return refused.finding
    except (RecursionError, MemoryError):
        return refusal("FAC-SAFE-007")
    except Exception as error:  # what hostile files do to libraries is not known in advance
        return refusal("FAC-READ-016", type(error).__name__)


def as_ubl(job: Job) -> bytes:
    """UBL 2.1."""
    if job.root in {ubl_format.INVOICE, ubl_format.CREDIT_NOTE}:
        return job.document.data
    return ubl.write(job.content())


def as_cii(job: Job) -> bytes:
    """CII."""
    if job.root == cii_format.ROOT:
        return job.carried or job.document.data
    return cii.write(job.content())


def as_pivot(job: Job) -> bytes:
    """Chorus Pro's pivot, with the deposited file inside."""
    document = job.document
    return document.data if job.root == pivot_format.ROOT else pivot.write(job.content(), document)


def as_facturx(job: Job) -> bytes:
    """Factur-X; a page of the sender's that carries no invoice, or an older one, travels inside."""
    document = job.document
    if document.is_pdf and job.root == cii_format.ROOT:
        return document.data
    content = job.content()
    xml = as_cii(job) if job.root == cii_format.ROOT else cii.write(content)
    page = (f"{word(document.name.removesuffix('.pdf')) or 'original'}.pdf", document.data)
    return facturx.write(content.invoice, xml, page if document.is_pdf else None)


def readable(job: Job) -> bytes:
    """What people read: the sender's own page, else ours."""
    document = job.document
    return document.data if document.is_pdf else facturx.readable(job.content().invoice)


def packed(job: Job) -> bytes:
    """Every attachment in a ZIP; nothing when there is none."""
    named, beside = attachments.carried(job.document), attachments.beside(job.document)
    return attachments.zipped([*named, *(one for one in beside if one not in named)])


WRITERS: Mapping[DocumentKind, Callable[[Job], bytes]] = {
    DocumentKind.READABLE: readable,
    DocumentKind.FACTURX: as_facturx,
    DocumentKind.UBL: as_ubl,
    DocumentKind.CII: as_cii,
    DocumentKind.PIVOT: as_pivot,
    DocumentKind.ATTACHMENTS: packed,
}
