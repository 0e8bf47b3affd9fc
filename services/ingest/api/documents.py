"""Fetch an invoice as its parties want it: as it came, as a page, or in another format."""

from services.ingest.adapters.making import Made, make, stem
from services.ingest.api.certificates import negotiated
from services.ingest.api.edge import Doors, readable
from services.ingest.api.fetches import fetched
from services.ingest.domain.naming import disposition
from services.ingest.store import Found, certificates
from shared.contracts.ingest import DocumentKind
from shared.errors import NotFound
from shared.web import Answer, Route


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


async def document(call: Doors, found: Found, kind: DocumentKind) -> Made:
    """One document of an invoice. Raises NotFound when it has none of this kind."""
    if kind is DocumentKind.CERTIFICATE:
        proof = certificates.of(found.deposit).model_dump_json().encode()
        return Made(f"{stem(found.item)}-certificat.json", proof, "application/json")
    return await make(kind, found.deposit, found.item, call.files, call.adapters.workers)


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
