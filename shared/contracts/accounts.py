"""What accounts promises."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import EmailStr, Field

from shared.contracts.memberships import MembershipChanged, StructureClaimed
from shared.contracts.message import Message, Shape
from shared.contracts.rights import Grant, Scope


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
    managers: tuple[str, ...] = ()
    """Those of them who manage it."""
    version: int


class RecoveryRequested(Message):
    """Somebody forgot the password of this address; the mail says whether it has an account."""

    TOPIC: ClassVar[str] = "accounts.recovery-requested.v1"
    realm: str
    email: str
    link: str
    expires_at: datetime
    known: bool


class AddressChangeRequested(Message):
    """An account is to get another address; both ends must agree."""

    TOPIC: ClassVar[str] = "accounts.address-change-requested.v1"
    account_id: str
    realm: str
    email: str
    """Who is written to."""
    end: Literal["old", "new", "taken"]
    """`taken`: the new address has an account of its own, and nothing will change."""
    old_email: str
    new_email: str
    link: str
    expires_at: datetime


SecurityEvent = Literal[
    "password_changed",
    "password_recovered",
    "totp_added",
    "passkey_added",
    "factor_removed",
    "recovery_codes_made",
    "recovery_code_used",
    "new_device",
    "many_tries",
    "address_changed",
    "account_held",
    "account_closed",
]


class SecurityChanged(Message):
    """Something happened to an account that its owner must know of, in case it was not them."""

    TOPIC: ClassVar[str] = "accounts.security-changed.v1"
    account_id: str
    realm: str
    email: str
    what: SecurityEvent
    at: datetime
    source: str | None = None
    device: str | None = None


PROMISES = (
    ActivationRequested,
    ContactsChanged,
    RecoveryRequested,
    AddressChangeRequested,
    SecurityChanged,
    MembershipChanged,
    StructureClaimed,
)


class AccountRequest(Shape):
    """Opening an account: an address and, when there is one, the company's SIRET."""

    email: EmailStr
    siret: str | None = Field(default=None, max_length=30)
    sandbox: bool = False
    """Whether to try everything out in a sandbox of one's own."""
    without_siret: bool = False
    """Said on purpose; it goes with no SIRET."""


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
    secret_question: str | None = Field(default=None, max_length=200)
    """Only on instances that ask one."""
    secret_answer: str | None = Field(default=None, max_length=200)


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


class PersonRequest(Shape):
    """An operator opens an account that needs no activation."""

    email: EmailStr
    password: str = Field(max_length=256)
    realm: str = Field("live", pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    structures: tuple[str, ...] = Field((), max_length=100)
    first_name: str | None = Field(default=None, max_length=100)
    last_name: str | None = Field(default=None, max_length=100)


class Me(Shape):
    """Who the token speaks for."""

    subject: str
    kind: Literal["person", "client", "operator"]
    email: str | None = None
    realm: str
    structures: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = ()
    """What it may do in each of its structures, now."""
    first_name: str | None = None
    last_name: str | None = None
    scopes: tuple[Scope, ...] = ()
    """What a program's token lets it do."""
    factor_needed: tuple[str, ...] = ()
    """Structures in which nothing is held until the account has a second factor."""


class RightsChange(Shape):
    """The rights of a subject changed; whoever remembers them must ask again."""

    id: str
    subject: str
    """Its SHA-256, since this list is public."""


class RightsChanges(Shape):
    """Every change of the last `SECONDS`."""

    SECONDS: ClassVar[int] = 120
    items: tuple[RightsChange, ...] = ()
