"""Webhooks: where a structure is told its events, how that went, and that one was switched off."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import AwareDatetime, Field

from shared.contracts.message import Message, Shape


class WebhookSwitchedOff(Message):
    """A webhook that did not answer any more is told nothing until somebody switches it on."""

    TOPIC: ClassVar[str] = "notifications.webhook-switched-off.v1"
    webhook_id: str
    realm: str
    structure: str
    url: str
    cause: Literal["gone", "failing"]
    """It said so itself (410), or it failed for days."""
    last_error: str
    failing_since: datetime | None = None
    at: datetime


class WebhookRequest(Shape):
    """Asking to be told events at an address; without `types`, all of them."""

    structure: str = Field(max_length=120)
    url: str = Field(max_length=2000)
    types: tuple[str, ...] = Field(default=(), max_length=20)


class WebhookChange(Shape):
    """What a webhook is to be from now on."""

    url: str = Field(max_length=2000)
    types: tuple[str, ...] = Field(default=(), max_length=20)
    on: bool = True


class WebhookView(Shape):
    """A webhook, without its secrets."""

    id: str
    structure: str
    url: str
    types: tuple[str, ...]
    on: bool
    off_cause: str | None = None
    created_at: datetime
    failing_since: datetime | None = None
    last_success_at: datetime | None = None
    last_error: str | None = None
    waiting: int = 0
    """Events that were tried, or wait behind one that was, and are tried again."""
    secrets: int
    """How many secrets sign now: two for a day after a rotation."""
    version: int


class WebhookPage(Shape):
    """One page of webhooks."""

    items: tuple[WebhookView, ...]
    next_cursor: str | None = None


class WebhookSecret(Shape):
    """A secret, shown once; the one before signs as well until `previous_until`."""

    id: str
    secret: str
    previous_until: datetime | None = None


class WebhookCreated(WebhookView):
    """A new webhook with its secret, which is shown once."""

    secret: str


class Attempt(Shape):
    """One try: what was answered, or why nothing was."""

    at: datetime
    status: int | None = None
    milliseconds: int
    answer: str | None = None
    """The beginning of what was answered."""
    error: str | None = None


WebhookDeliveryState = Literal["WAITING", "DELIVERED", "GIVEN_UP"]


class WebhookDelivery(Shape):
    """An event at a webhook: every try, and when the next one is."""

    event_id: str
    type: str
    subject: str
    sequence: int
    state: WebhookDeliveryState
    attempts: tuple[Attempt, ...]
    """The last ten."""
    tries: int
    next_try_at: datetime | None = None
    """None: settled, or behind an earlier event of the same invoice."""
    updated_at: datetime


class WebhookDeliveryPage(Shape):
    """One page of deliveries, the latest first."""

    items: tuple[WebhookDelivery, ...]
    next_cursor: str | None = None


class Redelivery(Shape):
    """Asking for one event again."""

    event_id: str = Field(max_length=120)


class Replay(Shape):
    """Asking for every event since a moment again."""

    since: AwareDatetime
