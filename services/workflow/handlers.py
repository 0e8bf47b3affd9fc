"""A readable invoice begins its life; the directory and the connectors are learned."""

from services.workflow.domain.case import Case
from services.workflow.domain.record import Record, invoice_id, slot
from services.workflow.domain.routing import duplicate, route
from services.workflow.store import Store
from shared.contracts.ingest import InvoiceRead
from shared.contracts.notifications import ConnectorOpened
from shared.contracts.structures import StructureChanged
from shared.contracts.workflow import InvoiceOpened, InvoiceRefused
from shared.outbox import Change, Public
from shared.service import Context, on


async def open_invoice(read: InvoiceRead, ctx: Context[Store]) -> Change:
    """A readable invoice finds its buyer and begins its life, or is refused with every fault."""
    own = invoice_id(read.deposit_id, read.item, read.received_at)
    if await ctx.store.exists(own):
        return Change()
    parties = await ctx.store.parties(read.realm, read.header)
    depositor = read.depositor
    issues_for = (*depositor.structures, depositor.structure or "")
    faults = route(Case.of(read.header, parties, issues_for, ctx.at.date()))
    if parties.seller and (other := await ctx.store.taken(slot(read, parties))):
        if other["_id"] == own:  # told twice, and opened since we looked
            return Change()
        faults = (*faults, duplicate(read.header.number, other["received_at"]))
    if faults:
        refused = InvoiceRefused(
            deposit_id=read.deposit_id, item=read.item, realm=read.realm, findings=faults
        )
        return Change(tell=[refused])
    record = Record.opened(read, parties, ctx.at)
    strangers = parties.strangers(read.header)
    return Change(
        save=[ctx.store.add(record), *(ctx.store.meet(party) for party in strangers)],
        tell=[_opened(record), *await _events(record, ctx), *strangers],
    )


def _opened(record: Record) -> InvoiceOpened:
    return InvoiceOpened(
        invoice_id=record.id,
        deposit_id=record.deposit_id,
        item=record.item,
        realm=record.realm,
        seller=record.seller,
        buyer=record.buyer,
        readers=record.readers,
        header=record.header,
        steps=record.steps,
    )


async def _events(record: Record, ctx: Context[Store]) -> list[Public]:
    queues = await ctx.store.queues(record)
    if not queues:
        return []
    keys = record.routing_keys(queues)
    return [Public(event, keys) for event in record.events(record.steps)]


async def learn_structure(changed: StructureChanged, ctx: Context[Store]) -> Change:
    """The copy of the directory follows the directory."""
    return Change(save=[await ctx.store.learn(changed.structure)])


async def learn_connector(opened: ConnectorOpened, ctx: Context[Store]) -> Change:
    """From now on this structure hears of its invoices."""
    return Change(save=[ctx.store.connect(opened)])


LISTENS = (
    on(InvoiceRead, open_invoice),
    on(StructureChanged, learn_structure),
    on(ConnectorOpened, learn_connector),
)
