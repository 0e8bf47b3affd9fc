"""What accounts hears."""

from services.accounts.adapters import Adapters
from services.accounts.store import Store
from shared.context import Context
from shared.contracts.structures import StructureChanged
from shared.outbox import Change


async def learn_structure(changed: StructureChanged, ctx: Context[Store, Adapters]) -> Change:
    """Remember whether a structure is a public body, which no new account may claim."""
    return Change(save=[ctx.store.learn(changed.structure)])
