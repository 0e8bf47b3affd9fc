"""Counts and sums of invoices, by scope and month; what a dashboard costs does not grow with them.

Every change of an invoice counts what it was down and what it is up, in the same transaction. So
that a busy buyer is no bottleneck, transactions put their counts down beside (`Count`), and a fold
adds them to the months soon after: all or nothing, and of two at once only one succeeds.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate

from services.workflow.domain.money import Tally, tally
from services.workflow.domain.record import Record
from shared.mongo import Add, Count, Database, Document, Index, Insert, Remove, Replace, Write
from shared.outbox import Change

MONTHS, LOOSE = "tallies", "counts"
INDEXES = (Index(MONTHS, [("scope", 1)], where={"scope": {"$exists": True}}),)
TOGETHER, MOST_ROWS = 50, 2000
"""Transactions whose counts are folded at once, and about how many rows: a fold must be short."""
FOLDS = "folds"
"""The document that every fold changes, so that only one succeeds."""


def counted(record: Record, was: Record | None = None) -> list[Write]:
    """What an invoice changes in counts and sums."""
    changed = tally(record)
    if was:
        changed.subtract(tally(was))
    rows = {place: number for place, number in changed.items() if number}
    return [Count(LOOSE, rows)] if rows else []


class Tallies:
    """Adds up what was counted."""

    def __init__(self, db: Database) -> None:
        self._months, self._loose = db[MONTHS], db[LOOSE]

    async def fold(self) -> Change | None:
        """What was put down and is not yet in the months, added to them."""
        waiting = await self._loose.find({}).sort("_id", 1).limit(TOGETHER).to_list(TOGETHER)
        if not waiting:
            return None
        before = accumulate((len(document["rows"]) for document in waiting), initial=0)
        loose = [
            document for document, rows in zip(waiting, before, strict=False) if rows < MOST_ROWS
        ]
        mark = await self._months.find_one({"_id": FOLDS})
        number = mark["version"] + 1 if mark else 1
        one = {"_id": FOLDS, "version": number}
        turn = Replace(MONTHS, one, number - 1) if mark else Insert(MONTHS, one)
        return Change([turn, *_added(loose), *(Remove(LOOSE, row["_id"]) for row in loose)])

    async def months(self, scopes: Sequence[str]) -> list[Document]:
        """Everything counted within some scopes: `scope`, `month`, and by day and status."""
        return await self._months.find({"scope": {"$in": list(scopes)}}).to_list(None)


def _added(loose: Iterable[Document]) -> Iterable[Write]:
    total: Tally = Counter()
    for document in loose:
        for month, field, number in document["rows"]:
            total[month, field] += number
    months: dict[str, dict[str, int]] = {}
    for (month, field), number in total.items():
        if number:
            months.setdefault(month, {})[field] = number
    for id, counts in months.items():
        scope, _, month = id.rpartition(" ")
        yield Add(MONTHS, id, counts, {"scope": scope, "month": month})
