"""Those who can mend an address where mails do not arrive are told."""

from dataclasses import replace

from services.notifications.adapters import Adapters
from services.notifications.domain.bounces import bounced
from services.notifications.domain.mail import Delivery
from services.notifications.domain.notices import delivery_id, notices
from services.notifications.handlers.addressed import mails, plan
from services.notifications.store import Store
from shared.context import Context
from shared.contracts.preferences import AddressBounced
from shared.outbox import Change

Here = Context[Store, Adapters]


async def plan_bounced(fact: AddressBounced, ctx: Here) -> Change:
    """Write to the other managers of a structure; without any, the page of the person says it."""
    people = [
        one
        for one in await ctx.store.managers(fact.structure)
        if one.casefold() != fact.address.casefold()
    ]
    planned = []
    for notice in notices(AddressBounced):
        letter = ctx.adapters.letters.write(notice, bounced(fact, ctx.adapters.public_url))
        if people:
            told = mails(notice, fact.realm, fact.structure, letter, people, ctx)
            planned += [replace(mail, id=_id(fact, mail)) for mail in told]
    return plan(planned, ctx)


def _id(fact: AddressBounced, mail: Delivery) -> str:
    """One mail a day, however many mails came back at once before the address was marked."""
    return delivery_id("bounced", fact.structure, fact.address, f"{fact.at:%F}", str(mail.to))
