"""The world outside the house: our own public APIs, and the templates on disk."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment

from services.portal.adapters.sessions import Sessions
from shared.client import Client


@dataclass(frozen=True)
class Adapters:
    """What pages may ask of the outside."""

    native: Client
    sessions: Sessions
    templates: Mapping[str, Environment]
    """By language."""
    public_url: str
    static: Path
    generated: Path

    @property
    def cookie(self) -> str:
        """The name of the session cookie; over TLS no other host can set it."""
        return "__Host-chorale" if self.secure else "chorale"

    @property
    def secure(self) -> bool:
        """Whether visitors come over TLS."""
        return self.public_url.startswith("https://")
