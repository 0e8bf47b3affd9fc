"""What notifications promises about how people are told: preferences, and dead addresses."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field

from shared.contracts.message import Message, Shape

Kind = Literal[
    "account",
    "members",
    "structure",
    "machines",
    "deposits",
    "invoices",
    "turns",
    "requests",
    "summaries",
]
"""What a mail is about."""
Mode = Literal["at_once", "digest", "none"]


class AddressBounced(Message):
    """Mails to an address that speaks for a structure do not arrive."""

    TOPIC: ClassVar[str] = "notifications.address-bounced.v1"
    realm: str
    structure: str
    address: str
    cause: str
    at: datetime


class Preference(Shape):
    """How somebody is told of a kind of thing about a structure; the most precise row counts."""

    kind: Kind | None = None
    """None: every kind."""
    structure: str | None = Field(None, max_length=120)
    """None: every structure, and what is about none."""
    mode: Mode


class Preferences(Shape):
    """How somebody wants to be told; where no row says anything it is at once."""

    items: tuple[Preference, ...] = Field(max_length=200)


class KindView(Shape):
    """A kind of mail, in words, and the least that may be chosen for it."""

    kind: Kind
    label: str
    quietest: Mode
    """Where its mails differ, the least for the one that must be told the most."""


class PreferencesView(Preferences):
    """How somebody is told, what can be chosen, and whether mails arrive."""

    email: str
    kinds: tuple[KindView, ...]
    digest_hour: int
    """Local time in France."""
    bounced_at: datetime | None = None
    """Since when mails do not arrive; null when they do."""
    bounce_cause: str | None = None


class Bounce(Shape):
    """What was made of a mail that came back."""

    delivery_id: str | None = None
    address: str | None = None
    permanent: bool
    marked: bool
    """Whether the address is now known as one where mails do not arrive."""
