"""Mails that come back, handed in by whoever runs the mailbox for them."""

from services.notifications.api.edge import Here
from services.notifications.domain.bounces import report
from services.notifications.store.bounces import dead_address
from shared.contracts.preferences import Bounce
from shared.errors import TooLarge
from shared.web import Answer, Route

LARGEST = 1024 * 1024


async def post_bounce(call: Here) -> Answer:
    """Read a delivered report (RFC 3464) and mark an address where nothing arrives."""
    if (call.request.content_length or 0) > LARGEST:
        raise TooLarge("Un rapport de non-remise tient en 1 Mo.")
    said = report(await call.request.content.read(LARGEST))
    mail = await call.store.delivery(said.delivery_id) if said.delivery_id else None
    address = mail["to"] if mail else None
    marked = bool(mail and address and said.permanent)
    if mail and address and said.permanent:
        await call.commit(
            await dead_address(call.store, mail["realm"], address, said.cause, call.at)
        )
    return Answer(
        Bounce(
            delivery_id=said.delivery_id if mail else None,
            address=address,
            permanent=said.permanent,
            marked=marked,
        )
    )


ROUTES = (
    Route(
        "POST",
        "/v1/notifications/bounces",
        post_bounce,
        summary="Remettre un courriel revenu",
        answer=Bounce,
        kinds=("operator",),
    ),
)
