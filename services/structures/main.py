"""Structures: the directory of those who issue and receive invoices."""

from services.structures import handlers
from services.structures.api import ROUTES
from services.structures.store import COLLECTIONS, INDEXES, Store
from shared.contracts.workflow import PartyMet
from shared.service import Service, on, run
from shared.settings import Settings

LISTENS = (on(PartyMet, handlers.meet_party),)

SERVICE = Service(
    name="structures",
    settings=Settings,
    store=Store,
    listens=LISTENS,
    routes=ROUTES,
    indexes=INDEXES,
    collections=COLLECTIONS,
)

if __name__ == "__main__":
    run(SERVICE)
