"""Deposits that came by SFTP or AMQP: to whom it is told how they stand."""

from datetime import datetime
from typing import Any

from services.ingest.store.drafts import DEPOSITS
from shared import mongo
from shared.contracts.doors import FileHandedIn
from shared.contracts.ingest import DepositState
from shared.mongo import Document, Insert, Patch

MARKS = "inbox"
INDEXES = (mongo.Index(DEPOSITS, [("watched", 1), ("state", 1)], where={"watched": True}),)
FINAL = [state for state in DepositState if state.final]


class Handings:
    """Who handed a deposit in, and what they were told of it."""

    def __init__(self, db: mongo.Database) -> None:
        self._deposits, self._marks = db[DEPOSITS], db[MARKS]

    async def marked(self, mark: str) -> str | None:
        """The deposit that a mark stands for."""
        found = await self._marks.find_one({"_id": mark})
        return found["value"]["deposit_id"] if found and "value" in found else None

    def mark(self, mark: str, deposit_id: str, sha256: str, at: datetime) -> Insert:
        """The mark of a new deposit; a conflict when the same file is being taken elsewhere."""
        value = {"deposit_id": deposit_id, "sha256": sha256}
        return Insert(MARKS, {"_id": mark, "at": at, "value": value})

    def follow(self, deposit_id: str, handed: FileHandedIn) -> Patch:
        """From now on who handed this in is told how the deposit stands."""
        one: Document = {"id": handed.handing_id, "door": handed.door, "filename": handed.filename}
        one["reference"] = handed.reference
        update = {"$addToSet": {"handings": one}, "$set": {"watched": True, "told": None}}
        return Patch(DEPOSITS, deposit_id, update)

    async def untold(self, limit: int) -> list[Document]:
        """Deposits that stand otherwise than was told."""
        query: dict[str, Any] = {
            "watched": True,
            "state": {"$in": FINAL},
            "$expr": {"$ne": ["$told", "$state"]},
        }
        return await self._deposits.find(query).limit(limit).to_list(None)

    def told(self, deposit: Document) -> Patch:
        """It was told; what still waits for somebody is watched on."""
        state = DepositState(deposit["state"])
        watched = state is DepositState.AWAITING_CONFIRMATION
        known = {name: deposit.get(name) for name in ("told", "state", "handings")}
        return Patch(DEPOSITS, deposit["_id"], {"$set": {"told": state, "watched": watched}}, known)
