"""What a program opened ends with it: its doors close, and no event is lost by that."""

from dataclasses import replace

from services.notifications.adapters import Adapters
from services.notifications.domain.connectors import place
from services.notifications.store import Store
from shared.context import Context
from shared.contracts.machines import ProgramRevoked
from shared.outbox import Change

Here = Context[Store, Adapters]
CAUSE = "program-revoked"


async def close_doors(revoked: ProgramRevoked, ctx: Here) -> Change:
    """Its SFTP keys go; its webhooks are switched off, and a manager may switch them on again."""
    store = ctx.store
    off = [
        store.change_webhook(replace(webhook, on=False, off_cause=CAUSE, program=None))
        for webhook in await store.webhooks_of(revoked.client_id)
    ]
    return Change([*await store.keys_of(revoked.client_id), *off])


async def shut_out(revoked: ProgramRevoked, ctx: Here) -> Change:
    """Accounts whose password it has are taken away; queues stay, with what waits in them.

    A manager who gave a password meanwhile finds it in force: whoever comes last looks again.
    """
    management, save = ctx.adapters.management, []
    for known in await ctx.store.connectors_of(revoked.client_id):
        here = place(known["structure"], known["department"])
        assert here
        await management.shut_out(here)
        now = await ctx.store.connector(known["_id"])
        if now and now["hash"] and now["hash"] != known["hash"]:
            await management.admit(here, now["hash"], deposits=now["deposits"])
        else:
            save.append(ctx.store.lock_connector(known))
    return Change(save)
