"""What the formats share: the document that comes in, the reading that goes out, the refusal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

import pymupdf
from lxml import etree
from pydantic import Base64Bytes

from services.ingest.domain.deposit import PAGES
from services.ingest.domain.refusals import refusal
from services.ingest.formats import pdf, xml
from services.ingest.formats.unreadable import Unreadable
from shared.contracts.finding import Doubt, Finding
from shared.contracts.ingest import ReadField
from shared.contracts.invoice import Invoice
from shared.contracts.reported import ReportedStatus

__all__ = ["Document", "Format", "Reading", "Unreadable"]


@dataclass(frozen=True)
class Document:
    """A file as it was handed in. Its name is for people; its content decides what it is."""

    name: str
    data: bytes

    @cached_property
    def is_pdf(self) -> bool:
        """Whether the bytes claim to be a PDF; the mark may follow rubbish, as readers allow."""
        return b"%PDF-" in self.data[:1024]

    @cached_property
    def is_xml(self) -> bool:
        """Whether the bytes begin like XML in any encoding."""
        return self.data[:64].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n").startswith(b"<")

    @cached_property
    def root(self) -> etree._Element:
        """The root of the XML tree, once the guard has let it pass."""
        return xml.parse(self.data)

    @cached_property
    def pages(self) -> pymupdf.Document:
        """The opened PDF, once it is known to be harmless."""
        return pdf.open_safely(self.data)

    @cached_property
    def embedded(self) -> list[tuple[str, bytes]]:
        """The files that the PDF carries, by name, once none of them is dangerous."""
        return pdf.embedded(self.pages)

    @cached_property
    def metadata(self) -> str:
        """The XMP metadata of the PDF."""
        with pdf.damage_refused():
            return self.pages.get_xml_metadata() or ""


@dataclass(frozen=True)
class Member:
    """A file inside a file: its name without folders, and its bytes."""

    name: str
    data: Base64Bytes


SeenCode = tuple[str, int, tuple[float, float, float, float]]
"""A word that may be a code, its page and its place."""


@dataclass(frozen=True)
class Seen:
    """What a page shows beside its fields, for who knows more than the page."""

    numbers: Sequence[str] = ()
    """SIRETs and SIRENs, each once."""
    codes: Sequence[SeenCode] = ()


@dataclass(frozen=True)
class Reading:
    """What a format understood of a document, and everything that is wrong with it."""

    format: str
    invoice: Invoice | None = None
    fields: Mapping[str, ReadField] = field(default_factory=dict)
    doubts: Sequence[Doubt] = ()
    findings: Sequence[Finding] = ()
    pages: int | None = None
    members: Sequence[Member] = ()
    """Of an archive: its files, each to be read by itself."""
    statuses: Sequence[ReportedStatus] = ()
    """Of a file of statuses: what it says of invoices."""
    seen: Seen = Seen()
    """Of pages: what a directory may know."""

    def in_brief(self) -> "Reading":
        """It without what routing does not need: lines, attachments, and fields but of a page."""
        short = {"lines": (), "allowances": (), "attachments": ()}
        invoice = self.invoice.model_copy(update=short) if self.invoice else None
        return replace(self, invoice=invoice, fields=self.fields if self.format in PAGES else {})

    @property
    def accepted(self) -> bool:
        """Whether nothing found so far refuses it."""
        return not any(finding.blocks for finding in self.findings)


class Format(Protocol):
    """A module that knows one format."""

    @property
    def NAME(self) -> str:
        """Its public name."""

    def recognises(self, document: Document) -> bool:
        """Whether the content is of this format."""

    def read(self, document: Document) -> Reading:
        """The document understood; raises Unreadable when it cannot be."""


def unread(format_name: str, code: str, detail: str = "") -> Reading:
    """The reading of a document that could not be read."""
    return Reading(format_name, findings=(refusal(code, detail),))
