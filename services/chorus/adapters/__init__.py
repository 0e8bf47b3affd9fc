"""The world outside the house: the native APIs, and the tokens of technical accounts."""

from dataclasses import dataclass

from services.chorus.adapters.memory import Memory
from services.chorus.adapters.tokens import Tokens
from shared.auth import Verifier
from shared.client import Client


@dataclass(frozen=True)
class Adapters:
    """What operations may ask of the outside."""

    native: Client
    tokens: Tokens
    memory: Memory
    verifier: Verifier
    """Knows within a second when a client is revoked."""
    public_url: str
