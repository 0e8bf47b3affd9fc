"""Invoices made ready for buyers that pick them up, each in the form that it wants."""

from services.ingest.adapters.making import Made, make
from services.ingest.handlers.telling import Surroundings
from services.ingest.store import Found
from shared.contracts.documents import DocumentMade
from shared.contracts.doors import DocumentWanted, Pickup
from shared.contracts.ingest import DocumentKind
from shared.errors import NotFound
from shared.files import sha256
from shared.outbox import Change


async def make_ready(wanted: DocumentWanted, context: Surroundings) -> Change:
    """The document is kept where the doors find it; what cannot be written comes as it was sent."""
    found = await context.store.invoice(wanted.invoice_id, wanted.deposit_id, wanted.item)
    if found is None:
        raise NotFound("no such invoice", invoice_id=wanted.invoice_id)
    document: Pickup = wanted.document
    try:
        made = await _made(document, found, context)
    except NotFound:
        document = "original"
        made = await _made(document, found, context)
    hash = sha256(made.data)
    ready = DocumentMade(
        invoice_id=wanted.invoice_id,
        realm=wanted.realm,
        structure=wanted.structure,
        document=document,
        name=made.name,
        sha256=hash,
        size=len(made.data),
    )
    return Change([await context.files.keep(made.data, hash)], [ready])


async def _made(document: Pickup, found: Found, context: Surroundings) -> Made:
    workers = context.adapters.workers
    return await make(DocumentKind(document), found.deposit, found.item, context.files, workers)
