"""The world outside the house: hashing threads, signatures, chance."""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from services.accounts.adapters.passkeys import Passkeys
from services.accounts.adapters.passwords import Passwords
from shared.seals import Seals


@dataclass(frozen=True)
class Adapters:
    """What handlers and routes may ask of the outside."""

    passwords: Passwords
    passkeys: Passkeys
    seals: Seals
    new_secret: Callable[[], str]
    public_url: str
    token_seconds: int
    activation_hours: int
    recovery_minutes: int
    secret_question: bool
    """Whether this instance asks a secret question beside the link of a recovery."""
    proxies: tuple[IPv4Network | IPv6Network, ...]
    """The networks whose word about the source of a request is taken."""
    client_requests: int
    """How many requests a minute a program may make."""
