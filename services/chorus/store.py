"""The numbers of what Chorus Pro knows by whole numbers: given once, never again to another."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from shared import mongo

Kind = Literal["invoice", "structure", "department", "flow", "file"]
NUMBERS, COUNTERS, LAST = "numbers", "counters", "last"
FIRST = 100_000
"""Numbers follow it; clients keep them in 32 bits."""
REMEMBERED = 50_000
MOST_FILES = 10_000
INDEXES = (
    mongo.Index(NUMBERS, [("kind", 1), ("native", 1)], unique=True),
    mongo.Index(NUMBERS, [("facts.owner", 1), ("_id", -1)], where={"kind": "file"}),
)
COLLECTIONS = (COUNTERS,)


@dataclass(frozen=True, slots=True)
class Numbered:
    """A number, what it stands for, and what was known of it when it was given."""

    number: int
    kind: Kind
    native: str
    realm: str
    facts: Mapping[str, Any] = field(default_factory=dict)


class Store:
    """Numbers by what they stand for, and back; what was read once is remembered."""

    def __init__(self, db: mongo.Database) -> None:
        self._numbers, self._counters = db[NUMBERS], db[COUNTERS]
        self._known: OrderedDict[tuple[Kind, str] | int, Numbered] = OrderedDict()

    async def numbers(self, kind: Kind, natives: Sequence[str]) -> dict[str, Numbered]:
        """Those that have a number."""
        found = {n: row for n in natives if (row := self._known.get((kind, n)))}
        rest = [native for native in natives if native not in found]
        if rest:
            cursor = self._numbers.find({"kind": kind, "native": {"$in": rest}})
            for document in await cursor.to_list(None):
                row = self._keep(document)
                found[row.native] = row
        return found

    async def behind(self, number: int) -> Numbered | None:
        """What a number stands for."""
        if row := self._known.get(number):
            return row
        document = await self._numbers.find_one({"_id": number})
        return self._keep(document) if document else None

    async def files(self, owner: str) -> list[Numbered]:
        """The files that a structure handed in, the last first."""
        cursor = self._numbers.find({"kind": "file", "facts.owner": owner}).sort("_id", -1)
        return [self._keep(document) for document in await cursor.to_list(MOST_FILES)]

    async def last(self) -> int | None:
        """The last number that was given."""
        document = await self._counters.find_one({"_id": LAST})
        return int(document["value"]) if document else None

    def given(
        self,
        kind: Kind,
        realm: str,
        natives: Mapping[str, Mapping[str, Any]],
        last: int | None,
    ) -> list[mongo.Write]:
        """The writes that give each of these the next number; somebody faster is a conflict."""
        start = FIRST if last is None else last
        value = start + len(natives)
        counter: mongo.Write = (
            mongo.Insert(COUNTERS, {"_id": LAST, "value": value})
            if last is None
            else mongo.Patch(COUNTERS, LAST, {"$set": {"value": value}}, {"value": last})
        )
        rows = enumerate(natives.items(), start + 1)
        return [
            counter,
            *(
                mongo.Insert(
                    NUMBERS,
                    {"_id": n, "kind": kind, "native": native, "realm": realm, "facts": {**facts}},
                )
                for n, (native, facts) in rows
            ),
        ]

    def _keep(self, document: mongo.Document) -> Numbered:
        row = Numbered(
            document["_id"],
            document["kind"],
            document["native"],
            document["realm"],
            document["facts"],
        )
        self._known[row.number] = self._known[row.kind, row.native] = row
        while len(self._known) > 2 * REMEMBERED:
            self._known.popitem(last=False)
        return row
