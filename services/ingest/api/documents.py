"""Fetch an invoice as its parties want it: as it came, as a page, or in another format."""

from dataclasses import dataclass

from services.ingest.api.certificates import negotiated
from services.ingest.api.edge import Doors, readable
from services.ingest.api.fetches import fetched
from services.ingest.domain.deposit import PAGES
from services.ingest.domain.naming import disposition, word
from services.ingest.formats.reading import Document
from services.ingest.store import Found, certificates
from shared.contracts.ingest import DocumentKind
from shared.contracts.invoice import Header
from shared.errors import NotFound
from shared.web import Answer, Route

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


async def get_document(call: Doors) -> Answer:
    """One document of an invoice, as a download; what is absent says what there is."""
    found = await readable(call, call.path["id"])
    try:
        kind = DocumentKind(call.path["kind"])
    except ValueError:
        names = ", ".join(DocumentKind)
        raise NotFound(
            f"Ce document n'existe pas. Documents d'une facture : {names}.",
            code="document-not-available",
        ) from None
    if kind is DocumentKind.CERTIFICATE:
        return await negotiated(call, certificates.of(found.deposit))
    made = await document(call, found, kind)
    await fetched(call, kind, found)
    return Answer(
        made.data,
        media_type=made.media_type,
        headers={
            "Content-Disposition": disposition(made.name),
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
            **({"ETag": f'"{made.tag}"'} if made.tag else {}),
        },
    )


@dataclass(frozen=True, slots=True)
class Made:
    """A document of an invoice."""

    name: str
    data: bytes
    media_type: str
    tag: str | None = None


async def document(call: Doors, found: Found, kind: DocumentKind) -> Made:
    """One document of an invoice. Raises NotFound when it has none of this kind."""
    if kind is DocumentKind.CERTIFICATE:
        proof = certificates.of(found.deposit).model_dump_json().encode()
        return Made(f"{_stem(found)}-certificat.json", proof, "application/json")
    data = await call.files.get(found.deposit["sha256"])
    if kind is DocumentKind.ORIGINAL:
        seen = Document("", data)
        media_type, _ = PDF if seen.is_pdf else XML if seen.is_xml else OTHER
        return Made(found.deposit["filename"], data, media_type, found.deposit["sha256"])
    return await _written(call, found, kind, data)


async def _written(call: Doors, found: Found, kind: DocumentKind, data: bytes) -> Made:
    item = found.item
    header = Header.model_validate(item["header"])
    changed = item.get("readdressed", False) or item["format"] in PAGES
    source = Document(found.deposit["filename"], data)
    made = await call.adapters.workers.write(kind, source, header if changed else None)
    if not isinstance(made, bytes):
        raise NotFound(
            "Ce document n'a pas pu être établi ; l'original reste disponible.",
            code="document-not-available",
            errors=[made],
        )
    if not made:
        raise NotFound("Cette facture n'a pas de pièce jointe.", code="document-not-available")
    media_type, suffix = TYPES[kind]
    return Made(f"{_stem(found)}-{kind}.{suffix}", made, media_type)


def _stem(found: Found) -> str:
    return word(found.item["header"]["number"]) or "facture"


ROUTES = (
    Route(
        "GET",
        "/v1/invoices/{id}/documents/{kind}",
        get_document,
        summary="Télécharger un document d'une facture",
        scope="invoices:read",
        media_type="application/octet-stream",
    ),
)
