"""What stopped working between us and a partner is told to those who can mend it."""

from collections.abc import Iterable

from services.notifications.adapters import Adapters
from services.notifications.domain.letters import Facts
from services.notifications.domain.notices import notices
from services.notifications.domain.outages import switched_off, unfetched, unheard
from services.notifications.handlers.addressed import mails, plan
from services.notifications.store import Store
from shared.context import Context
from shared.contracts.message import Message
from shared.contracts.notifications import EventsUnfetched, InvoicesUnfetched
from shared.contracts.webhooks import WebhookSwitchedOff
from shared.outbox import Change

Here = Context[Store, Adapters]


async def plan_webhook_off(off: WebhookSwitchedOff, ctx: Here) -> Change:
    """Write to every manager that a webhook is told nothing any more."""
    people = await ctx.store.managers(off.structure)
    facts = switched_off(off, ctx.adapters.public_url)
    return _written(off, off.realm, off.structure, facts, people, ctx)


async def plan_unfetched(late: EventsUnfetched, ctx: Here) -> Change:
    """Write to every manager that nobody fetches from their queue."""
    people = await ctx.store.managers(late.structure)
    facts = unfetched(late, ctx.adapters.public_url)
    return _written(late, late.realm, late.structure, facts, people, ctx)


async def plan_unheard(late: InvoicesUnfetched, ctx: Here) -> Change:
    """Write to the seller that its buyer's program has not heard of its invoices."""
    people = await ctx.store.contacts(late.seller)
    facts = unheard(late, ctx.adapters.public_url)
    return _written(late, late.realm, late.seller, facts, people, ctx)


def _written(
    fact: Message, realm: str, structure: str, facts: Facts, people: Iterable[str], ctx: Here
) -> Change:
    planned = []
    for notice in notices(type(fact)):
        letter = ctx.adapters.letters.write(notice, facts)
        planned += mails(notice, realm, structure, letter, people, ctx)
    return plan(planned, ctx)
