"""That a buyer has downloaded an invoice is noted beside it."""

from services.workflow.adapters import Adapters
from services.workflow.store import Store
from shared.context import Context
from shared.contracts.documents import DocumentFetched
from shared.contracts.doors import DocumentPickedUp
from shared.outbox import Change

Here = Context[Store, Adapters]


async def note_fetch(told: DocumentFetched, ctx: Here) -> Change:
    """Keep the first download by a program and the first by a person, if it was for the buyer."""
    return await _noted(told, ctx)


async def note_pickup(told: DocumentPickedUp, ctx: Here) -> Change:
    """Keep that the buyer took the invoice from its folder."""
    return await _noted(told, ctx)


async def _noted(told: DocumentFetched | DocumentPickedUp, ctx: Here) -> Change:
    record = await ctx.store.invoice(told.invoice_id)
    if record is None or not set(record.actors("buyer")) & set(told.structures):
        return Change()
    return Change([ctx.store.fetched(told)])
