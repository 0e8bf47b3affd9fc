"""The world outside: official registers of companies."""

from dataclasses import dataclass

from services.structures.adapters.registry import Registry


@dataclass(frozen=True)
class Adapters:
    """What routes and handlers may ask of the outside."""

    registry: Registry
