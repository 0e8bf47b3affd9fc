"""What structures hears."""

from services.structures.adapters import Adapters
from services.structures.domain.identifiers import LIVE
from services.structures.domain.official import FIELDS, view
from services.structures.domain.sheets import met, written
from services.structures.store import Store
from shared.context import Context
from shared.contracts.memberships import StructureClaimed, entry
from shared.contracts.structures import StructureChanged, StructureSheet
from shared.contracts.workflow import PartyMet
from shared.outbox import Change

Here = Context[Store, Adapters]


async def meet_party(party: PartyMet, ctx: Here) -> Change:
    """Make in its sandbox whom an invoice names; of one that exists, say again what it is."""
    if party.realm == LIVE:
        return Change()
    structure = met(party)
    known = await ctx.store.structure(structure.key)
    if known:
        return Change(tell=[StructureChanged(structure=known)])
    return Change(save=[ctx.store.put(structure)], tell=[StructureChanged(structure=structure)])


async def make_claimed(claimed: StructureClaimed, ctx: Here) -> Change:
    """Make the sheet of a structure that somebody opened an account for, from the register."""
    if await ctx.store.structure(claimed.structure):
        return Change()
    realm, _, siret = claimed.structure.split("/", 2)
    official = await ctx.store.official(siret, ctx.at)
    official = official or await ctx.adapters.registry.lookup(siret, ctx.at.date())
    shown = view(siret, official)
    fields = {name: getattr(shown, name) for name in FIELDS}
    fields |= {"name": shown.name or siret, "country": shown.country or "FR"}
    structure = written(StructureSheet(**fields), realm, "siret", siret, None)
    return Change(
        save=[
            ctx.store.put(structure),
            ctx.store.put_origin(structure.key, claimed.by, shown, ctx.at),
            ctx.store.record(
                entry(
                    ctx.new_id(),
                    ctx.at,
                    structure.key,
                    "created",
                    by="la plateforme",
                    detail={"source": shown.source},
                )
            ),
        ],
        tell=[StructureChanged(structure=structure)],
    )
