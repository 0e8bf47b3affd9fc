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
from shared import logs
from shared.contracts.structures import CorrectionPolicy, CorrectionRule
from shared.errors import Conflict
from shared.service import Running, Service, run
from shared.settings import Settings

TICK_SECONDS = 1.0
"""How often delays are looked at."""
FOLD_SECONDS = 0.5
"""How far a dashboard may be behind."""


class WorkflowSettings(Settings):
    """What workflow reads from the environment."""

    correction: CorrectionPolicy = Field(
        default="recycling",
        description="What a wrong address leads to: `recycling` (corrected under the same number)"
        " or `reissue` (refused, a new invoice is needed); a body may have its own policy",
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


SERVICE: Service[WorkflowSettings, Store, Adapters] = Service(
    name="workflow",
    settings=WorkflowSettings,
    store=Store,
    adapters=open_adapters,
    listens=LISTENS,
    routes=ROUTES,
    indexes=INDEXES,
    collections=COLLECTIONS,
    background=(keep_time, add_up),
)

if __name__ == "__main__":
    run(SERVICE)
