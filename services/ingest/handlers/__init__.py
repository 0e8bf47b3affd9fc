"""What ingest hears: files, what workflow made of their invoices, and the directory."""

from typing import Any

from services.ingest.adapters import Adapters
from services.ingest.handlers.archives import close_archives
from services.ingest.handlers.beside import for_ever
from services.ingest.handlers.drafts import expire_drafts
from services.ingest.handlers.fates import integrate, readdress, refuse
from services.ingest.handlers.handing import take_in, tell_handings
from services.ingest.handlers.pickups import make_ready
from services.ingest.handlers.reading import read_deposit, read_scan
from services.ingest.handlers.telling import Surroundings
from services.ingest.store import Store
from shared import logs
from shared.contracts.doors import DocumentWanted, FileHandedIn
from shared.contracts.ingest import DepositReceived, ScanFound
from shared.contracts.structures import StructureChanged
from shared.contracts.workflow import InvoiceOpened, InvoiceReaddressed, InvoiceRefused
from shared.outbox import Change
from shared.service import Running, on

__all__ = ["LISTENS", "close_archives", "expire_drafts", "sweep_uploads", "tell_handings"]
SWEEP_SECONDS = 600.0


async def learn_structure(changed: StructureChanged, context: Surroundings) -> Change:
    """The copy of the public bodies follows the directory."""
    return Change([context.store.learn(changed.structure)])


async def sweep_uploads(running: Running[Any, Store, Adapters]) -> None:
    """Drop, for ever, what killed processes uploaded and never referred to."""

    async def sweep() -> None:
        if swept := await running.files.sweep(running.context().at):
            logs.logger().info("uploads_swept", count=swept)

    await for_ever("sweep", SWEEP_SECONDS, sweep)


LISTENS = (
    on(FileHandedIn, take_in),
    on(DepositReceived, read_deposit, batch=100, prefetch=16),
    on(ScanFound, read_scan, batch=1, prefetch=2),
    on(DocumentWanted, make_ready, batch=8),
    on(InvoiceOpened, integrate),
    on(InvoiceReaddressed, readdress),
    on(InvoiceRefused, refuse),
    on(StructureChanged, learn_structure),
)
