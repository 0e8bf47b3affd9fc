"""Mails to send with their proof, and contacts of structures (a copy).

Two things are written here at once and outside any change, because what they speak of cannot be
rolled back: the lease of a mail that is being sent, and the mail server's word that it has it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.notifications.domain.gathering import Gathering
from services.notifications.domain.mail import Delivery, Letter
from services.notifications.domain.notices import LEASE, PLANNED
from shared.contracts.accounts import ContactsChanged
from shared.mongo import (
    Database,
    Document,
    Index,
    Keep,
    Newer,
    Patch,
    Remove,
)

DELIVERIES, CONTACTS = "deliveries", "contacts"
COLLECTIONS = (DELIVERIES, CONTACTS)
LEASE_MS = LEASE // timedelta(milliseconds=1)
INDEXES = (
    Index(DELIVERIES, [("due_at", 1)], where={"state": "DUE"}),
    Index(DELIVERIES, [("structure", 1), ("created_at", -1), ("_id", -1)]),
)


class Mails:
    """Mails, and to whom they go."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._contacts = db.loader(CONTACTS)

    async def contacts(self, structure: str | None) -> tuple[str, ...]:
        """The addresses that speak for a structure."""
        known = await self._contacts.get(structure) if structure else None
        return tuple(known["emails"]) if known else ()

    async def managers(self, structure: str) -> tuple[str, ...]:
        """The addresses of those who manage a structure."""
        known = await self._contacts.get(structure)
        return tuple(known.get("managers", ())) if known else ()

    def learn(self, changed: ContactsChanged) -> Newer:
        """The copy of a structure's contacts; an older one than known changes nothing."""
        return Newer(
            CONTACTS,
            {
                "_id": changed.structure,
                "realm": changed.realm,
                "emails": list(changed.emails),
                "managers": list(changed.managers),
                "version": changed.version,
            },
        )

    def plan(self, delivery: Delivery, at: datetime) -> Keep:
        """A mail to send; planned twice it is one."""
        return Keep(
            DELIVERIES,
            {
                "_id": delivery.id,
                "realm": delivery.realm,
                "structure": delivery.structure,
                "topic": delivery.topic,
                "template": delivery.template,
                "subject": delivery.letter.subject,
                "text": delivery.letter.text,
                "html": delivery.letter.html,
                "to": delivery.to,
                "secret": delivery.secret,
                "kind": delivery.kind,
                "quietest": delivery.quietest,
                "created_at": delivery.created_at,
                "state": "DUE",
                "failures": 0,
                "holder": None,
                "due_at": at + PLANNED,
            },
        )

    def drop(self, delivery: Delivery) -> Remove:
        """A mail without address, replaced by mails with one."""
        return Remove(DELIVERIES, delivery.id)

    async def claim(self, id: str, holder: str) -> Delivery | None:
        """Lease a mail that is due; None when it is settled or in another process's hands."""
        late = {"$expr": {"$lt": ["$due_at", "$$NOW"]}}
        found = await self._db[DELIVERIES].find_one_and_update(
            {"_id": id, "state": "DUE", "$or": [{"holder": {"$in": [None, holder]}}, late]},
            [{"$set": {"holder": holder, "due_at": {"$add": ["$$NOW", LEASE_MS]}}}],
        )
        return _delivery(found) if found else None

    async def renew(self, ids: Collection[str], holder: str) -> None:
        """Keep the lease of what is being sent."""
        mine = {"_id": {"$in": list(ids)}, "state": "DUE", "holder": holder}
        until = {"$add": ["$$NOW", LEASE_MS]}
        await self._db[DELIVERIES].update_many(mine, [{"$set": {"due_at": until}}])

    async def note(self, id: str, proof: Document) -> None:
        """Write down at once that the mail server has the mail."""
        due = {"_id": id, "state": "DUE"}
        await self._db[DELIVERIES].update_one(due, {"$set": {"proof": proof}})

    def sent(self, delivery: Delivery, proof: Document, holder: str) -> Patch:
        """A mail that left; of one that opens a door only the proof is kept."""
        return self._settle(delivery, holder, {"state": "SENT", "proof": proof}, _gone(delivery))

    def later(self, delivery: Delivery, holder: str, due_at: datetime, cause: str) -> Patch:
        """A mail that did not leave and is tried again."""
        failures = delivery.failures + 1
        failed = {"failures": failures, "cause": cause, "due_at": due_at, "holder": None}
        return self._settle(delivery, holder, failed, {})

    def hold(self, delivery: Delivery, holder: str, due_at: datetime, into: Gathering) -> Patch:
        """A mail that waits to become a line of another one."""
        held = {"state": "HELD", "due_at": due_at, "holder": None, "into": into}
        return self._settle(delivery, holder, held, {})

    def ended(self, delivery: Delivery, holder: str, state: str, cause: str) -> Patch:
        """A mail that will never leave, and why."""
        ended = {"state": state, "cause": cause, "failures": delivery.failures + 1}
        return self._settle(delivery, holder, ended, _gone(delivery))

    def _settle(self, delivery: Delivery, holder: str, changes: Document, gone: Document) -> Patch:
        update: Document = {"$set": changes} | ({"$unset": gone} if gone else {})
        return Patch(DELIVERIES, delivery.id, update, {"state": "DUE", "holder": holder})

    async def overdue(self, at: datetime, limit: int) -> list[Document]:
        """Mails whose time has come and that nobody was told of."""
        late = {"state": "DUE", "due_at": {"$lt": at}}
        return await self._db[DELIVERIES].find(late, {"due_at": 1}).sort("due_at", 1).to_list(limit)

    def told_again(self, overdue: Document, at: datetime) -> Patch:
        """An overdue mail that is told of again, by one process only."""
        unchanged = {"state": "DUE", "due_at": overdue["due_at"]}
        again = {"$set": {"due_at": at + PLANNED, "holder": None}}
        return Patch(DELIVERIES, overdue["_id"], again, unchanged)

    async def deliveries(
        self, structures: Sequence[str], after: tuple[datetime, str] | None, limit: int
    ) -> list[Document]:
        """Mails about these structures, newest first."""
        where: Document = {"structure": {"$in": list(structures)}}
        if after:
            at, id = after
            where["$or"] = [{"created_at": {"$lt": at}}, {"created_at": at, "_id": {"$lt": id}}]
        found = self._db[DELIVERIES].find(where, {"text": 0, "html": 0})
        return await found.sort([("created_at", -1), ("_id", -1)]).to_list(limit)


def _gone(delivery: Delivery) -> Document:
    """What is not kept of a mail that is settled."""
    return {"due_at": "", "holder": "", "html": ""} | ({"text": ""} if delivery.secret else {})


def _delivery(found: dict[str, Any]) -> Delivery:
    return Delivery(
        id=found["_id"],
        realm=found["realm"],
        structure=found["structure"],
        topic=found["topic"],
        template=found["template"],
        letter=Letter(found["subject"], found["text"], found["html"]),
        to=found["to"],
        created_at=found["created_at"],
        secret=found["secret"],
        failures=found["failures"],
        proof=found.get("proof"),
        kind=found.get("kind", "account"),
        quietest=found.get("quietest", "at_once"),
        passed=found.get("passed", False),
    )
