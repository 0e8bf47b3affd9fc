"""What was downloaded for a buyer is told, so that both sides see that it was fetched, and when."""

import asyncio

from services.ingest.api.edge import Doors
from services.ingest.store import Found
from shared.contracts.documents import DocumentFetched
from shared.contracts.ingest import DocumentKind
from shared.outbox import Change


async def fetched(call: Doors, document: DocumentKind, *invoices: Found) -> None:
    """Tell, once for each invoice, that who reads received invoices downloaded it.

    What a program only looks into, for facts that it shows, is asked for with `Sec-Purpose`.
    """
    if call.request.headers.get("Sec-Purpose") == "prefetch":
        return
    who, at = call.who, call.at
    mine = set(who.where("read_received"))
    facts = [
        DocumentFetched(
            invoice_id=found.item["invoice_id"],
            realm=who.realm,
            structures=tuple(key for key in found.item["readers"] if key in mine),
            by="person" if who.kind == "person" else "program",
            actor=who.subject,
            document=document,
            at=at,
        )
        for found in invoices
    ]
    changes = (Change(tell=[fact], once=mark_of(fact)) for fact in facts if fact.structures)
    await asyncio.gather(*map(call.commit, changes))


def mark_of(fact: DocumentFetched) -> str:
    """What makes the first of many downloads the one that is told."""
    return f"fetched:{fact.invoice_id}:{fact.by}:{','.join(fact.structures)}"
