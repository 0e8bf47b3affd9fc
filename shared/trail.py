"""What was decided about a structure, by whom and when: lines are added and never changed."""

from collections.abc import Sequence
from typing import Any

from shared.contracts.memberships import TrailEntry, TrailPage
from shared.mongo import Database, Index, Insert, Write

COLLECTIONS = ("trail",)
INDEXES = (Index("trail", [("structure", 1), ("_id", -1)]),)


class Trail:
    """A store that keeps one."""

    _db: Database

    def record(self, entry: TrailEntry) -> Write:
        """One more line."""
        rest = entry.model_dump()
        return Insert("trail", {"_id": rest.pop("id"), **rest})

    async def trail(self, structures: Sequence[str], before: str | None, limit: int) -> TrailPage:
        """The lines about a structure under all its keys, newest first."""
        query: dict[str, Any] = {"structure": {"$in": list(structures)}}
        if before:
            query["_id"] = {"$lt": before}
        found = self._db["trail"].find(query).sort("_id", -1).limit(limit + 1)
        items = [TrailEntry(id=row.pop("_id"), **row) for row in await found.to_list(None)]
        more = items[limit - 1].id if len(items) > limit else None
        return TrailPage(items=tuple(items[:limit]), next_cursor=more)
