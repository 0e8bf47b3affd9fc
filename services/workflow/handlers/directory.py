"""The directory and the connectors are learned."""

from services.workflow.adapters import Adapters
from services.workflow.store import Store
from shared.contracts.notifications import ConnectorClosed, ConnectorOpened
from shared.contracts.structures import StructureChanged
from shared.outbox import Change
from shared.service import Context


async def learn_structure(changed: StructureChanged, ctx: Context[Store, Adapters]) -> Change:
    """The copy of the directory follows the directory."""
    return Change(save=[await ctx.store.learn(changed.structure)])


async def learn_connector(opened: ConnectorOpened, ctx: Context[Store, Adapters]) -> Change:
    """From now on this structure hears of its invoices."""
    return Change(save=[ctx.store.connect(opened)])


async def forget_connector(closed: ConnectorClosed, ctx: Context[Store, Adapters]) -> Change:
    """From now on this queue hears nothing."""
    return Change(save=[ctx.store.connect(closed)])
