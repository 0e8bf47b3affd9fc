"""What accounts hears."""

from services.accounts.adapters import Adapters
from services.accounts.store import Store
from shared.context import Context
from shared.contracts.structures import StructureChanged
from shared.outbox import Change

Here = Context[Store, Adapters]


async def learn_structure(changed: StructureChanged, ctx: Here) -> Change:
    """Remember what rights need to know of a structure; who holds it is asked about anew."""
    structure = changed.structure
    members = await ctx.store.members(structure.key, "active")
    clients = await ctx.store.clients_of(structure.key)
    subjects = [*(member.account_id for member in members), *(row["_id"] for row in clients)]
    touched = [ctx.store.rights_changed(ctx.new_id(), subject, ctx.at) for subject in subjects]
    return Change(save=[ctx.store.learn(structure), *touched])
