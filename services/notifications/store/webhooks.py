"""Webhooks and what was delivered to them.

The lease of a courier is written at once, outside any change; it saves work only, since a change of
a courier holds only as long as the webhook is as it was read.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.notifications.domain.feed import Event
from services.notifications.domain.webhooks import Delivery, Secret, Webhook
from services.notifications.store.sealing import Sealing
from shared.contracts.webhooks import Attempt
from shared.mongo import Database, Document, Index, Insert, Newer, Patch, Remove, Write

WEBHOOKS, SENDINGS = "webhooks", "sendings"
COLLECTIONS = (WEBHOOKS, SENDINGS)
INDEXES = (
    Index(WEBHOOKS, [("structure", 1), ("_id", 1)]),
    Index(WEBHOOKS, [("lease", 1)], where={"on": True}),
    Index(WEBHOOKS, [("program", 1)], where={"program": {"$type": "string"}}),
    Index(SENDINGS, [("webhook", 1), ("updated_at", -1), ("_id", -1)]),
    Index(SENDINGS, [("webhook", 1), ("position", 1)], where={"state": "WAITING"}),
    Index(SENDINGS, [("kept_until", 1)], expire_after=0),
)
PROGRESS = (
    *("on", "off_cause", "cursor"),
    *("failures", "failing_since", "last_success_at", "last_error"),
)
"""What a courier changes of a webhook; the rest is its owners'."""
COURIER_LEASE = timedelta(seconds=10)
KEPT = timedelta(days=30)
"""How long the log of deliveries is kept."""


class Webhooks(Sealing):
    """Where structures are told their events, and how that went."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def webhook(self, id: str) -> Webhook | None:
        """A webhook."""
        found = await self._db[WEBHOOKS].find_one({"_id": id})
        return self._webhook(found) if found else None

    async def webhooks(
        self, structures: Sequence[str] | None, after: str | None, limit: int
    ) -> list[Webhook]:
        """The webhooks of these structures, or of all, by id."""
        where: Document = {} if structures is None else {"structure": {"$in": list(structures)}}
        if after:
            where["_id"] = {"$gt": after}
        found = await self._db[WEBHOOKS].find(where).sort("_id", 1).to_list(limit)
        return [self._webhook(row) for row in found]

    async def webhooks_of(self, program: str) -> list[Webhook]:
        """Those that lead where this program said."""
        found = await self._db[WEBHOOKS].find({"program": program}).to_list(None)
        return [self._webhook(row) for row in found]

    async def held(self, structure: str) -> int:
        """How many webhooks a structure has."""
        return int(await self._db[WEBHOOKS].count_documents({"structure": structure}))

    def add_webhook(self, webhook: Webhook) -> Insert:
        """A new webhook."""
        return Insert(WEBHOOKS, self._row(webhook) | {"holder": None, "lease": webhook.created_at})

    def change_webhook(self, webhook: Webhook) -> Patch:
        """What its owners changed; a conflict when somebody else did so meanwhile."""
        row, fixed = self._row(webhook), ("_id", "realm", "structure", "created_at", "version")
        changed = {name: value for name, value in row.items() if name not in fixed}
        update = {"$set": changed, "$inc": {"version": 1}}
        return Patch(WEBHOOKS, webhook.id, update, {"version": webhook.version})

    def progress(self, webhook: Webhook, was: Webhook, holder: str) -> Patch:
        """How far a courier is; a conflict when it no longer holds the webhook as it was read."""
        changed = {name: getattr(webhook, name) for name in PROGRESS}
        where = {"holder": holder, "version": was.version, "cursor": was.cursor}
        return Patch(WEBHOOKS, webhook.id, {"$set": changed}, where)

    def remove_webhook(self, id: str) -> Remove:
        """A webhook that is closed; its log goes with time."""
        return Remove(WEBHOOKS, id)

    async def take_webhooks(self, holder: str, at: datetime, limit: int) -> set[str]:
        """Keep the leases of this process, take some free ones; returns all it holds."""
        lease = {"$set": {"holder": holder, "lease": at + COURIER_LEASE}}
        await self._db[WEBHOOKS].update_many({"on": True, "holder": holder}, lease)
        for _ in range(limit):
            free = {"on": True, "holder": {"$ne": holder}, "lease": {"$lt": at}}
            if await self._db[WEBHOOKS].find_one_and_update(free, lease) is None:
                break
        mine = self._db[WEBHOOKS].find({"on": True, "holder": holder}, {"_id": 1})
        return {row["_id"] async for row in mine}

    async def release_webhooks(self, holder: str, at: datetime) -> None:
        """Let others take what this process held."""
        free = {"$set": {"holder": None, "lease": at}}
        await self._db[WEBHOOKS].update_many({"holder": holder}, free)

    async def known_sendings(self, ids: Collection[str]) -> dict[str, Delivery]:
        """Those of these deliveries that there are."""
        found = self._db[SENDINGS].find({"_id": {"$in": list(ids)}})
        return {row["_id"]: _delivery(row) async for row in found}

    async def open_sendings(self, webhook: str, limit: int) -> list[Delivery]:
        """What is not settled at a webhook, in the order of the feed."""
        query = {"webhook": webhook, "state": "WAITING"}
        found = self._db[SENDINGS].find(query).sort("position", 1)
        return [_delivery(row) for row in await found.to_list(limit)]

    async def count_open(self, webhooks: Collection[str]) -> dict[str, int]:
        """How much is not settled at these webhooks."""
        query = {"webhook": {"$in": list(webhooks)}, "state": "WAITING"}
        counted = self._db[SENDINGS].aggregate(
            [{"$match": query}, {"$group": {"_id": "$webhook", "count": {"$sum": 1}}}]
        )
        return {row["_id"]: row["count"] async for row in counted}

    async def sendings(
        self, webhook: str, state: str | None, after: tuple[datetime, str] | None, limit: int
    ) -> list[tuple[Delivery, datetime]]:
        """The log of a webhook, the latest first, and when each changed."""
        query: dict[str, Any] = {"webhook": webhook}
        if state:
            query["state"] = state
        if after:
            at, id = after
            query["$or"] = [{"updated_at": {"$lt": at}}, {"updated_at": at, "_id": {"$lt": id}}]
        found = self._db[SENDINGS].find(query).sort([("updated_at", -1), ("_id", -1)])
        return [(_delivery(row), row["updated_at"]) for row in await found.to_list(limit)]

    def sent_out(self, delivery: Delivery, at: datetime) -> Write:
        """How a delivery stands now."""
        event = delivery.event
        return Newer(
            SENDINGS,
            {
                "_id": delivery.id,
                "webhook": delivery.webhook,
                "event": event.id,
                "realm": event.realm,
                "type": event.type,
                "subject": event.subject,
                "sequence": event.sequence,
                "position": event.position,
                "body": event.body,
                "state": delivery.state,
                "attempts": [attempt.model_dump() for attempt in delivery.attempts],
                "tries": delivery.tries,
                "next_try_at": delivery.next_try_at,
                "updated_at": at,
                "version": delivery.version + 1,
                "kept_until": at + KEPT,
            },
        )

    async def webhooks_sealed_anew(self) -> AsyncIterator[Write]:
        """The secrets of webhooks, sealed with the newest key where they are not."""
        async for found in self._db[WEBHOOKS].find({}, {"secrets": 1}):
            keys = [one["key"] for one in found["secrets"]]
            anew = [self.seals.renewed(key) if self.seals else None for key in keys]
            if any(anew):
                pairs = zip(found["secrets"], anew, strict=True)
                secrets = [one | ({"key": key} if key else {}) for one, key in pairs]
                was = {"secrets": found["secrets"]}
                yield Patch(WEBHOOKS, found["_id"], {"$set": {"secrets": secrets}}, was)

    def _row(self, webhook: Webhook) -> Document:
        return {
            "_id": webhook.id,
            "realm": webhook.realm,
            "structure": webhook.structure,
            "url": webhook.url,
            "types": list(webhook.types),
            "secrets": [
                {"key": self.closed(one.key), "until": one.until} for one in webhook.secrets
            ],
            "on": webhook.on,
            "cursor": webhook.cursor,
            "created_at": webhook.created_at,
            "version": webhook.version,
            "off_cause": webhook.off_cause,
            "program": webhook.program,
            "failures": webhook.failures,
            "failing_since": webhook.failing_since,
            "last_success_at": webhook.last_success_at,
            "last_error": webhook.last_error,
        }

    def _webhook(self, row: Document) -> Webhook:
        fields = {
            name: value for name, value in row.items() if name not in ("holder", "lease", "_id")
        }
        secrets = tuple(Secret(self.opened(one["key"]), one["until"]) for one in row["secrets"])
        types = tuple(row["types"])
        return Webhook(**{**fields, "id": row["_id"], "secrets": secrets, "types": types})


def _delivery(row: Document) -> Delivery:
    event = Event(
        id=row["event"],
        realm=row["realm"],
        type=row["type"],
        subject=row["subject"],
        sequence=row["sequence"],
        to=(),
        department=None,
        at=row["updated_at"],
        body=row["body"],
        position=row["position"],
    )
    return Delivery(
        webhook=row["webhook"],
        event=event,
        state=row["state"],
        attempts=tuple(Attempt.model_validate(one) for one in row["attempts"]),
        tries=row["tries"],
        next_try_at=row["next_try_at"],
        version=row["version"],
    )
