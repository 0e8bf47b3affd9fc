"""What ingest hears: files, what workflow made of their invoices, and the directory."""

from services.ingest.handlers.archives import close_archives
from services.ingest.handlers.drafts import expire_drafts
from services.ingest.handlers.fates import integrate, readdress, refuse
from services.ingest.handlers.handing import take_in, tell_handings
from services.ingest.handlers.reading import read_deposit, read_scan
from services.ingest.handlers.telling import Surroundings
from shared.contracts.doors import FileHandedIn
from shared.contracts.ingest import DepositReceived, ScanFound
from shared.contracts.structures import StructureChanged
from shared.contracts.workflow import InvoiceOpened, InvoiceReaddressed, InvoiceRefused
from shared.outbox import Change
from shared.service import on

__all__ = ["LISTENS", "close_archives", "expire_drafts", "tell_handings"]


async def learn_structure(changed: StructureChanged, context: Surroundings) -> Change:
    """The copy of the public bodies follows the directory."""
    return Change([context.store.learn(changed.structure)])


LISTENS = (
    on(FileHandedIn, take_in),
    on(DepositReceived, read_deposit, batch=100, prefetch=16),
    on(ScanFound, read_scan, batch=1, prefetch=2),
    on(InvoiceOpened, integrate),
    on(InvoiceReaddressed, readdress),
    on(InvoiceRefused, refuse),
    on(StructureChanged, learn_structure),
)
