"""What workflow hears: invoices, reported statuses, downloads, the directory, the connectors."""

from services.workflow.handlers.directory import forget_connector, learn_connector, learn_structure
from services.workflow.handlers.fetching import note_fetch, note_pickup
from services.workflow.handlers.opening import open_invoice
from services.workflow.handlers.reporting import take_statuses
from shared.contracts.documents import DocumentFetched
from shared.contracts.doors import DocumentPickedUp
from shared.contracts.ingest import InvoiceRead
from shared.contracts.notifications import ConnectorClosed, ConnectorOpened
from shared.contracts.reported import StatusesReported
from shared.contracts.structures import StructureChanged
from shared.service import on

LISTENS = (
    on(InvoiceRead, open_invoice),
    on(DocumentFetched, note_fetch),
    on(StatusesReported, take_statuses),
    on(DocumentPickedUp, note_pickup),
    on(StructureChanged, learn_structure),
    on(ConnectorOpened, learn_connector),
    on(ConnectorClosed, forget_connector),
)
