"""What ingest hears: files, what workflow made of their invoices, and the directory."""

from typing import Any

from services.ingest.adapters import Adapters
from services.ingest.handlers.archives import close_archives
from services.ingest.handlers.beside import for_ever
from services.ingest.handlers.drafts import expire_drafts
from services.ingest.handlers.fates import integrate, readdress, refuse
from services.ingest.handlers.handing import take_in, tell_handings
from services.ingest.handlers.pickups import make_ready
from services.ingest.handlers.reading import (
    read_archive,
    read_bulk,
    read_bulk_scan,
    read_deposit,
    read_page,
    read_scan,
)
from services.ingest.handlers.statuses import settle_statuses
from services.ingest.handlers.telling import Surroundings
from services.ingest.store import Store
from shared import logs
from shared.contracts.doors import DocumentWanted, FileHandedIn
from shared.contracts.ingest import (
    ArchiveReceived,
    BulkReceived,
    BulkScanFound,
    DepositReceived,
    PageReceived,
    ScanFound,
)
from shared.contracts.reported import StatusesTaken
from shared.contracts.structures import StructureChanged
from shared.contracts.workflow import InvoiceOpened, InvoiceReaddressed, InvoiceRefused
from shared.outbox import Change
from shared.service import Running, on

__all__ = [
    "LISTENS",
    "close_archives",
    "expire_drafts",
    "sweep_uploads",
    "tell_handings",
    "watch_backlog",
]
SWEEP_SECONDS, WATCH_SECONDS = 600.0, 1.0


async def learn_structure(changed: StructureChanged, context: Surroundings) -> Change:
    """The copy of the public bodies follows the directory."""
    return Change([context.store.learn(changed.structure)])


async def watch_backlog(running: Running[Any, Store, Adapters]) -> None:
    """Close the door, for ever, while the database is away or more waits than may wait."""
    admission, most = running.adapters.admission, running.settings.backlog

    async def look() -> None:
        waiting = most
        try:
            waiting = await running.outbox.backlog(WAITING)
        finally:
            admission.closed = waiting >= most

    await for_ever("backlog", WATCH_SECONDS, look)


async def sweep_uploads(running: Running[Any, Store, Adapters]) -> None:
    """Drop, for ever, what killed processes uploaded and never referred to."""

    async def sweep() -> None:
        if swept := await running.files.sweep(running.context().at):
            logs.logger().info("uploads_swept", count=swept)

    await for_ever("sweep", SWEEP_SECONDS, sweep)


LISTENS = (
    on(FileHandedIn, take_in),
    on(DepositReceived, read_deposit, batch=100, prefetch=16),
    on(PageReceived, read_page, batch=100, prefetch=16),
    on(ArchiveReceived, read_archive, batch=2, prefetch=2),
    on(BulkReceived, read_bulk, batch=100, prefetch=16),
    on(ScanFound, read_scan, batch=1, prefetch=2),
    on(BulkScanFound, read_bulk_scan, batch=1, prefetch=2),
    on(DocumentWanted, make_ready, batch=8),
    on(InvoiceOpened, integrate),
    on(InvoiceReaddressed, readdress),
    on(InvoiceRefused, refuse),
    on(StatusesTaken, settle_statuses),
    on(StructureChanged, learn_structure),
)
READING = (read_deposit, read_page, read_archive, read_bulk, read_scan, read_bulk_scan)
WAITING = tuple(f"ingest.{handler.__name__}" for handler in READING)
"""The queues of files that nobody has read yet."""
