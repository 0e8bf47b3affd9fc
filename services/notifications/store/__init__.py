"""What notifications keeps, by subject."""

from services.notifications.store import connectors, feed, mails
from services.notifications.store.connectors import Connectors
from services.notifications.store.feed import Feed
from services.notifications.store.mails import Mails
from shared.mongo import Database

COLLECTIONS = (*mails.COLLECTIONS, *connectors.COLLECTIONS, *feed.COLLECTIONS)
INDEXES = (*mails.INDEXES, *connectors.INDEXES, *feed.INDEXES)


class Store(Mails, Connectors, Feed):
    """Reads what notifications owns, and words the writes."""

    def __init__(self, db: Database) -> None:
        Mails.__init__(self, db)
        Connectors.__init__(self, db)
        Feed.__init__(self, db)
