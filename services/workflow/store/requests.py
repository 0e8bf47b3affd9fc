"""Requests for help: the sheet of each, and its thread beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.workflow.domain.requests import Entry, Request
from shared.contracts.requests import RequestState
from shared.mongo import Database, Document, Index, Insert, Patch

REQUESTS = "requests"
COLLECTIONS = (REQUESTS,)
INDEXES = (
    Index(REQUESTS, [("asker", 1), ("_id", -1)]),
    Index(REQUESTS, [("body", 1), ("_id", -1)]),
    Index(REQUESTS, [("to", 1), ("_id", -1)]),
    Index(REQUESTS, [("asked_by", 1), ("_id", -1)]),
)


@dataclass(frozen=True, slots=True)
class Box:
    """Which requests somebody reads on one side, as clauses of which one must hold."""

    clauses: tuple[Document, ...]
    realm: str | None
    """None: every realm, for those who run the platform."""

    def query(self) -> Document:
        """What a request must say to lie in it."""
        where: Document = {"$or": list(self.clauses)}
        return where if self.realm is None else where | {"realm": self.realm}


class Requests:
    """What workflow keeps of requests for help."""

    def __init__(self, db: Database) -> None:
        self._requests = db[REQUESTS]

    async def get(self, id: str) -> Request | None:
        """A request with its thread."""
        found = await self._requests.find_one({"_id": id})
        return _request(found) if found else None

    async def opened_since(self, subject: str, since: datetime, most: int) -> int:
        """How many requests somebody opened since a time, counted to `most`."""
        where = {"asked_by": subject, "opened_at": {"$gt": since}}
        return int(await self._requests.count_documents(where, limit=most))

    async def page(
        self,
        box: Box,
        *,
        states: Sequence[RequestState],
        invoice_id: str | None,
        assigned_to: str | None,
        before: str | None,
        limit: int,
    ) -> list[Request]:
        """The requests of a box without their threads, newest first, older than `before`."""
        if not box.clauses:
            return []
        query = box.query() | {"state": {"$in": list(states)}}
        if invoice_id:
            query["invoice_id"] = invoice_id
        if assigned_to:
            query["assigned_to"] = assigned_to
        if before:
            query["_id"] = {"$lt": before}
        found = self._requests.find(query, {"entries": 0}).sort("_id", -1)
        return [_request(document) for document in await found.to_list(limit)]

    async def counts(self, box: Box) -> dict[str, int]:
        """How many requests of a box stand how."""
        if not box.clauses:
            return {}
        steps = [{"$match": box.query()}, {"$group": {"_id": "$state", "n": {"$sum": 1}}}]
        return {row["_id"]: row["n"] async for row in self._requests.aggregate(steps)}

    def add(self, request: Request) -> Insert:
        """A new request."""
        return Insert(REQUESTS, {"_id": request.id, **_sheet(request), **_thread(request.entries)})

    def changed(self, request: Request, was: Request) -> Patch:
        """What became of a request since it was read; another's change by now is a conflict."""
        update: Document = {"$set": _sheet(request)}
        if new := request.entries[len(was.entries) :]:
            update["$push"] = {"entries": {"$each": _thread(new)["entries"]}}
        return Patch(REQUESTS, request.id, update, {"version": was.version})


def _sheet(request: Request) -> Document:
    return {
        "realm": request.realm,
        "version": request.version,
        "to": request.to,
        "state": request.state,
        "asker": request.asker,
        "asked_by": request.asked_by,
        "body": request.body,
        "department": request.department,
        "invoice_id": request.invoice.id if request.invoice else None,
        "assigned_to": request.assigned_to,
        "opened_at": request.opened_at,
        "sheet": request.model_dump_json(exclude={"entries"}),
    }


def _thread(entries: Sequence[Entry]) -> Document:
    return {"entries": [entry.model_dump_json(exclude_none=True) for entry in entries]}


def _request(found: Document) -> Request:
    entries = tuple(Entry.model_validate_json(entry) for entry in found.get("entries", ()))
    return Request.model_validate_json(found["sheet"]).model_copy(update={"entries": entries})
