"""What accounts promises about programs: technical clients, technical accounts, and their keys."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import EmailStr, Field

from shared.contracts.accounts import Token
from shared.contracts.message import Message, Shape
from shared.contracts.rights import Scope

Form = Literal["client", "technical_account"]


class KeyExpiring(Message):
    """A key of a program ends soon; told 30, 7 and 1 days before."""

    TOPIC: ClassVar[str] = "accounts.key-expiring.v1"
    client_id: str
    key_id: str
    realm: str
    structure: str
    structure_name: str
    form: Form
    name: str
    """Of a technical account its login."""
    contact: str | None = None
    days: int
    expires_at: datetime


class ProgramRevoked(Message):
    """A program ended, and with it whatever it opened for its structure."""

    TOPIC: ClassVar[str] = "accounts.program-revoked.v1"
    client_id: str
    realm: str
    structure: str
    form: Form
    at: datetime


PROMISES = (KeyExpiring, ProgramRevoked)


class ClientRequest(Shape):
    """Asking for a technical client of one of my structures."""

    name: str = Field(min_length=1, max_length=100)
    structure: str = Field(max_length=120)
    """Its key, or its SIRET alone."""
    realm: str | None = Field(default=None, max_length=60)
    """Of a SIRET alone; the caller's own when absent."""
    contact_email: EmailStr | None = None
    """Who is told of what this client does; only an operator may name somebody else."""
    scopes: tuple[Scope, ...] | None = Field(default=None, min_length=1, max_length=10)
    """What it may do; everything when absent."""


class ClientSecret(Shape):
    """A new key of a technical client; the secret is shown once."""

    client_id: str
    client_secret: str
    structure: str
    key_id: str
    expires_at: datetime
    scopes: tuple[Scope, ...]


class KeyView(Shape):
    """A key that is live; its secret is not known any more."""

    id: str
    created_at: datetime
    expires_at: datetime


class ProgramView(Shape):
    """A technical client or a technical account of a structure, as its managers see it."""

    id: str
    form: Form
    name: str
    login: str | None = None
    """Of a technical account."""
    structure: str
    scopes: tuple[Scope, ...]
    contact: str | None = None
    created_at: datetime
    keys: tuple[KeyView, ...]


class ProgramPage(Shape):
    """The technical clients or technical accounts of a structure."""

    items: tuple[ProgramView, ...]


class TechnicalAccountRequest(Shape):
    """Asking for a technical account, the form that software written for Chorus Pro knows."""

    name: str = Field(min_length=1, max_length=100)
    structure: str = Field(max_length=120)
    """Its key, or its SIRET alone."""


class TechnicalPassword(Shape):
    """A technical account with a new password, which is shown once."""

    id: str
    login: str
    password: str
    structure: str
    key_id: str
    expires_at: datetime


class TechnicalLogin(Shape):
    """What software sends for a technical account."""

    login: str = Field(max_length=100)
    password: str = Field(max_length=200)


class TechnicalToken(Token):
    """A token with the rights of a technical account, for the client that asked."""

    structure: str
    password_expires_at: datetime


class RateLimit(Shape):
    """How often a program may come."""

    name: str
    quota: int
    """Requests in the window; they may come in one burst."""
    window_seconds: int
    per: str


class Limits(Shape):
    """The limits of this instance."""

    requests: tuple[RateLimit, ...]
    json_bytes: int
    page_items: int
    live_keys: int
    """Of one program at a time."""
    key_days: int
    """How long a key lives."""
    warned_days: tuple[int, ...]
    """How many days before its end managers are written to."""
