"""The queues of partners."""

from datetime import datetime

from shared.mongo import Database, Document, Index, Insert, Patch, Replace, Write

CONNECTORS = "connectors"
COLLECTIONS = (CONNECTORS,)
INDEXES = (
    Index(CONNECTORS, [("realm", 1), ("_id", 1)]),
    Index(CONNECTORS, [("queue", 1)]),
    Index(CONNECTORS, [("program", 1)], where={"program": {"$type": "string"}}),
)


class Connectors:
    """The queues that structures have, and the passwords of their accounts."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def connector(self, key: str) -> Document | None:
        """The connector of a structure or department, also one that was closed."""
        return await self._db[CONNECTORS].find_one({"_id": key})

    async def connector_of(self, queue: str) -> Document | None:
        """The open connector that has a queue."""
        return await self._db[CONNECTORS].find_one({"queue": queue, "closed_at": None})

    async def connectors(self, where: Document, after: str | None, limit: int) -> list[Document]:
        """Connectors by structure key."""
        page: Document = {"$and": [where, {"closed_at": None}]}
        if after:
            page["$and"].append({"_id": {"$gt": after}})
        return await self._db[CONNECTORS].find(page, {"hash": 0}).sort("_id", 1).to_list(limit)

    async def connectors_of(self, program: str) -> list[Document]:
        """The open connectors whose password this program has."""
        return (
            await self._db[CONNECTORS].find({"program": program, "closed_at": None}).to_list(None)
        )

    def lock_connector(self, known: Document) -> Write:
        """A connector whose queue stays, and whose account has no password any more."""
        was: int = known["version"]
        locked = {"version": was + 1, "hash": "", "program": None}
        return Replace(CONNECTORS, known | locked, was)

    def open(self, known: Document | None, connector: Document, at: datetime) -> Write:
        """A connector opened, or its password changed; two at once are a conflict."""
        connector |= {"closed_at": None}
        if known is None:
            return Insert(CONNECTORS, connector | {"version": 1, "opened_at": at, "rotated_at": at})
        was: int = known["version"]
        return Replace(CONNECTORS, known | connector | {"version": was + 1, "rotated_at": at}, was)

    def close_connector(self, known: Document, at: datetime) -> Write:
        """A connector that is closed; its version is kept for the one that may follow."""
        was: int = known["version"]
        return Replace(CONNECTORS, known | {"version": was + 1, "closed_at": at, "hash": ""}, was)

    def looked(self, known: Document, seen: Document) -> Patch:
        """What a look at its queue gave; a conflict when another process looked meanwhile."""
        unchanged = {"looked_at": known.get("looked_at"), "closed_at": None}
        return Patch(CONNECTORS, known["_id"], {"$set": seen}, unchanged)
