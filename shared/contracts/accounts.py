"""What accounts promises."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import EmailStr, Field

from shared.contracts.message import Message, Shape


class ActivationRequested(Message):
    """Somebody opened an account; the link proves that the address is theirs."""

    TOPIC: ClassVar[str] = "accounts.activation-requested.v1"
    account_id: str
    realm: str
    email: str
    link: str
    expires_at: datetime


class ContactsChanged(Message):
    """The addresses that speak for a structure are now these."""

    TOPIC: ClassVar[str] = "accounts.contacts-changed.v1"
    realm: str
    structure: str
    emails: tuple[str, ...]
    version: int


PROMISES = (ActivationRequested, ContactsChanged)


class AccountRequest(Shape):
    """Opening an account: an address and, when there is one, the company's SIRET."""

    email: EmailStr
    siret: str | None = None


class Activation(Shape):
    """Choosing the password that ends the opening of an account."""

    password: str = Field(max_length=256)
    first_name: str | None = Field(None, max_length=100)
    last_name: str | None = Field(None, max_length=100)


class Login(Shape):
    """Signing in."""

    email: str = Field(max_length=254)
    password: str = Field(max_length=256)


class Token(Shape):
    """An access token, as OAuth 2 answers it."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: int
    """Seconds."""
    scope: str = "openid"


class ClientRequest(Shape):
    """Asking for a technical client of one of my structures."""

    name: str = Field(max_length=100)
    structure: str


class ClientSecret(Shape):
    """A new technical client; the secret is shown once."""

    client_id: str
    client_secret: str
    structure: str


class Me(Shape):
    """Who the token speaks for."""

    subject: str
    kind: Literal["person", "client", "operator"]
    email: str | None = None
    realm: str
    structures: tuple[str, ...] = ()
