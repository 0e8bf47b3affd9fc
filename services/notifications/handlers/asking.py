"""Requests for help are told to the other side."""

from services.notifications.adapters import Adapters
from services.notifications.domain import asking
from services.notifications.domain.notices import notices
from services.notifications.handlers.addressed import mails, plan
from services.notifications.store import Store
from shared.context import Context
from shared.contracts.requests import RequestChanged
from shared.outbox import Change

Here = Context[Store, Adapters]


async def plan_request(changed: RequestChanged, ctx: Here) -> Change:
    """Write to the side that did not write: to the author, the asked body, or support's mailbox."""
    facts = asking.request(changed, ctx.adapters.public_url)
    planned = []
    for notice in notices(RequestChanged, case=asking.case(changed)):
        letter = ctx.adapters.letters.write(notice, facts)
        if notice.audience == "asker":
            structure, people = changed.asker, await _author(changed, ctx)
        elif changed.to == "support":
            structure, people = None, ctx.adapters.support
        else:
            structure, people = changed.body, await ctx.store.contacts(changed.body)
        if structure or people:
            part = str(changed.number)
            planned += mails(notice, changed.realm, structure, letter, people, ctx, part)
    return plan(planned, ctx)


async def _author(changed: RequestChanged, ctx: Here) -> tuple[str, ...]:
    """Who asked; when they left the structure for which they did, those who speak for it."""
    author = (changed.asker_email,) if changed.asker_email else ()
    known = await ctx.store.contacts(changed.asker)
    return author if not known or set(author) & set(known) else known
