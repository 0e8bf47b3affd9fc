"""Signing in, second factors, sessions and what people do with their own account, over HTTP."""

from datetime import datetime
from typing import Literal

from pydantic import EmailStr, Field, JsonValue, RootModel

from shared.contracts.accounts import Token
from shared.contracts.finding import Finding
from shared.contracts.message import Shape

FactorKind = Literal["totp", "passkey", "recovery_code"]
Credential = dict[str, JsonValue]
"""What a browser's `navigator.credentials` takes or gives, as JSON."""


class SignedIn(Token):
    """An access token, and the secret of its session, from which further ones are made."""

    session_token: str
    session_ends_at: datetime
    """Whatever happens; it ends earlier when it is not used for a while."""


class Challenge(Shape):
    """A question to answer, once and soon."""

    challenge: str
    factors: tuple[FactorKind, ...]
    expires_at: datetime
    passkey: Credential | None = None
    """Options for the browser, when a passkey may answer."""


class SignIn(RootModel[SignedIn | Challenge]):
    """Somebody is signed in, or has to show a second factor first."""


class Proof(Shape):
    """The answer to a challenge: a code, from an application or a recovery code, or a passkey."""

    challenge: str = Field(max_length=100)
    code: str | None = Field(default=None, max_length=60)
    passkey: Credential | None = None


class SessionToken(Shape):
    """The secret of a session."""

    session_token: str = Field(max_length=100)


class SessionView(Shape):
    """A session as its owner sees it."""

    id: str
    current: bool
    device: str | None = None
    source: str
    """The address it was last used from."""
    how: str
    opened_at: datetime
    used_at: datetime
    ends_at: datetime


class SessionList(Shape):
    """The sessions that are open."""

    items: tuple[SessionView, ...]


class ProofToken(Token):
    """A token in which the password was just typed again, for what asks for that."""


class PasswordProof(Shape):
    """The password, asked again before what matters."""

    password: str = Field(max_length=256)


class PasswordChange(PasswordProof):
    """A new password in place of the present one."""

    new_password: str = Field(max_length=256)


class PasswordTry(Shape):
    """A password being thought up, to be judged."""

    password: str = Field(max_length=256)
    email: str = Field(default="", max_length=254)


class PasswordStrength(Shape):
    """What a password is worth, and which rules it breaks."""

    score: int
    label: str
    faults: tuple[Finding, ...] = ()


class FactorView(Shape):
    """A second factor."""

    id: str
    kind: Literal["totp", "passkey"]
    name: str
    added_at: datetime
    used_at: datetime | None = None


class FactorList(Shape):
    """My second factors, and how many recovery codes are left."""

    items: tuple[FactorView, ...]
    recovery_codes: int


class TotpOffer(Shape):
    """The secret for an application that makes codes; it counts once a code has confirmed it."""

    secret: str
    uri: str


class TotpCode(Shape):
    """A code from the application."""

    code: str = Field(max_length=20)


class PasskeyOffer(Shape):
    """Options for the browser to make a passkey."""

    challenge: str
    options: Credential


class PasskeyAnswer(Shape):
    """The passkey that the browser made."""

    challenge: str = Field(max_length=100)
    name: str = Field(min_length=1, max_length=60)
    credential: Credential


class FactorAdded(Shape):
    """A new second factor; with the first one come recovery codes, shown once."""

    factor: FactorView
    recovery_codes: tuple[str, ...] = ()


class FactorRemoval(PasswordProof):
    """Giving up a second factor."""

    factor: str = Field(max_length=200)


class RecoveryCodes(Shape):
    """New recovery codes, shown once; those before are worth nothing now."""

    recovery_codes: tuple[str, ...]


class AddressOnly(Shape):
    """An address to send a link to."""

    email: EmailStr


class LinkAnswer(Shape):
    """The answer to asking for a link: the same whether or not the address is known."""

    message: str
    again_after: int
    """The seconds after which it makes sense to ask again."""


class RecoveryView(Shape):
    """What a recovery link stands for; showing it uses nothing up."""

    email: str
    expires_at: datetime
    question: str | None = None
    """The secret question, on instances that ask one."""


class Recovery(Shape):
    """A new password by a recovery link."""

    password: str = Field(max_length=256)
    answer: str | None = Field(default=None, max_length=200)
    """To the secret question, on instances that ask one."""
    code: str | None = Field(default=None, max_length=60)
    """A second factor's code, in place of a forgotten answer."""


class AddressRequest(PasswordProof):
    """Asking for another address."""

    email: EmailStr


class AddressView(Shape):
    """What a link of a change of address stands for."""

    end: Literal["old", "new"]
    old_email: str
    new_email: str
    expires_at: datetime


class AddressAnswer(Shape):
    """Whether the change is made, or waits for the other end."""

    done: bool
    message: str


class Hold(Shape):
    """Why nobody may enter an account for now."""

    reason: str = Field(min_length=1, max_length=500)


class AccountExport(Shape):
    """Everything that accounts knows about a person."""

    made_at: datetime
    account: dict[str, JsonValue]
    sessions: tuple[dict[str, JsonValue], ...]
    factors: tuple[FactorView, ...]
    clients: tuple[dict[str, JsonValue], ...]
    speaks_for: tuple[str, ...]
    events: tuple[dict[str, JsonValue], ...]
    elsewhere: dict[str, str]
    """What other services keep, and where to read it."""
