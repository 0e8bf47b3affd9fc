"""The world outside the house: mail server, broker management, templates, chance."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

from services.notifications.adapters.letters import Letters
from services.notifications.adapters.rabbitmq import Management
from services.notifications.adapters.smtp import Mailer
from services.notifications.adapters.tail import Tail
from services.notifications.adapters.webhook import Poster
from services.notifications.domain.mail import Sender


@dataclass(frozen=True)
class Adapters:
    """What handlers and routes may ask of the outside."""

    mailer: Mailer
    sender: Sender
    letters: Letters
    support: tuple[str, ...]
    """The mailbox of support, if there is one."""
    digest_hour: int
    """The hour in France at which the day's mails are gathered."""
    burst: int
    """Mails to one address in a window of time that leave one by one."""
    bounces: str | None
    """The mailbox to which mails come back, if there is one."""
    management: Management
    new_secret: Callable[[int], str]
    partner_address: str
    """The host:port at which partners find the broker."""
    public_url: str
    holder: str
    """The name of this process, under which it leases what it sends."""
    unfetched_after: timedelta
    """How long a queue may lie before both sides are told."""
    sftp_address: str
    """The host:port at which partners find the SFTP server."""
    tail: Tail
    poster: Poster
    webhook_patience: timedelta
    """How long a webhook may fail before it is switched off."""
    events_kept: timedelta
    """How long an event can be read again."""
    stack: AsyncExitStack
    """What is closed when the service ends."""
