"""What notifications keeps, by subject."""

from services.notifications.store import connectors, doors, feed, mails, preferences, webhooks
from services.notifications.store.connectors import Connectors
from services.notifications.store.doors import Doors
from services.notifications.store.feed import Feed
from services.notifications.store.mails import Mails
from services.notifications.store.preferences import People
from services.notifications.store.webhooks import Webhooks
from shared.mongo import Database

PARTS = (mails, preferences, connectors, feed, webhooks, doors)
COLLECTIONS = tuple(name for part in PARTS for name in part.COLLECTIONS)
INDEXES = tuple(index for part in PARTS for index in part.INDEXES)


class Store(Mails, People, Connectors, Feed, Webhooks, Doors):
    """Reads what notifications owns, and words the writes."""

    def __init__(self, db: Database) -> None:
        Mails.__init__(self, db)
        People.__init__(self, db)
        Connectors.__init__(self, db)
        Feed.__init__(self, db)
        Webhooks.__init__(self, db)
        Doors.__init__(self, db)
