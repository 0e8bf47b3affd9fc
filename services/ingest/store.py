"""Deposits and their reports.

A deposit is one document: the file's hash, who handed it in, and an item for each invoice in it.
"""

from collections.abc import Sequence
from typing import Any

from shared import mongo
from shared.contracts.ingest import DepositReceived, DepositState
from shared.mongo import Document, Write

DEPOSITS = "deposits"
INDEXES = (mongo.Index(DEPOSITS, [("realm", 1), ("subject", 1), ("_id", -1)]),)


class Store:
    """Reads deposits; writes are returned, not done."""

    def __init__(self, db: mongo.Database) -> None:
        self._deposits = db[DEPOSITS]
        self._standing = db.loader(
            DEPOSITS, projection={"version": 1, "state": 1, "mark": 1, "items.state": 1}
        )
        self._whole = db.loader(DEPOSITS)

    async def deposit(self, id: str) -> Document | None:
        """A whole deposit."""
        return await self._whole.get(id)

    async def own(
        self, id: str, realm: str, subject: str, structures: Sequence[str]
    ) -> Document | None:
        """A deposit that this caller, or a colleague of the same structure, handed in."""
        found = await self._whole.get(id)
        if found is None or found["realm"] != realm:
            return None
        mine = found["subject"] == subject or found["structure"] in structures
        return found if mine else None

    async def standing(self, id: str) -> Document | None:
        """How a deposit and its items stand, without their contents."""
        return await self._standing.get(id)

    def received(self, fact: DepositReceived, certificate: str, mark: str | None) -> Write:
        """A new deposit. `mark` is freed when the deposit is rejected, so that the file may come
        again.
        """
        return mongo.Insert(
            DEPOSITS,
            {
                "_id": fact.deposit_id,
                "realm": fact.realm,
                "subject": fact.depositor.subject,
                "structure": fact.depositor.structure,
                "depositor": fact.depositor.model_dump(mode="json"),
                "filename": fact.filename,
                "sha256": fact.sha256,
                "size": fact.size,
                "received_at": fact.received_at,
                "certificate": certificate,
                "mark": mark,
                "state": DepositState.RECEIVED,
                "items": [],
                "version": 1,
            },
        )

    def read(self, id: str, state: DepositState, items: Sequence[dict[str, Any]]) -> Write:
        """What reading the file gave."""
        return mongo.Patch(
            DEPOSITS,
            id,
            {"$set": {"state": state, "items": list(items), "version": 2}},
            where={"version": 1},
        )

    def settled(
        self, standing: Document, state: DepositState, item: int, changes: dict[str, Any]
    ) -> list[Write]:
        """What became of one item; a rejected deposit frees its file."""
        fields: dict[str, Any] = {f"items.{item}.{name}": value for name, value in changes.items()}
        writes: list[Write] = [
            mongo.Patch(
                DEPOSITS,
                standing["_id"],
                {"$set": {**fields, "state": state}, "$inc": {"version": 1}},
                where={"version": standing["version"]},
            )
        ]
        return writes + self.freed(standing["mark"], state)

    def freed(self, mark: str | None, state: DepositState) -> list[Write]:
        """The release of a file whose deposit ended rejected."""
        return [mongo.Remove("inbox", mark)] if mark and state is DepositState.REJECTED else []
