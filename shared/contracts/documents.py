"""The documents of invoices: many at once, and what is told of them."""

from datetime import datetime
from typing import ClassVar

from pydantic import Field

from shared.contracts.doors import Pickup
from shared.contracts.ingest import DocumentKind, Fetcher
from shared.contracts.message import Message, Shape


class DocumentFetched(Message):
    """A document of an invoice was downloaded for structures that may read what they receive."""

    TOPIC: ClassVar[str] = "ingest.document-fetched.v1"
    invoice_id: str
    realm: str
    structures: tuple[str, ...]
    """Of the readers of the invoice, those for which it was downloaded."""
    by: Fetcher
    actor: str
    """The person, the program, or the key of the SFTP door."""
    document: DocumentKind
    at: datetime


class DocumentMade(Message):
    """An invoice is ready to be picked up by its buyer, in the form that it wants."""

    TOPIC: ClassVar[str] = "ingest.document-made.v1"
    invoice_id: str
    realm: str
    structure: str
    document: Pickup
    """The original when the invoice cannot be had in the wanted form."""
    name: str
    sha256: str
    size: int


PROMISES = (DocumentFetched, DocumentMade)


class BundleRequest(Shape):
    """Asking for one kind of document of many invoices."""

    kind: DocumentKind
    invoices: tuple[str, ...] = Field(min_length=1, max_length=100)
    """Their ids."""


class BundleItem(Shape):
    """An invoice in a bundle: its file, or why it has none."""

    invoice_id: str
    file: str | None = None
    sha256: str | None = None
    code: str | None = None
    message: str | None = None


class BundleManifest(Shape):
    """What is in a bundle."""

    kind: DocumentKind
    items: tuple[BundleItem, ...]
