"""workflow, put together."""

import asyncio
from contextlib import AsyncExitStack
from datetime import date

from pydantic import Field

from services.workflow.adapters import Adapters
from services.workflow.api import ROUTES
from services.workflow.handlers import LISTENS
from services.workflow.handlers.timekeeping import see_to
from services.workflow.store import COLLECTIONS, INDEXES, Store
from shared import clock, logs
from shared.contracts.structures import CorrectionPolicy, CorrectionRule
from shared.errors import Conflict
from shared.outbox import Change
from shared.ring import Sealed
from shared.service import Running, Service, run

TICK_SECONDS = 1.0
"""How often delays are looked at."""
FOLD_SECONDS = 0.5
"""How far a dashboard may be behind."""


class WorkflowSettings(Sealed):
    """What workflow reads from the environment."""

    correction: CorrectionPolicy = Field(
        default="recycling",
        description="What a wrong address leads to: `recycling` (corrected under the same number)"
        " or `reissue` (refused, a new invoice is needed); a body may have its own policy",
    )
    seal_seconds: float = Field(
        default=60, ge=1, le=3600, description="How often the journal is sealed, about, in seconds"
    )
    correction_since: date | None = Field(
        default=None, description="The day from which CHORALE_CORRECTION holds; empty: always"
    )


async def open_adapters(settings: WorkflowSettings, stack: AsyncExitStack) -> Adapters:
    """The rules of this instance."""
    rule = CorrectionRule(policy=settings.correction, since=settings.correction_since)
    return Adapters(corrections=(rule,))


async def keep_time(running: Running[WorkflowSettings, Store, Adapters]) -> None:
    """See to delays as they pass, for ever."""
    while True:
        try:
            while await see_to(running.store, running.outbox.apply, running.context().at):
                continue
        except Exception as error:
            logs.logger().warning("timekeeping_failed", error=repr(error)[:300])
        await asyncio.sleep(TICK_SECONDS)


async def add_up(running: Running[WorkflowSettings, Store, Adapters]) -> None:
    """Add what was counted to counts and sums, for ever."""
    while True:
        try:
            while change := await running.store.tallies.fold():
                await running.outbox.apply(change)
        except Conflict:
            logs.logger().debug("another_adds_up")
        except Exception as error:
            logs.logger().warning("adding_up_failed", error=repr(error)[:300])
        await asyncio.sleep(FOLD_SECONDS)


async def seal(running: Running[WorkflowSettings, Store, Adapters]) -> None:
    """Seal the journal, for ever."""
    while True:
        try:
            while change := await running.store.journal.seal(running.context().at):
                await running.outbox.apply(change)
        except Conflict:
            logs.logger().debug("another_seals")
        except Exception as error:
            logs.logger().warning("sealing_failed", error=repr(error)[:300])
        await asyncio.sleep(clock.jitter(running.settings.seal_seconds))


async def first_key(running: Running[WorkflowSettings, Store, Adapters]) -> None:
    """Make the first key that signs heads."""
    ring = running.store.journal.ring
    ring.seals = running.settings.seals
    await running.outbox.apply(Change(await ring.first(running.context().at)))


SERVICE: Service[WorkflowSettings, Store, Adapters] = Service(
    name="workflow",
    settings=WorkflowSettings,
    store=Store,
    adapters=open_adapters,
    listens=LISTENS,
    routes=ROUTES,
    indexes=INDEXES,
    collections=COLLECTIONS,
    start=first_key,
    background=(keep_time, add_up, seal),
)

if __name__ == "__main__":
    run(SERVICE)
