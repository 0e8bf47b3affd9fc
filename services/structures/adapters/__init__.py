"""The world outside: official registers of companies."""

from dataclasses import dataclass
from datetime import timedelta

from services.structures.adapters.exports import Exports
from services.structures.adapters.registry import Registry


@dataclass(frozen=True)
class Adapters:
    """What routes and handlers may ask of the outside."""

    registry: Registry
    exports: Exports
    bank_delay: timedelta = timedelta(0)
    """How long other bank details wait before they take effect."""
    bank_proof: bool = False
    """Whether the password is asked for again before they are changed."""
