"""Invoices with their history and delays, and copies of the directory and of the open connectors.

All reads of handlers go through loaders, so that many at once cost one query. Whatever a person or
a client may read is found by its realm and by the structures that it belongs to.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import get_args

from services.workflow.domain.delays import Timer
from services.workflow.domain.parties import LIVE, Known, Parties, further, identity, is_nobody
from services.workflow.domain.record import Record
from services.workflow.store import documents, journal, listing, requests, tallies
from services.workflow.store.journal import Journal
from services.workflow.store.listing import INVOICES
from services.workflow.store.lists import Lists
from services.workflow.store.tallies import Tallies
from shared.contracts.documents import DocumentFetched
from shared.contracts.doors import DocumentPickedUp
from shared.contracts.ingest import DocumentKind, Fetcher
from shared.contracts.invoice import Header
from shared.contracts.notifications import ConnectorClosed, ConnectorOpened, connector_key
from shared.contracts.structures import Structure, key_of
from shared.contracts.workflow import Fetch, PartyMet
from shared.mongo import Database, Document, Index, Insert, Keep, Newer, Patch, Remove, Write

DIRECTORY, CONNECTORS, TIMERS = "directory", "connectors", "timers"
FETCHES = "fetches"
INDEXES = (
    Index(INVOICES, [("slot", 1)], unique=True),
    Index(INVOICES, [("number", 1), ("_id", -1)]),
    Index(DIRECTORY, [("stands_in_for", 1)]),
    Index(TIMERS, [("lease", 1)]),
    *listing.INDEXES,
    *tallies.INDEXES,
    *requests.INDEXES,
    *journal.INDEXES,
)
COLLECTIONS = (
    INVOICES,
    DIRECTORY,
    CONNECTORS,
    TIMERS,
    FETCHES,
    tallies.MONTHS,
    tallies.LOOSE,
    *requests.COLLECTIONS,
    *journal.COLLECTIONS,
)
LEASE = timedelta(seconds=30)
"""How long a scheduler has a delay to itself; if it dies, another one takes it over then."""
REMEMBERED = 10_000
"""Structures kept parsed."""


class Store:
    """What workflow keeps."""

    def __init__(self, db: Database) -> None:
        self._invoices = db[INVOICES]
        self._timers = db[TIMERS]
        self._fetches = db[FETCHES]
        self._by_id = db.loader(INVOICES)
        self._by_slot = db.loader(INVOICES, "slot", {"slot": 1, "received_at": 1})
        self._directory = db.loader(DIRECTORY)
        self._stand_ins = db.loader(DIRECTORY, "stands_in_for", {"stands_in_for": 1})
        self._connectors = db.loader(CONNECTORS)
        self.lists = Lists(db)
        self.tallies = Tallies(db)
        self.journal = Journal(db)
        self._parsed: dict[tuple[str, int], Structure] = {}
        self.requests = requests.Requests(db)

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
        """The parties that an invoice names, and who plays those that nobody is."""
        seller, buyer = identity(header.seller), identity(header.buyer)
        body = await self.known(buyer.key(realm)) if buyer else None
        issuer = await self.known(seller.key(realm)) if seller else None
        members = tuple(
            [
                replace(member, known=await self.known(member.identity.key(realm)))
                for member in further(header)
            ]
        )
        stand_in = understudy = None
        if realm != LIVE and (is_nobody(body) or any(is_nobody(m.known) for m in members)):
            player = await self.stand_in(realm)
            stand_in = player if is_nobody(body) else None
            understudy = player if any(is_nobody(m.known) for m in members) else None
        return Parties(realm, seller, buyer, issuer, body, stand_in, members, understudy)

    async def stand_in(self, realm: str) -> str | None:
        """The structure of a sandbox that plays whom nobody is."""
        found = await self._stand_ins.get(realm) if realm != LIVE else None
        return found["_id"] if found else None

    async def queues(self, record: Record) -> tuple[str, ...]:
        """The open queues of those who hear of an invoice."""
        code = record.header.buyer_reference
        keys = [connector_key(key, part) for key in record.hearers for part in (None, code)]
        found = [await self._connectors.get(key) for key in dict.fromkeys(keys)]
        return tuple(connector["queue"] for connector in found if connector and connector["queue"])

    async def exists(self, invoice_id: str) -> bool:
        """Whether this invoice is open already."""
        return await self._by_id.get(invoice_id) is not None

    async def taken(self, slot: str) -> Document | None:
        """The invoice that took this number: its `_id` and when it was `received_at`."""
        return await self._by_slot.get(slot)

    async def readable(
        self, invoice_id: str, realm: str, structures: Iterable[str]
    ) -> Record | None:
        """An invoice, if it is of this realm and one of these structures has a part in it."""
        found = await self._by_id.get(invoice_id)
        if found is None or found["realm"] != realm or not set(found["readers"]) & set(structures):
            return None
        return documents.record(found)

    def add(self, record: Record) -> list[Write]:
        """A new invoice; its number, or itself, may be there already: a conflict."""
        stored = documents.document(record)
        entry = journal.opening(stored)
        new = Insert(INVOICES, {**stored, "chain": entry.hash})
        return [new, journal.kept(entry), *tallies.counted(record)]

    def moved(self, record: Record, was: Record) -> list[Write]:
        """What became of an invoice since it was read; another's change by now is a conflict."""
        changed = documents.update(record, was)
        entry = journal.change(record.id, was.chain, changed)
        changed["$set"]["chain"] = entry.hash
        patch = Patch(INVOICES, record.id, changed, {"version": was.version})
        return [patch, journal.kept(entry), *tallies.counted(record, was)]

    async def numbered(self, realm: str, number: str, limit: int = 20) -> list[Record]:
        """The newest invoices of this number, whoever issued them."""
        found = self._invoices.find({"number": number, "realm": realm}).sort("_id", -1)
        return [documents.record(document) for document in await found.to_list(limit)]

    async def invoice(self, invoice_id: str) -> Record | None:
        """An invoice, for the platform itself."""
        found = await self._by_id.get(invoice_id)
        return documents.record(found) if found else None

    def fetched(self, told: DocumentFetched | DocumentPickedUp) -> Keep:
        """That its buyer has downloaded an invoice; what came first stays."""
        document = DocumentKind(told.document)
        first = Fetch(by=told.by, at=told.at, actor=told.actor, document=document)
        return Keep(FETCHES, {"_id": f"{told.invoice_id}:{told.by}", **first.model_dump()})

    async def fetches(self, invoices: Sequence[str]) -> dict[str, tuple[Fetch, ...]]:
        """When the buyers of invoices downloaded each first, a program before people."""
        ids = [f"{invoice}:{by}" for invoice in invoices for by in get_args(Fetcher)]
        found: dict[str, tuple[Fetch, ...]] = {}
        for row in await self._fetches.find({"_id": {"$in": ids}}).sort("_id", -1).to_list(None):
            invoice = row.pop("_id").partition(":")[0]
            found[invoice] = (*found.get(invoice, ()), Fetch.model_validate(row))
        return found

    def start(self, timer: Timer) -> Keep:
        """A delay that begins."""
        return Keep(TIMERS, documents.timer_document(timer))

    def over(self, timer: Timer) -> Remove:
        """A delay that is over, or of no use any more."""
        return Remove(TIMERS, timer.id)

    async def claim(self, at: datetime) -> Timer | None:
        """A delay that has passed, for one scheduler alone until its lease ends."""
        found = await self._timers.find_one_and_update(
            {"lease": {"$lte": at}}, {"$set": {"lease": at + LEASE}}, sort=[("lease", 1)]
        )
        return documents.timer(found) if found else None

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

    def connect(self, told: ConnectorOpened | ConnectorClosed) -> Newer:
        """The copy of a connector; one that is closed has no queue."""
        return Newer(
            CONNECTORS,
            {
                "_id": connector_key(told.structure, told.department),
                "realm": told.realm,
                "queue": told.queue if isinstance(told, ConnectorOpened) else None,
                "version": told.version,
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
