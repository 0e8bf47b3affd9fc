"""Pages of invoices by key: no page is skipped to, and none shifts when invoices arrive."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson

from services.workflow.domain.record import Record
from services.workflow.store import documents
from services.workflow.store.listing import INVOICES, SORTS
from services.workflow.store.queries import Search, query
from shared.contracts.workflow import InvoiceFilter
from shared.errors import Unavailable
from shared.mongo import Database, Document, OperationFailure

SCANS = 150
"""Scopes times statuses in one query: for so many the database merges the scans of an index."""
MOST_MILLISECONDS = 8000
TIME_IS_UP = 50


@dataclass(frozen=True, slots=True)
class Order:
    """What a list is sorted by; what is equal, by arrival."""

    by: str
    down: bool

    @classmethod
    def of(cls, wanted: InvoiceFilter) -> "Order":
        """As a request says it; what is late, the longest first."""
        sort = wanted.sort or ("expected" if wanted.late else "-received")
        return cls(sort.removeprefix("-"), sort.startswith("-"))

    @property
    def field(self) -> str:
        """Where it is stored."""
        return SORTS[self.by]

    def keys(self) -> list[tuple[str, int]]:
        """As the database sorts."""
        way = -1 if self.down else 1
        return [(name, way) for name in dict.fromkeys((self.field, "_id"))]

    def place(self, document: Document) -> tuple[Any, str]:
        """Where an invoice stands."""
        return document[self.field], document["_id"]


@dataclass(frozen=True, slots=True)
class Place:
    """The last invoice of a page: the next one begins after it."""

    value: Any
    id: str

    def written(self) -> bytes:
        """As JSON."""
        return orjson.dumps([self.value, self.id])

    @classmethod
    def read(cls, text: bytes, order: Order) -> "Place":
        """From JSON. Raises ValueError when it is no place in such a list."""
        found = orjson.loads(text)
        if not isinstance(found, list) or len(found) != 2 or not isinstance(found[1], str):
            raise ValueError("no place")
        value, id = found
        if type(value) is not (int if order.by == "amount" else str):
            raise ValueError("no place in this list")
        return cls(datetime.fromisoformat(str(value)) if order.by == "changed" else value, id)


class Lists:
    """Finds invoices."""

    def __init__(self, db: Database) -> None:
        self._invoices = db[INVOICES]

    async def page(
        self, search: Search, order: Order, after: Place | None, limit: int
    ) -> tuple[list[Record], Place | None]:
        """Some invoices after a place, and the place after which there are more."""
        found: dict[str, Document] = {}
        for part in _parts(search):
            asked = _from(query(part), order, after)
            cursor = self._invoices.find(asked, max_time_ms=MOST_MILLISECONDS).sort(order.keys())
            for document in await _patiently(cursor.limit(limit + 1).to_list(limit + 1)):
                found[document["_id"]] = document
        rows = sorted(found.values(), key=order.place, reverse=order.down)
        more = Place(*order.place(rows[limit - 1])) if len(rows) > limit else None
        return [documents.record(row) for row in rows[:limit]], more

    async def count(self, search: Search, most: int) -> int:
        """How many there are, counted no further than one over `most`."""
        found = 0
        for part in _parts(search):
            asked = self._invoices.count_documents(
                query(part), limit=most + 1, maxTimeMS=MOST_MILLISECONDS
            )
            found += await _patiently(asked)
        return min(found, most + 1)

    async def asked(self, words: Sequence[str], most: int, shown: int) -> tuple[int, list[Record]]:
        """The invoices that ask for something: how many, up to one over `most`, and the oldest."""
        wanted = {"todo": {"$in": list(words)}}
        count = await self._invoices.count_documents(wanted, limit=most + 1)
        cursor = self._invoices.find(wanted).sort("_id", 1).limit(shown)
        return count, [documents.record(row) for row in await cursor.to_list(shown)]


def _parts(search: Search) -> Iterator[Search]:
    """The same search for some scopes at a time."""
    size = max(SCANS // max(len(search.wanted.status), 1), 1)
    for start in range(0, len(search.scopes), size):
        yield replace(search, scopes=search.scopes[start : start + size])


def _from(asked: Document, order: Order, after: Place | None) -> Document:
    """The query from a place on: within bounds of the index, then exactly."""
    if after is None:
        return asked
    beyond, up_to = ("$lt", "$lte") if order.down else ("$gt", "$gte")
    if order.field == "_id":
        clauses: list[Document] = [{"_id": {beyond: after.id}}]
    else:
        ties = [
            {order.field: {beyond: after.value}},
            {order.field: after.value, "_id": {beyond: after.id}},
        ]
        clauses = [{order.field: {up_to: after.value}}, {"$or": ties}]
    return {**asked, "$and": [*asked.get("$and", ()), *clauses]}


async def _patiently(asked: Any) -> Any:
    """What the database answers in time. Raises Unavailable."""
    try:
        return await asked
    except OperationFailure as error:
        if error.code != TIME_IS_UP:
            raise
        text = "Cette recherche est trop large ; ajoutez un filtre, par exemple une période."
        raise Unavailable(text, code="search-too-wide", headers={"Retry-After": "5"}) from error
