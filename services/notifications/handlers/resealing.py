"""Secrets that lie unsealed, or sealed with an older key, are sealed with the newest."""

from contextlib import suppress
from typing import Any

from services.notifications.adapters import Adapters
from services.notifications.store import Store
from shared import logs
from shared.errors import Conflict
from shared.outbox import Change
from shared.service import Running


async def reseal(running: Running[Any, Store, Adapters]) -> None:
    """Seal them, each by itself; who changes one meanwhile seals it.

    Raises RuntimeError: what is stored was sealed with a key that this instance has not.
    """
    store, count = running.store, 0
    writes = [*await store.host_key_sealed_anew(), *await store.seal_sealed_anew()]
    writes += [write async for write in store.webhooks_sealed_anew()]
    for write in writes:
        with suppress(Conflict):
            await running.outbox.apply(Change([write]))
            count += 1
    logs.logger().info("resealed", count=count)
