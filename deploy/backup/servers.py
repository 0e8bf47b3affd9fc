"""Which servers are saved or filled."""

import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from deploy.local import daemon, stack
from deploy.local.place import ROOT, CannotStart, Place


@dataclass(frozen=True, slots=True)
class Servers:
    """A database and a broker with its two virtual hosts and its HTTP API."""

    mongo_url: str
    amqp_url: str
    partner_amqp_url: str
    rabbitmq_api_url: str
    database: str = "chorale"

    @property
    def vhosts(self) -> dict[str, str]:
        """The virtual hosts by what they are for, whatever they are called here."""
        return {"facts": vhost(self.amqp_url), "partners": vhost(self.partner_amqp_url)}


def vhost(url: str) -> str:
    """The virtual host that an address names, still quoted."""
    return urlsplit(url).path.removeprefix("/") or "%2F"


def of_place(place: Place) -> Servers:
    """Those of a stack on this machine."""
    return Servers(
        stack.mongo_url(place),
        stack.amqp_url(place),
        stack.amqp_url(place, "partners"),
        stack.rabbitmq_api_url(place),
    )


def of_environment() -> Servers | None:
    """Those that CHORALE_… variables name; None when there are none at all."""
    names = ("MONGO_URL", "AMQP_URL", "PARTNER_AMQP_URL", "RABBITMQ_API_URL")
    found = {name: os.environ.get(f"CHORALE_{name}", "") for name in names}
    if not any(found.values()):
        return None
    if missing := [f"CHORALE_{name}" for name, value in found.items() if not value]:
        raise CannotStart(f"missing: {', '.join(missing)}")
    return Servers(
        found["MONGO_URL"],
        found["AMQP_URL"],
        found["PARTNER_AMQP_URL"],
        found["RABBITMQ_API_URL"],
        os.environ.get("CHORALE_DATABASE", "chorale"),
    )


def chosen() -> Servers:
    """Those that the environment names, else the running stack of `make up`. Raises CannotStart."""
    if servers := of_environment():
        return servers
    folder = ROOT / ".local"
    if not daemon.is_running(folder):
        raise CannotStart("rien ne tourne : make up, ou nommez les serveurs par CHORALE_MONGO_URL…")
    place = Place(folder)
    place.prepare(())
    return of_place(place)
