"""What structures hears."""

from services.structures import domain
from services.structures.store import Store
from shared.context import Context
from shared.contracts.structures import StructureChanged
from shared.contracts.workflow import PartyMet
from shared.outbox import Change


async def meet_party(party: PartyMet, ctx: Context[Store]) -> Change:
    """Make in its sandbox whom an invoice names; of one that exists, say again what it is."""
    if party.realm == domain.LIVE:
        return Change()
    structure = domain.met(party)
    known = await ctx.store.structure(structure.key)
    if known:
        return Change(tell=[StructureChanged(structure=known)])
    return Change(save=[ctx.store.put(structure)], tell=[StructureChanged(structure=structure)])
