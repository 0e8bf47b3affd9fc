"""The services as they are declared: what every generated page is printed from."""

import importlib
import pkgutil
from typing import Any

import services
from shared.service import Service


def declared() -> tuple[Service[Any, Any, Any], ...]:
    """Every service, in alphabetical order."""
    names = sorted(module.name for module in pkgutil.iter_modules(services.__path__))
    return tuple(importlib.import_module(f"services.{name}.main").SERVICE for name in names)


def hearers() -> dict[str, list[str]]:
    """The queues that hear each topic."""
    heard: dict[str, list[str]] = {}
    for service in declared():
        for subscription in service.listens:
            queue = f"{service.name}.{subscription.handler.__name__}"
            heard.setdefault(subscription.message.TOPIC, []).append(queue)
    return heard
