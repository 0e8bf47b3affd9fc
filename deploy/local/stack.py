"""STACK: every part, once. What starts here is what tests, faults and benches start."""

import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from deploy.local import ready, servers
from deploy.local.place import HOST, Place

Check = Callable[[Place, str], Awaitable[str | None]]
INGEST, ASTRE = "ingest", "astre"


@dataclass(frozen=True, slots=True)
class Part:
    """One process: how it starts, what it listens on, when it is ready, what it needs first."""

    name: str
    command: Callable[[Place], Sequence[str]]
    ready: Check
    needs: tuple[str, ...] = ()
    env: Callable[[Place], Mapping[str, str]] = lambda place: {}
    more_ports: tuple[str, ...] = ()
    start_seconds: float = 60
    stop_seconds: float = 15

    @property
    def ports(self) -> tuple[str, ...]:
        """The names of the ports that it listens on; the first is its own."""
        return (self.name, *self.more_ports)


@dataclass(frozen=True, slots=True)
class Service:
    """One of our services: the paths of the public origin that lead to it."""

    name: str
    paths: tuple[str, ...] = ()
    env: Callable[[Place], Mapping[str, str]] = lambda place: {}
    more_ports: tuple[str, ...] = ()


def sealing(place: Place) -> Mapping[str, str]:
    """What seals the secrets of a service in its database."""
    return {"CHORALE_SEALING_KEYS": place.secrets["sealing"]}


SERVICES = (
    Service(
        "accounts",
        (
            *("/oauth2/", "/v1/accounts", "/v1/activations", "/v1/sessions"),
            *("/v1/me", "/v1/people", "/v1/clients", "/v1/memberships"),
            *("/v1/technical-accounts", "/v1/limits"),
        ),
        lambda place: {
            **sealing(place),
            "CHORALE_OPERATOR_EMAIL": OPERATOR_EMAIL,
            "CHORALE_OPERATOR_PASSWORD": place.secrets["operator"],
        },
    ),
    Service("structures", ("/v1/structures",)),
    Service(
        INGEST,
        (
            *("/v1/deposits", "/v1/drafts", "/v1/extractions", "/v1/validations"),
            "/v1/document-bundles",
            "/v1/certificates",
            "/v1/invoices/*/documents",
        ),
        sealing,
    ),
    Service("workflow", ("/v1/invoices", "/v1/moves", "/v1/requests", "/v1/journal"), sealing),
    Service(
        "notifications",
        ("/v1/connectors", "/v1/events", "/v1/notifications", "/v1/sftp-keys", "/v1/webhooks"),
        lambda place: {
            **sealing(place),
            "CHORALE_SMTP_HOST": HOST,
            "CHORALE_SMTP_PORT": str(place.ports["smtp"]),
            "CHORALE_MAIL_FROM": "Chorale <ne-pas-repondre@chorale.example>",
            "CHORALE_MAIL_BURST": MAIL_BURST,
            "CHORALE_RABBITMQ_API_URL": rabbitmq_api_url(place),
            "CHORALE_PARTNER_PUBLIC_AMQP_URL": f"{HOST}:{place.ports['rabbitmq']}",
            "CHORALE_SFTP_PORT": str(place.ports["sftp"]),
            "CHORALE_SFTP_ADDRESS": f"{HOST}:{place.ports['sftp']}",
            "CHORALE_WEBHOOK_INSIDE": "true",
        },
        ("sftp",),
    ),
    Service(
        "chorus",
        (
            *("/api/oauth/", "/cpro/", "/factures/v1/", "/structures/v1/", "/transverses/v1/"),
            *("/utilisateurs/v1/", "/engagementsJuridiques/v1/", "/facturesTravaux/v1/"),
        ),
    ),
    Service("portal", ("/",)),
)
MAIL_BURST = "100000"
"""Mails to one address that leave one by one: all, so that each is seen in the demo's mailbox."""
OPERATOR_EMAIL = "exploitant@chorale.example"
MAILBOX_PATH = "/demo/mailbox"
CLIENT_REQUESTS = "60000"
"""Requests a minute of one program to one process: enough to measure a laptop with."""


def mongo_url(place: Place) -> str:
    """The address of the database."""
    return f"mongodb://{HOST}:{place.ports['mongod']}/?replicaSet={ready.REPLICA_SET}"


def amqp_url(place: Place, host: str = "%2F") -> str:
    """The address of a virtual host of the broker."""
    return f"amqp://chorale:{place.secrets['amqp']}@{HOST}:{place.ports['rabbitmq']}/{host}"


def rabbitmq_api_url(place: Place) -> str:
    """The address of the broker's HTTP API."""
    return f"http://chorale:{place.secrets['amqp']}@{HOST}:{place.ports['rabbitmq-api']}/api"


def replicas(name: str, place: Place) -> tuple[str, ...]:
    """The parts that run a service: one, and of ingest as many as were asked for."""
    return tuple(f"{name}-{n}" for n in range(1, place.ingest + 1)) if name == INGEST else (name,)


def service_env(place: Place, service: Service, part: str) -> Mapping[str, str]:
    """What a service is told by its environment."""
    return {
        "CHORALE_MONGO_URL": mongo_url(place),
        "CHORALE_AMQP_URL": amqp_url(place),
        "CHORALE_PARTNER_AMQP_URL": amqp_url(place, "partners"),
        "CHORALE_HOST": HOST,
        "CHORALE_PORT": str(place.ports[part]),
        "CHORALE_PUBLIC_URL": place.base_url,
        "CHORALE_ACCOUNTS_URL": f"http://{HOST}:{place.ports['accounts']}",
        "CHORALE_LOG": os.environ.get("CHORALE_LOG", "people"),
        "CHORALE_CLIENT_REQUESTS": os.environ.get("CHORALE_CLIENT_REQUESTS", CLIENT_REQUESTS),
        "PYTHONUNBUFFERED": "1",
        **service.env(place),
    }


def service_part(service: Service, part: str) -> Part:
    """The row of one process of a service."""
    return Part(
        part,
        command=lambda place: (sys.executable, "-m", f"services.{service.name}.main"),
        env=lambda place: service_env(place, service, part),
        ready=ready.service,
        needs=("mongod", "rabbitmq", "mailbox"),
        more_ports=service.more_ports,
    )


def nginx_command(place: Place) -> Sequence[str]:
    """The public origin over every service."""
    upstreams = {
        s.name: [f"{HOST}:{place.ports[part]}" for part in replicas(s.name, place)]
        for s in SERVICES
    }
    paths = {service.name: service.paths for service in SERVICES}
    return servers.nginx(
        place,
        upstreams | {"mailbox": [f"{HOST}:{place.ports['mailbox']}"]},
        paths | {"mailbox": (MAILBOX_PATH,)},
    )


async def at_once(place: Place, name: str) -> str | None:
    """Nobody asks it anything."""
    return None


async def public(place: Place, name: str) -> str | None:
    """The one origin answers."""
    return await ready.answers(place.base_url + MAILBOX_PATH)


def stack(place: Place) -> tuple[Part, ...]:
    """STACK for a place: servers, then services, then the public origin."""
    running = tuple(
        service_part(service, part)
        for service in SERVICES
        for part in replicas(service.name, place)
    )
    return (
        Part("mongod", servers.mongod, ready.mongod, stop_seconds=30),
        Part("epmd", servers.epmd, ready.port_open, env=lambda place: {"HOME": str(place.folder)}),
        Part(
            "rabbitmq",
            servers.rabbitmq,
            ready.rabbitmq,
            needs=("epmd",),
            env=servers.rabbitmq_env,
            more_ports=("rabbitmq-api", "rabbitmq-dist"),
            start_seconds=120,
            stop_seconds=40,
        ),
        Part(
            "mailbox",
            lambda place: (sys.executable, "-m", "deploy.local.mailbox"),
            ready.port_open,
            env=lambda place: {
                "CHORALE_PORT": str(place.ports["mailbox"]),
                "CHORALE_SMTP_PORT": str(place.ports["smtp"]),
            },
            more_ports=("smtp",),
        ),
        *running,
        Part("nginx", nginx_command, public, needs=("mailbox", *(part.name for part in running))),
        Part(
            ASTRE,
            lambda place: (sys.executable, "-m", "deploy.local.astre"),
            at_once,
            needs=("nginx",),
            env=lambda place: {
                "CHORALE_DEMO": str(place.folder / "demo.json"),
                "CHORALE_ASTRE": os.environ.get("CHORALE_ASTRE", "words"),
            },
        ),
    )


def port_names(parts: Sequence[Part]) -> tuple[str, ...]:
    """Every port that is found free; nginx's is the public one."""
    return tuple(name for part in parts for name in part.ports if part.name != "nginx")
