"""The world outside the house: hashing threads, signatures, chance."""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from services.accounts.adapters.passwords import Passwords


@dataclass(frozen=True)
class Adapters:
    """What handlers and routes may ask of the outside."""

    passwords: Passwords
    new_secret: Callable[[], str]
    public_url: str
    token_seconds: int
    activation_hours: int
    proxies: tuple[IPv4Network | IPv6Network, ...]
    """The networks whose word about the source of a request is taken."""
