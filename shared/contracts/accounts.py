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
    already_active: bool = False
    """Whether the address has an account that is open already; the link then leads to signing in.
    """


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
    siret: str | None = Field(default=None, max_length=30)
    sandbox: bool = False
    """Whether to try everything out in a sandbox of one's own."""


class AccountAnswer(Shape):
    """The answer to opening an account: the same whether or not the address is known."""

    message: str


class ActivationView(Shape):
    """What an activation link stands for; showing it uses nothing up."""

    email: str
    realm: str
    siret: str | None = None
    expires_at: datetime


class Activation(Shape):
    """Choosing the password that ends the opening of an account."""

    password: str = Field(max_length=256)
    first_name: str | None = Field(default=None, max_length=100)
    last_name: str | None = Field(default=None, max_length=100)


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

    name: str = Field(min_length=1, max_length=100)
    structure: str = Field(max_length=120)
    """Its key, or its SIRET alone."""
    realm: str | None = Field(default=None, max_length=60)
    """Of a SIRET alone; the caller's own when absent."""
    contact_email: EmailStr | None = None
    """Who is told of what this client does; only an operator may name somebody else."""


class PersonRequest(Shape):
    """An operator opens an account that needs no activation."""

    email: EmailStr
    password: str = Field(max_length=256)
    realm: str = Field("live", pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    structures: tuple[str, ...] = Field((), max_length=100)
    first_name: str | None = Field(default=None, max_length=100)
    last_name: str | None = Field(default=None, max_length=100)


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
    first_name: str | None = None
    last_name: str | None = None
