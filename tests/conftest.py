"""Real servers for tests: started once a session and only when a test asks, on free ports."""

import json
import shutil
import urllib.parse
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import pytest
from pymongo import MongoClient

from deploy.local.handle import Stack
from deploy.local.stack import amqp_url

NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class Mongo:
    """A real mongod, and a database name that no other test has."""

    url: str
    database: str


@dataclass(frozen=True, slots=True)
class Broker:
    """A real RabbitMQ, with virtual hosts for services and for partners that no other test has."""

    url: str
    partner_url: str
    api_url: str
    vhost: str
    partner_vhost: str

    def call(self, method: str, path: str, body: object = None) -> object:
        """Ask the broker's HTTP API."""
        return ask(self.api_url, method, path, body)


def ask(api_url: str, method: str, path: str, body: object = None) -> object:
    """One request to the HTTP API of a broker, with the rights of the platform."""
    parts = urllib.parse.urlsplit(api_url)
    token = b64encode(f"{parts.username}:{parts.password}".encode()).decode()
    request = urllib.request.Request(
        f"http://{parts.hostname}:{parts.port}{parts.path}{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Basic {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        text = answer.read()
    return json.loads(text) if text else None


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The session's stack; its parts are started by the fixtures that need them."""
    folder = tmp_path_factory.mktemp("stack")
    with Stack(folder, ingest=2, only=()) as opened:
        yield opened
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def stack(servers: Stack) -> Stack:
    """Everything: servers, services, the public origin and the mailbox."""
    servers.run(servers.supervisor.start())
    return servers


@pytest.fixture
def mongo(servers: Stack) -> Iterator[Mongo]:
    """A real mongod alone; databases that begin with the test's name are dropped afterwards."""
    servers.run(servers.supervisor.start(["mongod"]))
    name = f"test{next(NUMBERS)}"
    yield Mongo(servers.mongo_url, name)
    with MongoClient[dict[str, object]](servers.mongo_url) as client:
        for database in client.list_database_names():
            if database == name or database.startswith(f"{name}_"):
                client.drop_database(database)


@pytest.fixture
def broker(servers: Stack) -> Iterator[Broker]:
    """A real RabbitMQ alone, empty."""
    servers.run(servers.supervisor.start(["rabbitmq"]))
    vhosts = tuple(f"test{next(NUMBERS)}-{kind}" for kind in ("facts", "partners"))
    for vhost in vhosts:
        ask(servers.rabbitmq_api_url, "PUT", f"/vhosts/{vhost}", {})
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        ask(servers.rabbitmq_api_url, "PUT", f"/permissions/{vhost}/chorale", everything)
    facts, partners = vhosts
    yield Broker(
        url=amqp_url(servers.place, facts),
        partner_url=amqp_url(servers.place, partners),
        api_url=servers.rabbitmq_api_url,
        vhost=facts,
        partner_vhost=partners,
    )
    for vhost in vhosts:
        ask(servers.rabbitmq_api_url, "DELETE", f"/vhosts/{vhost}")
