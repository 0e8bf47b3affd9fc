"""Services that tests of one module share, on servers of their own names."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from pymongo import MongoClient

from deploy.local.handle import Stack
from deploy.local.stack import amqp_url
from tests.component.house import House, Reply, house
from tests.component.residents import OPERATOR, PASSWORD
from tests.conftest import NUMBERS, Broker, Mongo, ask

PATIENCE = 20.0


@contextmanager
def ground(servers: Stack) -> Iterator[tuple[Mongo, Broker]]:
    """Names in the database and in the broker that nobody else has."""
    servers.run(servers.supervisor.start(["mongod", "rabbitmq"]))
    name = f"test{next(NUMBERS)}"
    vhosts = (f"{name}-facts", f"{name}-partners")
    for vhost in vhosts:
        ask(servers.rabbitmq_api_url, "PUT", f"/vhosts/{vhost}", {})
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        ask(servers.rabbitmq_api_url, "PUT", f"/permissions/{vhost}/chorale", everything)
    urls = [amqp_url(servers.place, vhost) for vhost in vhosts]
    try:
        yield (
            Mongo(servers.mongo_url, name),
            Broker(urls[0], urls[1], servers.rabbitmq_api_url, vhosts[0], vhosts[1]),
        )
    finally:
        for vhost in vhosts:
            ask(servers.rabbitmq_api_url, "DELETE", f"/vhosts/{vhost}")
        with MongoClient[dict[str, Any]](servers.mongo_url) as client:
            for database in client.list_database_names():
                if database.startswith(f"{name}_"):
                    client.drop_database(database)


def siret(number: int, office: int = 1) -> str:
    """A SIRET that no company has, with both its check digits."""
    siren = _checked(f"9{number:07d}")
    return _checked(f"{siren}{office:04d}")


def _checked(digits: str) -> str:
    doubled = [int(d) * (2 if n % 2 == 0 else 1) for n, d in enumerate(reversed(digits))]
    total = sum(d - 9 if d > 9 else d for d in doubled)
    return digits + str(-total % 10)


@dataclass
class Person:
    """Somebody with an account, signed in once and for all."""

    email: str
    subject: str
    headers: dict[str, str]
    house: House
    other: House

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """One request, to whichever service answers for the path."""
        there = self.other if path.startswith("/v1/structures") else self.house
        return there.ask(method, path, body, self.headers | headers)

    def me(self) -> Any:
        """Who this is and what for, now."""
        return self.ask("GET", "/v1/me").json

    def holds(self, key: str) -> str | None:
        """The role in a structure, now."""
        roles = {grant["structure"]: grant["role"] for grant in self.me()["grants"]}
        return roles.get(key)


@dataclass
class Town:
    """Accounts and structures, running together."""

    accounts: House
    structures: House
    mongo: Mongo
    people: dict[str, Person] = field(default_factory=dict)

    @property
    def operator(self) -> Person:
        """The operator of the platform."""
        return self.people.get("operator") or self._enter("operator", **OPERATOR)

    def person(self, name: str, *keys: str, realm: str = "live") -> Person:
        """Somebody whose account is open, with these structures at first."""
        body = {
            "email": f"{name}@exemple.fr",
            "password": PASSWORD,
            "realm": realm,
            "structures": list(keys),
            "first_name": name.partition("-")[0].title(),
        }
        made = self.operator.ask("POST", "/v1/people", body)
        assert made.status == 201, made.text
        return self._enter(name, f"{name}@exemple.fr", PASSWORD)

    def _enter(self, name: str, email: str, password: str) -> Person:
        body = {"email": email, "password": password}
        reply = self.accounts.ask("POST", "/v1/sessions", body)
        assert reply.status == 200, reply.text
        headers = {"Authorization": f"Bearer {reply.json['access_token']}"}
        subject = self.accounts.ask("GET", "/v1/me", headers=headers).json["subject"]
        person = Person(email, subject, headers, self.accounts, self.structures)
        self.people[name] = person
        return person

    def owner(self, name: str, number: str, **sheet: Any) -> Person:
        """Somebody who made the sheet of a structure and manages it by now."""
        person = self.person(name)
        body = {"identifier": number, "name": f"Société {name}"} | sheet
        made = person.ask("POST", "/v1/structures", body)
        assert made.status == 201, made.text
        until(lambda: person.holds(made.json["key"]) == "principal", "the maker manages")
        until(
            lambda: person.ask("GET", f"/v1/structures/{path_of(made.json['key'])}").status == 200,
            "structures has noticed",
        )
        return person

    def joined(self, name: str, key: str, manager: Person, **rights: Any) -> tuple[Person, str]:
        """Somebody who asked to belong to a structure and was let in."""
        person = self.person(name)
        body = {"structure": key, "works_there": True}
        asked = person.ask("POST", "/v1/memberships", body)
        assert asked.status == 201, asked.text
        id = asked.json["id"]
        done = manager.ask("POST", f"/v1/memberships/{id}/moves", {"action": "approve"} | rights)
        assert done.status == 200, done.text
        return person, str(id)

    def put(self, number: str, **sheet: Any) -> str:
        """A sheet that the operator wrote; its key, once accounts has learned it."""
        body = {"name": "Commune de Muret", "public": True} | sheet
        path = f"/v1/structures/siret/{number}"
        reply = self.operator.ask("PUT", path, body)
        assert reply.status in (200, 201), reply.text
        key = f"live/siret/{number}"
        with MongoClient[dict[str, Any]](self.mongo.url) as client:
            known = client[self.accounts.database]["structures"]
            until(lambda: known.find_one({"_id": key}), "accounts has learned it")
        return key


def path_of(key: str) -> str:
    """The path of a structure under `/v1/structures/`."""
    _, kind, identifier = key.split("/", 2)
    return f"{kind}/{quote(identifier, safe='')}"


def until(holds: Callable[[], Any], what: str) -> Any:
    """Wait until something holds, and return it."""
    ends = time.monotonic() + PATIENCE
    while not (result := holds()):
        assert time.monotonic() < ends, f"not within {PATIENCE:.0f} s: {what}"
        time.sleep(0.05)
    return result


@contextmanager
def town(servers: Stack, **settings: str) -> Iterator[Town]:
    """Both services, running."""
    known = {f"operator_{name}": value for name, value in OPERATOR.items()}
    with (
        ground(servers) as (mongo, broker),
        house("accounts", mongo, broker, **known) as accounts,
        house("structures", mongo, broker, accounts.url, **settings) as structures,
    ):
        yield Town(accounts, structures, mongo)
