"""Three mongod of our own as one replica set, for the faults that one node cannot have."""

import asyncio
import subprocess
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from deploy.local.place import ROOT
from deploy.local.servers import mongod_binary
from tests.processes import free_port

NODES = 3


class Replicas:
    """A replica set on free ports, gone when left."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: dict[int, subprocess.Popen[bytes]] = {}

    @property
    def url(self) -> str:
        """The address of the set."""
        hosts = ",".join(f"127.0.0.1:{port}" for port in self._processes)
        return f"mongodb://{hosts}/?replicaSet=chorale"

    async def __aenter__(self) -> "Replicas":
        for _ in range(NODES):
            self._start(free_port())
        for port in self._processes:  # the first one asks all of them at once, and only once
            await _until_open(port)
        first, *_ = self._processes
        members = [
            {"_id": n, "host": f"127.0.0.1:{port}"} for n, port in enumerate(self._processes)
        ]
        async with AsyncMongoClient[Any](
            f"mongodb://127.0.0.1:{first}/?directConnection=true"
        ) as node:
            configuration = {
                "_id": "chorale",
                "members": members,
                "settings": {"electionTimeoutMillis": 2000},
            }
            await node.admin.command({"replSetInitiate": configuration})
        await self.primary()
        return self

    def _start(self, port: int) -> None:
        data = self._folder / f"node-{port}"
        data.mkdir(parents=True, exist_ok=True)
        binary = mongod_binary()
        assert binary is not None
        self._processes[port] = subprocess.Popen(
            [
                *(binary, "--config", str(ROOT / "deploy" / "mongod.conf")),
                *("--bind_ip", "127.0.0.1", "--port", str(port), "--dbpath", str(data)),
                *("--logpath", str(data / "log"), "--wiredTigerCacheSizeGB", "0.25"),
            ],
            stdout=subprocess.DEVNULL,
        )

    async def primary(self) -> int:
        """The port of the node that takes writes, once there is one."""
        async with AsyncMongoClient[Any](self.url, serverSelectionTimeoutMS=1000) as client:
            for _ in range(60):
                try:
                    hello = await client.admin.command("hello")
                except PyMongoError:
                    hello = {}
                if hello.get("isWritablePrimary"):
                    return int(hello["me"].rpartition(":")[2])
                await asyncio.sleep(0.2)
        raise AssertionError("no node takes writes")

    async def step_down(self) -> None:
        """Ask the primary to give way."""
        async with AsyncMongoClient[Any](self.url) as client:
            await client.admin.command({"replSetStepDown": 5, "force": True})

    async def kill_primary(self) -> None:
        """Kill the primary and start it again as a follower."""
        port = await self.primary()
        self._processes[port].kill()
        self._processes[port].wait()
        self._start(port)

    async def __aexit__(self, *_: object) -> None:
        for process in self._processes.values():
            process.kill()
            process.wait()


async def _until_open(port: int) -> None:
    """Wait until a node listens. Raises TimeoutError."""
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return
