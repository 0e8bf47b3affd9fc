"""Each file of an archive is a deposit of its own; what became of all of them is told once."""

from contextlib import suppress
from typing import Any

from services.ingest.adapters import Adapters
from services.ingest.domain.deposit import state_of
from services.ingest.formats.reading import Reading
from services.ingest.handlers.beside import for_ever
from services.ingest.handlers.telling import Surroundings, deposit_of, refused
from services.ingest.store import Store
from shared.contracts.ingest import BulkReceived, DepositReceived, DepositState
from shared.errors import Conflict
from shared.files import sha256
from shared.outbox import Change
from shared.service import Running

CLOSE_SECONDS = 0.5


async def open_archive(deposit: DepositReceived, reading: Reading, context: Surroundings) -> Change:
    """Each file of an archive becomes a deposit of its own; all are reported together."""
    await context.files.store([member.data for member in reading.members])
    files = [
        BulkReceived(
            deposit_id=context.new_id(),
            realm=deposit.realm,
            depositor=deposit.depositor,
            sha256=sha256(member.data),
            size=len(member.data),
            filename=member.name,
            received_at=deposit.received_at,
            parent=deposit.deposit_id,
        )
        for member in reading.members
    ]
    kept = [
        context.store.received(
            file, await context.store.certificates.receipt(file, context.at), None, position
        )
        for position, file in enumerate(files)
    ]
    return Change([context.store.opened(deposit.deposit_id, reading.format), *kept], files)


async def close_archives(running: Running[Any, Store, Adapters]) -> None:
    """Tell, for ever, what became of archives whose files are all dealt with."""

    async def close() -> None:
        for archive in await running.store.open_archives():
            if not await running.store.is_under_way(archive["_id"]):
                with suppress(Conflict):  # another process was faster
                    await running.outbox.apply(await _closed(archive, running.store))

    await for_ever("archives", CLOSE_SECONDS, close)


async def _closed(archive: dict[str, Any], store: Store) -> Change:
    files = await store.members(archive["_id"], ("state", "items"))
    state = state_of(DepositState(file["state"]) for file in files)
    rejected = [file["items"][0] for file in files if file["state"] == DepositState.REJECTED]
    tell = [refused(deposit_of(archive), *rejected)] if rejected else []
    return Change(store.closed(archive, state), tell)
