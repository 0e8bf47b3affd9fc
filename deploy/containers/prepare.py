"""Make the servers of the compose file ready: `python -m deploy.containers.prepare`.

A replica set and an account in MongoDB, a virtual host for partners in RabbitMQ. Done again, it
changes nothing, but gives the account the password of the environment.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local.ready import REPLICA_SET

PATIENCE = 300.0
ROLES = ("readWriteAnyDatabase", "clusterMonitor")
"""What services need: their data, and to see the settings that they depend on."""
NOT_INITIATED, NO_SUCH_USER = 94, 11
PARTNERS = "partners"
Client = MongoClient[dict[str, Any]]


class NotYet(Exception):
    """A server is not there yet; the text says why."""


def replica_set(client: Client, member: str) -> None:
    """A replica set of one, and its primary. Raises NotYet."""
    try:
        client.admin.command("replSetGetStatus")
    except OperationFailure as error:
        if error.code != NOT_INITIATED:
            raise
        members = [{"_id": 0, "host": member}]
        client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
    if not client.admin.command("hello").get("isWritablePrimary"):
        raise NotYet("MongoDB has no primary yet")


def account(client: Client, name: str, password: str) -> None:
    """The account of the services."""
    rights = {"pwd": password, "roles": list(ROLES)}
    try:
        client.admin.command({"updateUser": name, **rights})
    except OperationFailure as error:
        if error.code != NO_SUCH_USER:
            raise
        client.admin.command({"createUser": name, **rights})


def mongodb(url: str, key: str) -> None:
    """All of MongoDB, as the replica set itself: there is no other account before this one."""
    wanted = urlsplit(url)
    member = f"{wanted.hostname}:{wanted.port}"
    with Client(
        member,
        directConnection=True,
        username="__system",
        password=key,
        authSource="local",
        authMechanism="SCRAM-SHA-256",
        serverSelectionTimeoutMS=2000,
    ) as client:
        replica_set(client, member)
        account(client, wanted.username or "", wanted.password or "")


def rabbitmq(api_url: str) -> None:
    """The virtual host of partners, open to the services."""
    parts = urlsplit(api_url)
    put(api_url, f"/vhosts/{PARTNERS}", {})
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    put(api_url, f"/permissions/{PARTNERS}/{parts.username}", everything)


def put(api_url: str, path: str, body: object) -> None:
    """One call of RabbitMQ's management."""
    parts = urlsplit(api_url)
    token = b64encode(f"{parts.username}:{parts.password}".encode()).decode()
    request = urllib.request.Request(
        f"{parts.scheme}://{parts.hostname}:{parts.port}{parts.path}{path}",
        method="PUT",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Basic {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10):
        pass


def patiently(what: str, attempt: Callable[[], None]) -> None:
    """Try until it is done; ends the program when that takes too long."""
    until, said = time.monotonic() + PATIENCE, ""
    while True:
        try:
            attempt()
            print(f"{what}: ready", flush=True)
            return
        except (NotYet, PyMongoError, urllib.error.URLError, OSError) as error:
            text = str(error).splitlines()[0][:200]
            if text != said:
                print(f"{what}: {text}", flush=True)
            said = text
        if time.monotonic() > until:
            sys.exit(f"{what}: not ready after {PATIENCE:g} s")
        time.sleep(0.5)


def main() -> None:
    """Both servers, in turn."""
    mongo_url, key = os.environ["CHORALE_MONGO_URL"], os.environ["CHORALE_MONGO_KEY"]
    api_url = os.environ["CHORALE_RABBITMQ_API_URL"]
    patiently("mongod", lambda: mongodb(mongo_url, key))
    patiently("rabbitmq", lambda: rabbitmq(api_url))


if __name__ == "__main__":
    main()
