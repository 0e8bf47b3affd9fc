"""Load the demo into the running containers, once: `python -m deploy.containers.demo`."""

import asyncio
import json
import os
import sys
import time
from pathlib import Path

import aiohttp

from deploy.containers.origin import SERVICE_PORT
from deploy.local import demo, ready
from deploy.local.door import Door, Refused
from deploy.local.place import CannotStart
from deploy.local.stack import MAILBOX_PATH, SERVICES

FILE = Path("/var/lib/chorale") / demo.FILE
PATIENCE = 300.0


async def until_ready(origin: str) -> None:
    """Wait until every service, and the origin in front of them, answers."""
    urls = [f"http://{service.name}:{SERVICE_PORT}/readyz" for service in SERVICES]
    until = time.monotonic() + PATIENCE
    for url in (*urls, origin + MAILBOX_PATH):
        while why := await ready.answers(url):
            if time.monotonic() > until:
                raise CannotStart(f"not ready after {PATIENCE:g} s: {why}")
            await asyncio.sleep(0.5)


async def load() -> None:
    """Make the demo through the origin, unless it was made before, and write its file."""
    if FILE.exists():
        return
    origin = os.environ["CHORALE_API_URL"]
    await until_ready(origin)
    async with aiohttp.ClientSession() as session:
        made = await demo.make(
            demo.Target(
                Door(origin, session, patience=60),
                (os.environ["CHORALE_OPERATOR_EMAIL"], os.environ["CHORALE_OPERATOR_PASSWORD"]),
                os.environ["CHORALE_MONGO_URL"],
                os.environ["CHORALE_PUBLIC_URL"],
            )
        )
    fresh = FILE.with_suffix(".new")
    fresh.write_text(json.dumps(made, indent=1) + "\n")
    fresh.chmod(0o600)
    fresh.replace(FILE)
    print(f"the demo is loaded; its logins are in {FILE}", flush=True)


if __name__ == "__main__":
    try:
        asyncio.run(load())
    except (CannotStart, Refused, TimeoutError, aiohttp.ClientError) as error:
        sys.exit(f"the demo cannot be loaded: {error}")
