"""Checks the journal of a database, live or restored: every head, every chain, every invoice."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.workflow.domain import journal
from services.workflow.domain.journal import Entry, Fault
from services.workflow.domain.trust import Heads, Keys
from services.workflow.store.journal import HEADS, JOURNAL, UNSEALED, read
from services.workflow.store.listing import COMPUTED, INVOICES
from shared import ring
from shared.contracts.proof import HeadView
from shared.mongo import Database, Document

TOGETHER = 500
"""Invoices that are read at once, all as they were at one moment."""
MOST_FAULTS = 100
"""After so many no more are looked for."""
NOT_JOURNALED = COMPUTED | {"chain"}


@dataclass
class Report:
    """How much was checked, and what is wrong."""

    invoices: int = 0
    entries: int = 0
    heads: int = 0
    unsealed: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def over(self) -> bool:
        """Whether enough is wrong."""
        return len(self.faults) >= MOST_FAULTS


class Ledger:
    """The journal of one database of workflow."""

    def __init__(self, db: Database) -> None:
        self._db, self.report = db, Report()
        self._sealed: Counter[int] = Counter()
        self._counts: dict[int, int] = {}

    async def check(self, known: Sequence[HeadView] = ()) -> Report:
        """Check everything; `known` are heads that somebody kept, which must still be here."""
        keys = [_jwk(key) async for key in self._db[ring.KEYS].find({}).sort("_id", 1)]
        await self._heads(keys, {head.number: head for head in known})
        last = ""
        while not self.report.over and (last := await self._invoices(last)):
            continue
        for number, found in sorted(self._sealed.items()):
            if found > self._counts.get(number, 0):
                await self._foreign(number)
        return self.report

    async def _heads(self, keys: Keys, known: dict[int, HeadView]) -> None:
        reading = Heads(keys)
        expected = 1
        async for found in self._db[HEADS].find({}).sort("_id", 1):
            head = HeadView.model_validate(
                {
                    "number": found["_id"],
                    **{n: found[n] for n in HeadView.model_fields if n in found},
                }
            )
            if head.number != expected:
                self._fault(f"head {expected}", "this head is missing")
            expected = head.number + 1
            self._counts[head.number] = head.count
            reading.read(head, [hash for _, hash in found["leaves"]])
            await self._leaves(found)
            kept = known.pop(head.number, None)
            if kept and kept.jws != head.jws:
                self._fault(f"head {head.number}", "it is not the one that was published")
            if self.report.over:
                return
        self.report.heads = expected - 1
        for fault in reading.end(self._counts):
            self.report.faults.append(fault)
        for number in sorted(known):
            self._fault(f"head {number}", "it was published and is missing")

    async def _leaves(self, head: Document) -> None:
        """Whether every entry that a head seals is here as it was."""
        ids = [id for id, _ in head["leaves"]]
        cursor = self._db[JOURNAL].find({"_id": {"$in": ids}}, {"content": 1, "head": 1})
        here = {entry["_id"]: entry async for entry in cursor}
        for id, hash in head["leaves"]:
            if (entry := here.get(id)) is None:
                self._fault(id, f"it is missing, and head {head['_id']} seals it")
            elif journal.digest(entry["content"]) != hash:
                self._fault(id, f"it was altered after head {head['_id']} sealed it")
            elif entry["head"] != head["_id"]:
                self._fault(id, f"it does not say that head {head['_id']} seals it")

    async def _invoices(self, after: str) -> str:
        """Check the next invoices with their chains; the last of them, or nothing at the end."""
        client = self._db.client
        async with await client.start_session(snapshot=True) as session:
            cursor = self._db[INVOICES].find({"_id": {"$gt": after}}, session=session)
            invoices = await cursor.sort("_id", 1).limit(TOGETHER).to_list(TOGETHER)
            last = invoices[-1]["_id"] if len(invoices) == TOGETHER else ""
            span: dict[str, Any] = {"$gt": f"{after}/~"} if after else {}
            if last:
                span["$lt"] = f"{last}/~"
            query = {"_id": span} if span else {}
            entries = self._db[JOURNAL].find(query, session=session).sort("_id", 1)
            here = {invoice["_id"]: invoice for invoice in invoices}
            async for invoice, chain in _chains(entries, self._sealed):
                self._invoice(invoice, chain, here.pop(invoice, None))
        for invoice in here:
            self._fault(f"{invoice}/000001", "this entry is missing, and all that follow it")
        self.report.invoices += len(invoices)
        self.report.unsealed = self._sealed[UNSEALED]
        return last

    def _invoice(self, invoice: str, chain: Sequence[Entry], stored: Document | None) -> None:
        self.report.entries += len(chain)
        if fault := next(journal.check(chain, invoice), None):
            self._fault(fault.place, fault.what)
        elif stored is None:
            self._fault(chain[0].id, "its invoice is missing")
        elif chain[-1].n < stored["version"]:
            self._fault(f"{invoice}/{chain[-1].n + 1:06d}", "this entry is missing")
        elif chain[-1].n > stored["version"] or chain[-1].hash != stored["chain"]:
            self._fault(chain[-1].id, "the invoice does not know this entry")
        elif wrong := _differing(chain, stored):
            self._fault(f"invoice {invoice}", f"the journal tells otherwise of {', '.join(wrong)}")

    async def _foreign(self, number: int) -> None:
        """Name the entries that say that a head seals them, and that it does not."""
        head = await self._db[HEADS].find_one({"_id": number}) if number else None
        if number == UNSEALED:
            return
        sealed = {id for id, _ in head["leaves"]} if head else set()
        async for entry in self._db[JOURNAL].find({"head": number}, {"_id": 1}).sort("_id", 1):
            if entry["_id"] not in sealed:
                self._fault(entry["_id"], f"head {number} does not seal it: it was inserted")

    def _fault(self, place: str, what: str) -> None:
        if not self.report.over:
            self.report.faults.append(Fault(place, what))


async def _chains(entries: Any, sealed: Counter[int]) -> AsyncIterator[tuple[str, list[Entry]]]:
    """Entries chain by chain, counting by which head each is sealed."""
    chain: list[Entry] = []
    async for found in entries:
        sealed[found["head"]] += 1
        entry = read(found)
        if chain and chain[0].invoice != entry.invoice:
            yield chain[0].invoice, chain
            chain = []
        chain.append(entry)
    if chain:
        yield chain[0].invoice, chain


def _differing(chain: Sequence[Entry], stored: Document) -> list[str]:
    """The fields of an invoice that are not as its chain tells."""
    told = journal.replayed(chain)
    held = journal.same({k: v for k, v in stored.items() if k not in NOT_JOURNALED})
    return sorted(k for k in told.keys() | held.keys() if told.get(k) != held.get(k))


def _jwk(key: Document) -> dict[str, Any]:
    times = {name: key.get(name) for name in ("since", "until", "compromised_since")}
    return {**key["public"], **{name: at.isoformat() for name, at in times.items() if at}}
