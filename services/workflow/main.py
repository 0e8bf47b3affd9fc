"""workflow, put together."""

from services.workflow.api import ROUTES
from services.workflow.handlers import LISTENS
from services.workflow.store import COLLECTIONS, INDEXES, Store
from shared.service import Service, run
from shared.settings import Settings

SERVICE: Service[Settings, Store, None] = Service(
    name="workflow",
    settings=Settings,
    store=Store,
    listens=LISTENS,
    routes=ROUTES,
    indexes=INDEXES,
    collections=COLLECTIONS,
)

if __name__ == "__main__":
    run(SERVICE)
