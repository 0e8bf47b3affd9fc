"""Invoices with their history, and copies of the directory and of the open connectors.

All reads of handlers go through loaders, so that many at once cost one query. Whatever a person or
a client may read is found by its realm and by the structures that it belongs to.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import TypeAdapter

from services.workflow.domain.parties import LIVE, Known, Parties, identity
from services.workflow.domain.record import Record
from shared.contracts.invoice import Header
from shared.contracts.notifications import ConnectorOpened
from shared.contracts.status import InvoiceStatus
from shared.contracts.structures import Structure, key_of
from shared.contracts.workflow import PartyMet, Role, Step
from shared.mongo import Database, Document, Index, Insert, Keep, Newer, Patch

INVOICES, DIRECTORY, CONNECTORS = "invoices", "directory", "connectors"
INDEXES = (
    Index(INVOICES, [("slot", 1)], unique=True),
    Index(INVOICES, [("readers", 1), ("_id", -1)]),
    Index(INVOICES, [("readers", 1), ("status", 1), ("_id", -1)]),
    Index(INVOICES, [("number", 1), ("_id", -1)]),
    Index(DIRECTORY, [("stands_in_for", 1)]),
)
COLLECTIONS = (INVOICES, DIRECTORY, CONNECTORS)
REMEMBERED = 10_000
"""Structures kept parsed."""
STEPS = TypeAdapter(tuple[Step, ...])


class Store:
    """What workflow keeps."""

    def __init__(self, db: Database) -> None:
        self._invoices = db[INVOICES]
        self._by_id = db.loader(INVOICES)
        self._by_slot = db.loader(INVOICES, "slot", {"slot": 1, "received_at": 1})
        self._directory = db.loader(DIRECTORY)
        self._stand_ins = db.loader(DIRECTORY, "stands_in_for", {"stands_in_for": 1})
        self._connectors = db.loader(CONNECTORS)
        self._parsed: dict[tuple[str, int], Structure] = {}

    async def known(self, key: str) -> Known | None:
        """What the directory knows of a structure."""
        found = await self._directory.get(key)
        if found is None:
            return None
        version = key, found["version"]
        structure = self._parsed.get(version)
        if structure is None:
            if len(self._parsed) >= REMEMBERED:
                self._parsed.clear()
            structure = self._parsed[version] = Structure.model_validate_json(found["sheet"])
        return Known(structure, found["met"])

    async def parties(self, realm: str, header: Header) -> Parties:
        """The seller and the buyer that an invoice names, and who plays an unknown buyer."""
        seller, buyer = identity(header.seller), identity(header.buyer)
        body = await self.known(buyer.key(realm)) if buyer else None
        issuer = await self.known(seller.key(realm)) if seller else None
        stand_in = None
        if realm != LIVE and (body is None or body.met):
            found = await self._stand_ins.get(realm)
            stand_in = found["_id"] if found else None
        return Parties(realm, seller, buyer, issuer, body, stand_in)

    async def queues(self, record: Record) -> tuple[str, ...]:
        """The open queues of those who hear of an invoice."""
        found = [await self._connectors.get(key) for key in record.hearers]
        return tuple(connector["queue"] for connector in found if connector)

    async def exists(self, invoice_id: str) -> bool:
        """Whether this invoice is open already."""
        return await self._by_id.get(invoice_id) is not None

    async def taken(self, slot: str) -> Document | None:
        """The invoice that took this number: its `_id` and when it was `received_at`."""
        return await self._by_slot.get(slot)

    async def readable(
        self, invoice_id: str, realm: str, structures: Iterable[str]
    ) -> Record | None:
        """An invoice, if it is of this realm and one of these structures may read it."""
        found = await self._by_id.get(invoice_id)
        if found is None or found["realm"] != realm or not set(found["readers"]) & set(structures):
            return None
        return _record(found)

    async def page(
        self,
        realm: str,
        structures: Sequence[str],
        *,
        status: InvoiceStatus | None,
        number: str | None,
        role: Role | None,
        before: str | None,
        limit: int,
    ) -> list[Record]:
        """The invoices that these structures may read, newest first, older than `before`."""
        keys = {"$in": list(structures)}
        query: dict[str, Any] = {"readers": keys, "realm": realm}
        if status:
            query["status"] = status.value
        if number:
            query["number"] = number
        if role == "seller":
            query["seller"] = keys
        if role == "buyer":
            query["$or"] = [{"buyer": keys}, {"stand_in": keys}]
        if before:
            query["_id"] = {"$lt": before}
        found = await self._invoices.find(query).sort("_id", -1).limit(limit).to_list(limit)
        return [_record(document) for document in found]

    def add(self, record: Record) -> Insert:
        """A new invoice; its number, or itself, may be there already: a conflict."""
        return Insert(
            INVOICES,
            {
                "_id": record.id,
                "realm": record.realm,
                "slot": record.slot,
                "readers": list(record.readers),
                "seller": record.seller,
                "buyer": record.buyer,
                "depositor": record.depositor,
                "stand_in": record.stand_in,
                "deposit_id": record.deposit_id,
                "item": record.item,
                "sha256": record.sha256,
                "format": record.format,
                "received_at": record.received_at,
                "number": record.header.number,
                "header": record.header.model_dump_json(exclude_none=True),
                "status": record.status.value,
                "steps": [_step(step) for step in record.steps],
                "version": record.version,
            },
        )

    def moved(self, record: Record, was: Record) -> Patch:
        """The steps that an invoice made since it was read; another's step by now is a conflict."""
        changed: dict[str, Any] = {"status": record.status.value, "version": record.version}
        if record.header is not was.header:
            changed |= {
                "header": record.header.model_dump_json(exclude_none=True),
                "buyer": record.buyer,
                "stand_in": record.stand_in,
                "readers": list(record.readers),
            }
        new = [_step(step) for step in record.steps[len(was.steps) :]]
        update = {"$set": changed, "$push": {"steps": {"$each": new}}}
        return Patch(INVOICES, record.id, update, {"version": was.version})

    async def learn(self, structure: Structure) -> Newer:
        """The copy of a structure; that it was met by an invoice first is not forgotten."""
        found = await self._directory.get(structure.key)
        return Newer(DIRECTORY, _sheet(structure, met=bool(found and found["met"])))

    def meet(self, party: PartyMet) -> Keep:
        """A party that the directory will know soon; so it is told once, not a thousand times."""
        structure = Structure(
            key=key_of(party.realm, party.kind, party.identifier),
            realm=party.realm,
            kind=party.kind,
            identifier=party.identifier,
            name=party.name,
            public=party.public,
            version=0,
        )
        return Keep(DIRECTORY, _sheet(structure, met=True))

    def connect(self, opened: ConnectorOpened) -> Newer:
        """The copy of a connector."""
        return Newer(
            CONNECTORS,
            {
                "_id": opened.structure,
                "realm": opened.realm,
                "queue": opened.queue,
                "version": opened.version,
            },
        )


def _sheet(structure: Structure, *, met: bool) -> Document:
    sheet: Document = {
        "_id": structure.key,
        "realm": structure.realm,
        "version": structure.version,
        "sheet": structure.model_dump_json(exclude_defaults=True),
        "met": met,
    }
    if structure.stands_in:
        sheet["stands_in_for"] = structure.realm
    return sheet


def _step(step: Step) -> Document:
    """A step as it is stored, without what it lacks."""
    stored: Document = {
        "sequence": step.sequence,
        "status": step.status.value,
        "at": step.at,
        "by": step.by,
    }
    if step.previous:
        stored["previous"] = step.previous.value
    if step.actor:
        stored["actor"] = step.actor
    if step.reason:
        stored["reason"] = step.reason
    if step.mandate_number:
        stored["mandate_number"] = step.mandate_number
    return stored


def _record(found: Document) -> Record:
    return Record(
        id=found["_id"],
        realm=found["realm"],
        seller=found["seller"],
        buyer=found["buyer"],
        depositor=found["depositor"],
        stand_in=found["stand_in"],
        slot=found["slot"],
        deposit_id=found["deposit_id"],
        item=found["item"],
        sha256=found["sha256"],
        format=found["format"],
        received_at=found["received_at"],
        header=Header.model_validate_json(found["header"]),
        steps=STEPS.validate_python(found["steps"]),
        version=found["version"],
    )
