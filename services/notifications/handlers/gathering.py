"""Held mails become one mail when their time has come: all of them, once, whoever sees to it."""

import asyncio
from contextlib import suppress
from typing import Any

from services.notifications.adapters import Adapters
from services.notifications.domain.gathering import Gathering, Line, gathered
from services.notifications.domain.mail import Delivery
from services.notifications.domain.notices import delivery_id, notices
from services.notifications.handlers.addressed import plan
from services.notifications.store import Store
from shared import logs
from shared.context import Context
from shared.contracts.notifications import DeliveryDue
from shared.errors import Conflict
from shared.outbox import Change
from shared.service import Running

Here = Context[Store, Adapters]
SECONDS = 1.0


async def gather_mails(running: Running[Any, Store, Adapters]) -> None:
    """Gather what is due, for ever."""
    while True:
        await asyncio.sleep(SECONDS)
        try:
            ctx = running.context()
            for realm, to in await ctx.store.readers_due(ctx.at):
                with suppress(Conflict):  # another process was faster
                    await running.outbox.apply(await gather(realm, to, ctx))
        except Exception as error:
            logs.logger().warning("gathering_failed", error=repr(error)[:300])


async def gather(realm: str, to: str, ctx: Here) -> Change:
    """The one mail that says what several would have, saved with the end of each of them."""
    rows = await ctx.store.held_mails(realm, to, ctx.at)
    if not rows:
        return Change()
    case: Gathering = "digest" if any(row["into"] == "digest" for row in rows) else "burst"
    (notice,) = notices(DeliveryDue, case=case)
    lines = [Line(r["_id"], r["kind"], r["subject"], r["created_at"]) for r in rows]
    facts = gathered(lines, case, ctx.adapters.public_url)
    mail = Delivery(
        id=delivery_id("gathered", realm, to, *(line.id for line in lines)),
        realm=realm,
        structure=None,
        topic=notice.topic,
        template=notice.template,
        letter=ctx.adapters.letters.write(notice, facts),
        to=to,
        created_at=ctx.at,
        kind=notice.kind,
        quietest=notice.quietest,
    )
    planned = plan([mail], ctx)
    merged = [ctx.store.merge(line.id, mail.id) for line in lines]
    return Change([*planned.save, *merged], planned.tell)
