"""The journal over HTTP: the chain of an invoice, the heads that seal it, the keys that sign."""

from collections.abc import Mapping

from pydantic import Field

from services.workflow.api.edge import Doors, found
from services.workflow.domain import heads
from services.workflow.store.journal import read
from shared.contracts.message import Shape
from shared.contracts.proof import (
    HeadPage,
    HeadView,
    Inclusion,
    JournalEntry,
    JournalPage,
)
from shared.keys import key_routes
from shared.mongo import Document
from shared.web import Answer, Route


class ChainQuery(Shape):
    """Which part of a chain."""

    limit: int = Field(100, ge=1, le=100)
    cursor: int = Field(0, ge=0, le=999_999)


class HeadQuery(Shape):
    """Which heads."""

    limit: int = Field(25, ge=1, le=100)
    cursor: int | None = Field(None, ge=1)
    daily: bool = False
    """Only those that close a day."""


async def get_journal(call: Doors) -> Answer:
    """Every fact about an invoice in its chain, with the proof that heads seal it.

    `content` is the text that is hashed; with the keys of `/v1/journal/keys` anybody can check a
    page without us: `chorale journal verify`.
    """
    record = await found(call)
    query: ChainQuery = call.query
    rows = await call.store.journal.chain(record.id, query.cursor, query.limit + 1)
    shown = rows[: query.limit]
    sealing = await call.store.journal.heads(sorted({row["head"] for row in shown if row["head"]}))
    leaves = {head["_id"]: _leaves(head) for head in sealing}
    entries = tuple(_entry(row, leaves) for row in shown)
    cursor = str(entries[-1].n) if len(rows) > query.limit else None
    page = JournalPage(
        invoice_id=record.id,
        entries=entries,
        heads=tuple(_head(head) for head in sealing),
        next_cursor=cursor,
    )
    return Answer(page)


Leaves = tuple[Mapping[str, int], tuple[str, ...]]


def _leaves(head: Document) -> Leaves:
    """The place of each entry that a head seals, and their hashes."""
    places = {id: place for place, (id, _) in enumerate(head["leaves"])}
    return places, tuple(hash for _, hash in head["leaves"])


def _entry(row: Document, leaves: Mapping[int, Leaves]) -> JournalEntry:
    entry = read(row)
    sealed = None
    if row["head"]:
        places, hashes = leaves[row["head"]]
        index = places[entry.id]
        way = heads.path(hashes, index)
        sealed = Inclusion(head=row["head"], index=index, count=len(hashes), path=way)
    return JournalEntry(n=entry.n, hash=entry.hash, content=entry.content, sealed=sealed)


def _head(found: Document) -> HeadView:
    names = ("at", "count", "root", "previous", "closes", "jws")
    return HeadView.model_validate({"number": found["_id"], **{n: found[n] for n in names}})


async def get_heads(call: Doors) -> Answer:
    """The heads of the journal, newest first; everybody may keep them to check us later."""
    query: HeadQuery = call.query
    found = await call.store.journal.page(query.cursor, query.limit + 1, daily=query.daily)
    items = tuple(_head(head) for head in found[: query.limit])
    cursor = str(items[-1].number) if len(found) > query.limit else None
    return Answer(HeadPage(items=items, next_cursor=cursor))


ROUTES = (
    Route(
        "GET",
        "/v1/invoices/{id}/journal",
        get_journal,
        summary="Obtenir le journal d'une facture, avec ses preuves",
        scope="invoices:read",
        answer=JournalPage,
        query=ChainQuery,
    ),
    Route(
        "GET",
        "/v1/journal/heads",
        get_heads,
        summary="Lire les têtes scellées du journal",
        answer=HeadPage,
        query=HeadQuery,
        public=True,
    ),
    *key_routes("/v1/journal", "le journal", lambda store: store.journal.ring),
)
