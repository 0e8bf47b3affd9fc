"""A partner's queue: its names, its limits, and the little that its account may do."""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from shared.contracts.notifications import connector_key

EXCHANGE = "public"
DEPOSITS = "deposits"
"""The exchange, and the queue behind it, into which partners publish files."""
LIVE = re.compile(r"(?P<realm>live)/siret/(?P<identifier>\d{14})")
SANDBOX = re.compile(
    r"(?P<realm>[A-Za-z0-9_-]{1,60})/[a-z_]{2,12}/(?P<identifier>[A-Za-z0-9_-]{1,60})"
)
DEPARTMENT = re.compile(r"[A-Za-z0-9_-]{1,60}")
CLOSED = "closed"
"""The queue that forgets what was under way to a queue that was closed."""
CLOSED_QUEUE: dict[str, Any] = {"x-queue-type": "quorum", "x-max-length": 1000}
DELIVERY_LIMIT = 50
"""Deliveries without acknowledgement before an event is set aside in `<queue>.dead`."""
MOST_EVENTS = 1_000_000
"""Events that wait; beyond, the broker refuses and they wait in the platform's outbox."""
MOST_CONNECTIONS, MOST_CHANNELS = 10, 50


@dataclass(frozen=True, slots=True)
class Place:
    """Where a structure receives its events."""

    structure: str
    realm: str
    queue: str
    user: str
    department: str | None = None

    @property
    def key(self) -> str:
        """What tells it from the other places of its structure."""
        return connector_key(self.structure, self.department)

    @property
    def dead(self) -> str:
        """The queue of events that their owner could not digest."""
        return f"{self.queue}.dead"

    @property
    def binding(self) -> str:
        """The key of its events: the queue's name, since an identifier may be in several realms."""
        return self.queue

    @property
    def name(self) -> str:
        """Its name at the broker, and the routing key of the files that it hands in."""
        return self.queue.removeprefix("events.")

    def rights(self, *, deposits: bool) -> dict[str, str]:
        """Its account declares nothing, reads its own queues, and hands files in if it may."""
        own, write = self.queue.replace(".", r"\."), f"^{DEPOSITS}$" if deposits else "^$"
        return {"configure": "^$", "write": write, "read": rf"^{own}(\.dead)?$"}

    @property
    def keys(self) -> dict[str, str]:
        """It publishes files under its own name alone."""
        own = self.name.replace(".", r"\.")
        return {"exchange": DEPOSITS, "write": f"^{own}$", "read": "^$"}


def place(structure: str, department: str | None = None) -> Place | None:
    """The place of a structure, or of one department; None when such a key cannot have one.

    Live names have fewer parts than those of sandboxes, so that no sandbox can be named like one,
    and no department like either.
    """
    match = (LIVE if structure.startswith("live/") else SANDBOX).fullmatch(structure)
    if match is None or (department is not None and not DEPARTMENT.fullmatch(department)):
        return None
    realm, identifier = match["realm"], match["identifier"]
    name = identifier if realm == "live" else f"sandbox.{realm}.{identifier}"
    name += f".service.{department}" if department else ""
    return Place(structure, realm, f"events.{name}", f"partner.{name}", department)


def queues(place: Place) -> dict[str, dict[str, Any]]:
    """The queues of a place and their arguments."""
    durable = {"x-queue-type": "quorum"}
    bounded = {"x-overflow": "reject-publish", "x-max-length": MOST_EVENTS}
    set_aside = {
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": place.dead,
        "x-dead-letter-strategy": "at-least-once",
    }
    return {place.dead: durable, place.queue: {**durable, **bounded, **set_aside}}


DEPOSIT_QUEUE: dict[str, Any] = {
    "x-queue-type": "quorum",
    "x-overflow": "reject-publish",
    "x-max-length": 10_000,
    "x-max-length-bytes": 2_000_000_000,
}
"""Of files that wait to be taken; beyond, publishers are told to wait."""


def hashed(password: str, salt: str) -> str:
    """The form in which RabbitMQ keeps a password: four salt bytes and their SHA-256 with it."""
    four = base64.urlsafe_b64decode(salt.ljust(8, "="))[:4].ljust(4, b"\0")
    return base64.b64encode(four + hashlib.sha256(four + password.encode()).digest()).decode()


def amqp_url(address: str, user: str, password: str, vhost: str) -> str:
    """The URL for a partner; `address` is host:port, with amqps:// in front if it is TLS."""
    scheme, _, host = address.rpartition("://")
    account = f"{quote(user, '')}:{quote(password, '')}"
    return f"{scheme or 'amqp'}://{account}@{host.strip('/')}/{quote(vhost, '')}"


@dataclass(frozen=True, slots=True)
class Depth:
    """A queue as the broker sees it: events in it, and how many of them its owner has in hand."""

    waiting: int
    in_hand: int


def looked_at(was: Mapping[str, Any], now: Depth, at: datetime) -> dict[str, Any]:
    """What is known of a queue after a look: when it was fetched from last, since when not."""
    fetched = now.waiting < was.get("waiting", 0)
    calm = fetched or now.waiting == 0
    return {
        "waiting": now.waiting,
        "in_hand": now.in_hand,
        "looked_at": at,
        "fetched_at": at if fetched else was.get("fetched_at"),
        "idle_since": None if now.waiting == 0 else at if fetched else was.get("idle_since") or at,
        "told_at": None if calm else was.get("told_at"),
    }
