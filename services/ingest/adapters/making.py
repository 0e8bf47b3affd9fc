"""The documents of an invoice, made of the file that it came in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.ingest.adapters.workers import Workers
from services.ingest.domain.deposit import PAGES
from services.ingest.domain.naming import word
from services.ingest.formats.reading import Document
from shared.contracts.ingest import DocumentKind
from shared.contracts.invoice import Header
from shared.errors import NotFound
from shared.files import Files

XML, PDF, ZIP = ("application/xml", "xml"), ("application/pdf", "pdf"), ("application/zip", "zip")
OTHER = ("application/octet-stream", "bin")
TYPES = {
    DocumentKind.READABLE: PDF,
    DocumentKind.FACTURX: PDF,
    DocumentKind.UBL: XML,
    DocumentKind.CII: XML,
    DocumentKind.PIVOT: XML,
    DocumentKind.ATTACHMENTS: ZIP,
}
Stored = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    """A document of an invoice."""

    name: str
    data: bytes
    media_type: str
    tag: str | None = None


async def make(
    kind: DocumentKind, deposit: Stored, item: Stored, files: Files, workers: Workers
) -> Made:
    """One document of an invoice, by its deposit and its item. Raises NotFound: it has none."""
    data = await files.get(deposit["sha256"])
    if kind is DocumentKind.ORIGINAL:
        seen = Document("", data)
        media_type, _ = PDF if seen.is_pdf else XML if seen.is_xml else OTHER
        return Made(deposit["filename"], data, media_type, deposit["sha256"])
    header = Header.model_validate(item["header"])
    changed = item.get("readdressed", False) or item["format"] in PAGES
    source = Document(deposit["filename"], data)
    made = await workers.write(kind, source, header if changed else None)
    if not isinstance(made, bytes):
        raise NotFound(
            "Ce document n'a pas pu être établi ; l'original reste disponible.",
            code="document-not-available",
            errors=[made],
        )
    if not made:
        raise NotFound("Cette facture n'a pas de pièce jointe.", code="document-not-available")
    media_type, suffix = TYPES[kind]
    return Made(f"{stem(item)}-{kind}.{suffix}", made, media_type)


def stem(item: Stored) -> str:
    """The number of an invoice, as the beginning of a file name."""
    return word(item["header"]["number"]) or "facture"
