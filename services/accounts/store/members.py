"""Memberships, the standing of each structure, the trail of decisions, and whose rights changed."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from services.accounts.domain.memberships import Known, Member
from services.accounts.domain.standing import Standing
from shared.contracts.accounts import RightsChanges
from shared.contracts.structures import Structure
from shared.mongo import Database, Document, Index, Insert, Newer, Replace, Write
from shared.rights import first_spaces
from shared.standing import mark_of

COLLECTIONS = ("members", "speakers", "structures", "rights_changes")
INDEXES = (
    Index("members", [("account_id", 1), ("state", 1)]),
    Index("members", [("structure", 1), ("state", 1), ("_id", 1)]),
    Index("members", [("remind_at", 1)], where={"state": "asked"}),
    Index("speakers", [("orphan", 1), ("_id", 1)], where={"orphan": True}),
    Index("rights_changes", [("at", 1)], expire_after=3600),
)


class Members:
    """Reads who belongs to which structure, and words the writes."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def member(self, id: str) -> Member | None:
        """A membership by its id."""
        found = await self._db.loader("members").get(id)
        return _member(found) if found else None

    async def memberships(self, account_id: str, *states: str) -> list[Member]:
        """What somebody belongs to or asked for, in these states."""
        query = {"account_id": account_id, "state": {"$in": list(states)}}
        rows = await self._db["members"].find(query).sort("structure", 1).to_list(None)
        return [_member(row) for row in rows]

    async def asked_since(self, account_id: str, since: datetime) -> int:
        """How many times somebody asked lately."""
        query = {"account_id": account_id, "asked_at": {"$gt": since}}
        return int(await self._db["members"].count_documents(query, limit=100))

    async def members(self, structure: str, *states: str) -> list[Member]:
        """Who belongs to a structure or asks to, in these states."""
        query = {"structure": structure, "state": {"$in": list(states)}}
        return [_member(row) for row in await self._db["members"].find(query).to_list(None)]

    async def members_page(
        self, wanted: dict[str, str], after: str | None, limit: int
    ) -> list[Member]:
        """The memberships whose fields are so, by id."""
        query: dict[str, Any] = dict(wanted)
        if after:
            query["_id"] = {"$gt": after}
        rows = await self._db["members"].find(query).sort("_id", 1).limit(limit).to_list(None)
        return [_member(row) for row in rows]

    def put_member(self, member: Member) -> Write:
        """A membership as it now is; made or changed meanwhile is a conflict."""
        rest = asdict(member)
        document: Document = {"_id": rest.pop("id"), **rest}
        document["departments"] = list(member.departments)
        document["version"] = member.version + 1
        if member.version == 0:
            return Insert("members", document)
        return Replace("members", document, member.version)

    async def late(self, at: datetime, limit: int) -> list[Member]:
        """Requests whose managers are due a reminder."""
        query = {"state": "asked", "remind_at": {"$lt": at}}
        found = self._db["members"].find(query).sort("remind_at", 1).limit(limit)
        return [_member(row) for row in await found.to_list(None)]

    async def standing(self, structure: str) -> Standing:
        """Who speaks for a structure and who is its principal manager."""
        found = await self._db.loader("speakers").get(structure)
        return _standing(structure, found)

    async def standings(self, structures: Iterable[str]) -> dict[str, Standing]:
        """Who speaks for several structures."""
        found = [(key, await self._db.loader("speakers").get(key)) for key in structures]
        return {key: _standing(key, row) for key, row in found}

    def put_standing(self, standing: Standing) -> Write:
        """The standing of a structure as it now is; changed meanwhile is a conflict."""
        document: Document = {
            "_id": standing.structure,
            "realm": standing.structure.partition("/")[0],
            "principal": standing.principal,
            "orphan": standing.principal is None and not standing.gone,
            "gone": standing.gone,
            "voices": dict(standing.voices),
            "managers": list(standing.managers),
            "former": list(standing.former),
            "second_factor": standing.second_factor,
            "version": standing.next_version,
        }
        if not standing.stored:
            return Insert("speakers", document)
        return Replace("speakers", document, standing.version)

    async def orphans(self, after: str | None, limit: int) -> list[str]:
        """Structures that people belong to or ask for and that have no principal manager."""
        query: dict[str, Any] = {"orphan": True} | ({"_id": {"$gt": after}} if after else {})
        rows = await self._db["speakers"].find(query).sort("_id", 1).limit(limit).to_list(None)
        return [row["_id"] for row in rows]

    async def principals(self, after: str, limit: int) -> list[tuple[str, str]]:
        """Structures and the accounts of their principal managers, by key."""
        query = {"_id": {"$gt": after}, "principal": {"$ne": None}}
        rows = self._db["speakers"].find(query, {"principal": 1}).sort("_id", 1).limit(limit)
        return [(row["_id"], row["principal"]) for row in await rows.to_list(None)]

    async def waiting(self, structure: str) -> int:
        """How many requests nobody has decided on."""
        query = {"structure": structure, "state": "asked"}
        return int(await self._db["members"].count_documents(query, limit=1000))

    async def known(self, structure: str) -> Known | None:
        """What the directory says of a structure."""
        found = await self._db.loader("structures").get(structure)
        return _known(found) if found else None

    def learn(self, structure: Structure) -> Write:
        """What rights need to know of a structure."""
        spaces = structure.spaces
        if spaces is None:
            spaces = first_spaces(public=structure.public)
        return Newer(
            "structures",
            {
                "_id": structure.key,
                "realm": structure.realm,
                "name": structure.name,
                "public": structure.public,
                "active": structure.active,
                "spaces": list(spaces),
                "replaced_by": structure.replaced_by,
                "departments": [department.code for department in structure.departments],
                "version": structure.version,
            },
        )

    def rights_changed(self, id: str, subject: str, at: datetime) -> Write:
        """From now on nobody believes what was remembered of this subject's rights."""
        return Insert("rights_changes", {"_id": id, "subject": mark_of(subject), "at": at})

    async def changes(self, at: datetime) -> list[Document]:
        """Whose rights changed lately."""
        since = at - timedelta(seconds=RightsChanges.SECONDS)
        return await self._db["rights_changes"].find({"at": {"$gt": since}}).to_list(None)


def _member(row: Document) -> Member:
    rest = {name: value for name, value in row.items() if name not in ("_id", "departments")}
    return Member(id=row["_id"], departments=tuple(row["departments"]), **rest)


def _standing(structure: str, found: Document | None) -> Standing:
    if found is None:
        return Standing(structure)
    return Standing(
        structure=structure,
        principal=found["principal"],
        voices=found["voices"],
        managers=tuple(found["managers"]),
        former=tuple(found["former"]),
        version=found["version"],
        stored=True,
        gone=found["gone"],
        second_factor=found.get("second_factor", False),
    )


def _known(row: Document) -> Known:
    return Known(
        name=row["name"],
        public=row["public"],
        active=row["active"],
        spaces=tuple(row["spaces"]),
        replaced_by=row["replaced_by"],
        departments=tuple(row["departments"]) if "departments" in row else None,
    )
