"""Readiness: each check answers None when its part serves, or why it does not yet."""

import asyncio
import socket
import time
from base64 import b64encode
from collections.abc import Collection
from urllib.parse import urlsplit

import aiohttp
from pymongo import AsyncMongoClient, MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local.place import HOST, Place

REPLICA_SET = "chorale"


async def port_open(place: Place, name: str) -> str | None:
    """The part accepts connections."""
    try:
        _, writer = await asyncio.open_connection(HOST, place.ports[name])
    except OSError as error:
        return f"port {place.ports[name]}: {error.strerror}"
    writer.close()
    return None


async def answers(url: str) -> str | None:
    """The address answers 200."""
    parts = urlsplit(url)
    token = b64encode(f"{parts.username}:{parts.password}".encode()).decode()
    headers = {"Authorization": f"Basic {token}"} if parts.username else {}
    bare = parts._replace(netloc=f"{parts.hostname}:{parts.port}").geturl()
    try:
        async with (
            aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=3), headers=headers
            ) as session,
            session.get(bare) as answer,
        ):
            return None if answer.status == 200 else f"{bare} answers {answer.status}"
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return f"{bare}: {str(error) or type(error).__name__}"


async def service(place: Place, name: str) -> str | None:
    """The service has its database, its broker and its indexes."""
    return await answers(f"http://{HOST}:{place.ports[name]}/readyz")


async def rabbitmq(place: Place, name: str) -> str | None:
    """The broker listens and its virtual hosts are up."""
    user = f"chorale:{place.secrets['amqp']}"
    api = f"http://{user}@{HOST}:{place.ports['rabbitmq-api']}/api"
    return await answers(f"{api}/health/checks/port-listener/{place.ports[name]}") or await answers(
        f"{api}/health/checks/virtual-hosts"
    )


async def mongod(place: Place, name: str) -> str | None:
    """The server is the primary of its one-node replica set, which is made at first start."""
    return await asyncio.to_thread(_primary, place.ports[name])


DIRECTORY = ("workflow", "directory")
CONNECTORS = ("workflow", "connectors")
CONTACTS = ("notifications", "contacts")


async def learned(
    url: str, copy: tuple[str, str], keys: Collection[str], *, seconds: float = 30
) -> None:
    """Wait until a service's copy holds these keys: facts travel, and no answer tells of it."""
    service, name = copy
    until = time.monotonic() + seconds
    async with AsyncMongoClient[dict[str, object]](url) as client:
        kept = client[f"chorale_{service}"][name]
        while await kept.count_documents({"_id": {"$in": list(keys)}}) < len(keys):
            if time.monotonic() > until:
                raise TimeoutError(f"{service} has not heard of all {name} after {seconds:g} s")
            await asyncio.sleep(0.02)


def _primary(port: int) -> str | None:
    address = f"{HOST}:{port}"
    try:
        with socket.create_connection((HOST, port), timeout=1):
            pass
        with MongoClient[dict[str, object]](
            HOST, port, directConnection=True, serverSelectionTimeoutMS=1000, socketTimeoutMS=3000
        ) as client:
            hello = client.admin.command("hello")
            if hello.get("isWritablePrimary"):
                return None
            _join(client, address)
            return "has no primary yet"
    except (PyMongoError, OSError) as error:
        return f"{address}: {error}".splitlines()[0]


def _join(client: MongoClient[dict[str, object]], address: str) -> None:
    """Make the replica set, or tell it that its only member has moved to another port."""
    member = {"_id": 0, "host": address}
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as error:
        if error.code == 94:  # NotYetInitialized
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [member]})
        return
    if [known["host"] for known in config["members"]] != [address]:
        moved = config | {
            "members": [config["members"][0] | member],
            "version": config["version"] + 1,
        }
        client.admin.command("replSetReconfig", moved, force=True)
