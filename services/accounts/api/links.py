"""Links by mail: made, thrown away and looked at the same way whoever they are for."""

from datetime import datetime, timedelta

from services.accounts.api.edge import AccountsCall
from services.accounts.domain import throttle
from services.accounts.domain.credentials import hashed
from shared.contracts.sign_in import LinkAnswer
from shared.errors import Gone
from shared.mongo import Document, Write

SENT = (
    "Si cette adresse est la vôtre, un courriel vient de lui être envoyé : "
    "ouvrez le lien qu'il contient."
)


def sent() -> LinkAnswer:
    """The one answer to asking for a link."""
    return LinkAnswer(message=SENT, again_after=throttle.AGAIN_AFTER)


def link(
    call: AccountsCall, token: str, purpose: str, to: str, lasts: timedelta, **more: object
) -> tuple[Document, Write]:
    """A link that was just made, as it is kept: what opens the door is not in it."""
    made: Document = {
        "_id": hashed(token),
        "purpose": purpose,
        "to": to,
        "asked_at": call.at,
        "expires_at": call.at + lasts,
    } | more
    return made, call.store.add_link(made)


async def may_mail(call: AccountsCall, to: str) -> bool:
    """Whether this address has not been written to too often lately."""
    lately = await call.store.links_lately(to, call.at - throttle.WINDOW)
    return lately < throttle.MAILS_PER_ADDRESS


async def opened(call: AccountsCall, purpose: str) -> Document:
    """The link of the path, as long as it opens something. Raises Gone."""
    found = await call.store.link(hashed(call.path["token"]), purpose)
    if found is None or closed(found, call.at):
        raise gone()
    return found


def closed(found: Document, at: datetime) -> bool:
    """Whether a link has served or is too old."""
    return found["used_at"] is not None or bool(found["expires_at"] <= at)


def gone() -> Gone:
    """The one answer to every link that opens nothing."""
    return Gone("Ce lien n'est plus valable : il a servi ou il est trop ancien. Demandez-en un.")
