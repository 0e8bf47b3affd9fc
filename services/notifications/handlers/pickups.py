"""Invoices lie in the folders of buyers that pick them up, until they are read and removed."""

from services.notifications.adapters import Adapters
from services.notifications.domain.feed import parties
from services.notifications.domain.folders import INVOICES, INVOICES_KEPT, invoice_name
from services.notifications.store import Store
from shared.context import Context
from shared.contracts.documents import DocumentMade
from shared.contracts.doors import DocumentWanted
from shared.contracts.status import InvoiceStatus
from shared.contracts.workflow import InvoiceOpened, StatusChanged
from shared.outbox import Change

Here = Context[Store, Adapters]


async def wanted(
    fact: InvoiceOpened | StatusChanged,
    ctx: Here,
    deposit_id: str | None = None,
    item: int | None = None,
) -> list[DocumentWanted]:
    """What is to be made ready when an invoice comes to its buyer."""
    if all(step.status is not InvoiceStatus.MADE_AVAILABLE for step in fact.steps):
        return []
    buyers = parties(fact).get("buyer", (fact.buyer,))
    return [
        DocumentWanted(
            invoice_id=fact.invoice_id,
            deposit_id=deposit_id,
            item=item,
            realm=fact.realm,
            structure=structure,
            document=document,
        )
        for structure, document in await ctx.store.pickups(buyers)
    ]


async def lay_invoice(made: DocumentMade, ctx: Here) -> Change:
    """Lay an invoice into the folder of its buyer."""
    paper = ctx.store.lay_paper(
        made.structure,
        INVOICES,
        invoice_name(made.invoice_id, made.name),
        ctx.at,
        INVOICES_KEPT,
        sha256=made.sha256,
        size=made.size,
        invoice_id=made.invoice_id,
        document=made.document,
    )
    return Change([paper])
