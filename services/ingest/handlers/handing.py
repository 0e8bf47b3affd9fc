"""Files that came by SFTP or AMQP are deposits like others, and who handed them in is told."""

import asyncio
from contextlib import suppress
from typing import Any

from services.ingest.adapters import Adapters
from services.ingest.domain.deposit import file_view, item_view
from services.ingest.handlers.telling import Surroundings
from services.ingest.store import Store
from shared import logs
from shared.contracts.doors import FileHandedIn
from shared.contracts.ingest import (
    Certificate,
    DepositItem,
    DepositReceived,
    DepositSettled,
    DepositState,
)
from shared.errors import Conflict
from shared.mongo import Document
from shared.outbox import Change
from shared.service import Running

TELL_SECONDS, CALM_SECONDS = 0.5, 2.0
TOGETHER = 100


async def take_in(handed: FileHandedIn, context: Surroundings) -> Change:
    """A file becomes a deposit; the same file of the same structure is the same deposit."""
    store = context.store.handings
    sender = f"{handed.realm}:{handed.depositor.structure}"
    mark = f"deposit:{sender}:{handed.sha256}"
    known = await store.marked(mark)
    if known:
        return Change([store.follow(known, handed)])
    fact = DepositReceived(
        deposit_id=context.new_id(),
        realm=handed.realm,
        depositor=handed.depositor,
        sha256=handed.sha256,
        size=handed.size,
        filename=handed.filename,
        received_at=handed.received_at,
    )
    proof = await context.store.certificates.receipt(fact, context.at)
    saved = [
        store.mark(mark, fact.deposit_id, handed.sha256, context.at),
        context.store.received(fact, proof, mark),
        store.follow(fact.deposit_id, handed),
    ]
    return Change(saved, [context.adapters.turns.placed(sender, fact)])


async def tell_handings(running: Running[Any, Store, Adapters]) -> None:
    """Tell, for ever, those who handed files in how their deposits stand now."""
    while True:
        try:
            for deposit in await running.store.handings.untold(TOGETHER):
                with suppress(Conflict):  # another process was faster
                    await running.outbox.apply(await _told(deposit, running.store))
            await asyncio.sleep(TELL_SECONDS)
        except Exception as error:
            logs.logger().warning("telling_failed", error=repr(error)[:300])
            await asyncio.sleep(CALM_SECONDS)


async def _told(deposit: Document, store: Store) -> Change:
    items: list[DepositItem] = [item_view(item) for item in deposit["items"]]
    if "open" in deposit:
        items = [file_view(file) for file in await store.members(deposit["_id"])]
    facts = [
        DepositSettled(
            handing_id=handing["id"],
            door=handing["door"],
            deposit_id=deposit["_id"],
            realm=deposit["realm"],
            structure=deposit["structure"],
            filename=handing["filename"],
            reference=handing["reference"],
            state=DepositState(deposit["state"]),
            certificate=Certificate.model_validate_json(deposit["certificate"]),
            items=tuple(item.model_copy(update={"fields": {}}) for item in items),
        )
        for handing in deposit["handings"]
    ]
    return Change([store.handings.told(deposit)], facts)
