"""One mail a recipient, planned once."""

from collections.abc import Iterable, Sequence

from services.notifications.adapters import Adapters
from services.notifications.domain.mail import Delivery, Letter
from services.notifications.domain.notices import MOST_RECIPIENTS, Notice, delivery_id
from services.notifications.domain.words import address
from services.notifications.store import Store
from shared.context import Context
from shared.contracts.notifications import DeliveryDue
from shared.outbox import Change

Here = Context[Store, Adapters]


def mails(
    notice: Notice,
    realm: str,
    structure: str | None,
    letter: Letter,
    people: Iterable[str | None],
    ctx: Here,
    part: str = "",
) -> list[Delivery]:
    """One mail a recipient; with none, one that waits for an address."""
    addresses: Sequence[str | None] = recipients(people) or (None,)
    return [
        Delivery(
            id=delivery_id(ctx.message_id, notice.template, part, to or ""),
            realm=realm,
            structure=structure,
            topic=notice.topic,
            template=notice.template,
            letter=letter,
            to=to,
            created_at=ctx.at,
            secret=notice.secret,
            kind=notice.kind,
            quietest=notice.quietest,
        )
        for to in addresses
    ]


def recipients(people: Iterable[str | None]) -> tuple[str, ...]:
    """Valid addresses, each once however it is written, and not too many."""
    valid = {to.casefold(): to for to in map(address, people) if to}
    return tuple(valid.values())[:MOST_RECIPIENTS]


def plan(deliveries: Sequence[Delivery], ctx: Here) -> Change:
    """The change that keeps mails and says that they are due."""
    return Change(
        save=[ctx.store.plan(delivery, ctx.at) for delivery in deliveries],
        tell=[DeliveryDue(delivery_id=delivery.id) for delivery in deliveries],
    )
