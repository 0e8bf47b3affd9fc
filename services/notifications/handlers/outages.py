"""What stopped working between us and a partner is told to those who can mend it."""

from services.notifications.adapters import Adapters
from services.notifications.domain.notices import notices
from services.notifications.domain.outages import switched_off
from services.notifications.handlers.addressed import mails, plan
from services.notifications.store import Store
from shared.context import Context
from shared.contracts.webhooks import WebhookSwitchedOff
from shared.outbox import Change

Here = Context[Store, Adapters]


async def plan_webhook_off(off: WebhookSwitchedOff, ctx: Here) -> Change:
    """Write to every manager that a webhook is told nothing any more."""
    people = await ctx.store.managers(off.structure)
    facts = switched_off(off, ctx.adapters.public_url)
    planned = []
    for notice in notices(WebhookSwitchedOff):
        letter = ctx.adapters.letters.write(notice, facts)
        planned += mails(notice, off.realm, off.structure, letter, people, ctx)
    return plan(planned, ctx)
