"""The queues of partners."""

from datetime import datetime

from shared.mongo import Database, Document, Index, Insert, Replace, Write

CONNECTORS = "connectors"
COLLECTIONS = (CONNECTORS,)
INDEXES = (
    Index(CONNECTORS, [("realm", 1), ("_id", 1)]),
    Index(CONNECTORS, [("queue", 1)]),
)


class Connectors:
    """The queues that structures have, and the passwords of their accounts."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def connector(self, structure: str) -> Document | None:
        """The connector of a structure."""
        return await self._db[CONNECTORS].find_one({"_id": structure})

    async def connector_of(self, queue: str) -> Document | None:
        """The connector that has a queue."""
        return await self._db[CONNECTORS].find_one({"queue": queue})

    async def connectors(self, where: Document, after: str | None, limit: int) -> list[Document]:
        """Connectors by structure key."""
        page = {"$and": [where, {"_id": {"$gt": after}}]} if after else where
        return await self._db[CONNECTORS].find(page, {"hash": 0}).sort("_id", 1).to_list(limit)

    def open(self, known: Document | None, connector: Document, at: datetime) -> Write:
        """A connector opened, or its password changed; two at once are a conflict."""
        if known is None:
            return Insert(CONNECTORS, connector | {"version": 1, "opened_at": at, "rotated_at": at})
        was: int = known["version"]
        return Replace(CONNECTORS, known | connector | {"version": was + 1, "rotated_at": at}, was)
