"""Deposits and their reports.

A deposit is one document: the file's hash, who handed it in, and an item for each invoice in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.ingest.domain.deposit import PAGES
from services.ingest.domain.directory import Body, called, names_of
from services.ingest.formats.directory import decide
from services.ingest.formats.reading import Reading
from services.ingest.store import certificates, drafts, handings
from services.ingest.store.certificates import Certificates
from services.ingest.store.drafts import DEPOSITS, Drafts
from services.ingest.store.handings import Handings
from shared import mongo
from shared.contracts.ingest import Certificate, DepositReceived, DepositState
from shared.contracts.structures import Structure
from shared.mongo import Document, Write

CONFORMITY = "conformity"
DIRECTORY = "directory"
MOST_BODIES = 20
INDEXES = (
    mongo.Index(DEPOSITS, [("realm", 1), ("subject", 1), ("_id", -1)]),
    mongo.Index(
        DEPOSITS,
        [("parent", 1), ("position", 1), ("state", 1)],
        where={"parent": {"$exists": True}},
    ),
    mongo.Index(DEPOSITS, [("open", 1)], where={"open": True}),
    mongo.Index(DEPOSITS, [("items.invoice_id", 1)], where={"items.invoice_id": {"$exists": True}}),
    mongo.Index(DIRECTORY, [("called", 1)]),
    mongo.Index(CONFORMITY, [("at", 1)], expire_after=30 * 86400),
    *drafts.INDEXES,
    *handings.INDEXES,
    *certificates.INDEXES,
)
STANDING = (
    *("version", "state", "mark", "draft", "certificate"),
    *("items.state", "items.sequence", "items.invoice_id"),
)
UNDER_WAY = [DepositState.RECEIVED, DepositState.READING]


@dataclass(frozen=True)
class Found:
    """An invoice: the deposit it came with, and its item there."""

    deposit: Document
    item: Document


class Store:
    """Reads deposits; writes are returned, not done."""

    def __init__(self, db: mongo.Database) -> None:
        self.drafts = Drafts(db)
        self.handings = Handings(db)
        self._deposits = db[DEPOSITS]
        self.certificates = Certificates(db)
        self._standing = db.loader(DEPOSITS, projection=dict.fromkeys(STANDING, 1))
        self._whole = db.loader(DEPOSITS)
        self._conformity = db.loader(CONFORMITY)
        self._directory = db[DIRECTORY]

    async def deposit(self, id: str) -> Document | None:
        """A whole deposit."""
        return await self._whole.get(id)

    async def own(
        self,
        id: str,
        realm: str,
        subject: str,
        structures: Sequence[str],
        belongs: Sequence[str] = (),
    ) -> Document | None:
        """A deposit of one of these structures, or that this caller handed in for none, or for one
        that it still belongs to.
        """
        found = await self._whole.get(id)
        if found is None or found["realm"] != realm:
            return None
        own = found["subject"] == subject and found["structure"] in (None, *belongs)
        return found if own or found["structure"] in structures else None

    async def conformity(self, file: str) -> Document | None:
        """What was said of a file, by the hash of its content and the edition of the rules."""
        return await self._conformity.get(file)

    def judged(self, file: str, said: str, at: datetime) -> Write:
        """What the official rules say of a file; forgotten after a while."""
        return mongo.Keep(CONFORMITY, {"_id": file, "said": said, "at": at})

    async def readable(
        self, invoice_id: str, realm: str, structures: Sequence[str]
    ) -> Found | None:
        """An invoice that one of these structures may read."""
        found = await self.invoice(invoice_id)
        if found is None or found.deposit["realm"] != realm:
            return None
        return found if set(found.item["readers"]) & set(structures) else None

    async def invoice(
        self, invoice_id: str, deposit_id: str | None = None, item: int | None = None
    ) -> Found | None:
        """An invoice for the platform itself; by its place in its deposit when that is known."""
        if deposit_id is not None and item is not None:
            whole = await self._whole.get(deposit_id)
            return Found(whole, whole["items"][item]) if whole else None
        deposit = await self._deposits.find_one({"items.invoice_id": invoice_id})
        items = deposit["items"] if deposit else ()
        mine = (one for one in items if one.get("invoice_id") == invoice_id)
        return next((Found(deposit, one) for one in mine if deposit), None)

    async def members(self, parent: str, fields: Sequence[str] = ()) -> list[Document]:
        """The deposits of an archive's files, in its order; with `fields`, only those."""
        shown = dict.fromkeys(fields, 1) or None
        return (
            await self._deposits.find({"parent": parent}, shown).sort("position", 1).to_list(None)
        )

    async def is_under_way(self, parent: str) -> bool:
        """Whether a file of an archive is still being dealt with."""
        going = {"parent": parent, "state": {"$in": UNDER_WAY}}
        return await self._deposits.find_one(going, {"_id": 1}) is not None

    async def open_archives(self, most: int = 100) -> list[Document]:
        """The archives whose outcome was not told yet."""
        return await self._deposits.find({"open": True}).sort("_id", 1).limit(most).to_list(None)

    async def standing(self, id: str) -> Document | None:
        """How a deposit and its items stand, without their contents."""
        return await self._standing.get(id)

    async def bodies(self, realm: str, called: Sequence[str]) -> list[Body]:
        """The public bodies of a realm that are called so: by SIRET, by SIREN or by name."""
        if not called:
            return []
        wanted = {"called": {"$in": [f"{realm}/{one}" for one in called]}}
        found = await self._directory.find(wanted).sort("_id", 1).limit(MOST_BODIES).to_list(None)
        return [
            Body(
                siret=one["siret"],
                name=one["name"],
                departments=dict(one["departments"]),
                order_pattern=one["order_pattern"],
                order_example=one["order_example"],
            )
            for one in found
        ]

    async def informed(self, reading: Reading, realm: str) -> Reading:
        """The reading of a page, decided again by what is known of the bodies that it names."""
        if reading.format not in PAGES:
            return reading
        buyer = reading.fields.get("buyer_name")
        asked = called(reading.seen.numbers, str(buyer.value) if buyer else None)
        return decide(reading, await self.bodies(realm, asked))

    def learn(self, structure: Structure) -> Write:
        """The copy of a structure; one that is no public body is never found."""
        document = {"_id": structure.key, "version": structure.version, "called": []}
        if body := Body.of(structure):
            document |= {
                "called": [f"{structure.realm}/{one}" for one in names_of(body)],
                "siret": body.siret,
                "name": body.name,
                "departments": [[code, name] for code, name in body.departments.items()],
                "order_pattern": body.order_pattern,
                "order_example": body.order_example,
            }
        return mongo.Newer(DIRECTORY, document)

    def received(
        self,
        fact: DepositReceived,
        certificate: Certificate,
        mark: str | None,
        position: int = 0,
        draft: str | None = None,
    ) -> Write:
        """A new deposit; its mark is freed when it is rejected, so that the file may come again.

        `draft` is what it was typed as, which its sender mends when it is rejected.
        """
        inside = {"parent": fact.parent, "position": position} if fact.parent else {}
        return mongo.Insert(
            DEPOSITS,
            {
                "_id": fact.deposit_id,
                "realm": fact.realm,
                "subject": fact.depositor.subject,
                "structure": fact.depositor.structure,
                "depositor": fact.depositor.model_dump(mode="json"),
                "filename": fact.filename,
                "sha256": fact.sha256,
                "size": fact.size,
                "received_at": fact.received_at,
                "certificate": certificate.model_dump_json(),
                "number": certificate.number,
                "mark": mark,
                "state": DepositState.RECEIVED,
                "items": [],
                "version": 1,
                **({"draft": draft} if draft else {}),
                **inside,
            },
        )

    def opened(self, id: str, format: str) -> Write:
        """An archive whose files are deposits of their own from now on."""
        fields = {"state": DepositState.READING, "format": format, "open": True, "version": 2}
        return mongo.Patch(DEPOSITS, id, {"$set": fields}, where={"version": 1})

    def closed(self, archive: Document, state: DepositState) -> list[Write]:
        """An archive whose files are all dealt with."""
        change = {"$set": {"state": state, "open": False}, "$inc": {"version": 1}}
        where = {"version": archive["version"]}
        patch = mongo.Patch(DEPOSITS, archive["_id"], change, where)
        return [patch, *self.freed(archive["mark"], state)]

    def read(
        self, id: str, state: DepositState, items: Sequence[dict[str, Any]], at: datetime
    ) -> Write:
        """What reading the file gave."""
        fields = {"state": state, "items": list(items), "version": 2, "changed_at": at}
        return mongo.Patch(DEPOSITS, id, {"$set": fields}, where={"version": 1})

    def settled(
        self,
        standing: Document,
        state: DepositState,
        item: int,
        changes: dict[str, Any],
        at: datetime,
    ) -> list[Write]:
        """What became of one item; a rejected deposit frees its file."""
        fields: dict[str, Any] = {f"items.{item}.{name}": value for name, value in changes.items()}
        if state != standing["state"]:
            fields["changed_at"] = at
        writes: list[Write] = [
            mongo.Patch(
                DEPOSITS,
                standing["_id"],
                {"$set": {**fields, "state": state}, "$inc": {"version": 1}},
                where={"version": standing["version"]},
            )
        ]
        return writes + self.freed(standing["mark"], state)

    def reported(
        self, found: Document, state: DepositState, items: Sequence[dict[str, Any]], at: datetime
    ) -> list[Write]:
        """What became of every status of a file."""
        fields = {"state": state, "items": list(items), "changed_at": at}
        change = {"$set": fields, "$inc": {"version": 1}}
        patch = mongo.Patch(DEPOSITS, found["_id"], change, {"version": found["version"]})
        return [patch, *self.freed(found["mark"], state)]

    def freed(self, mark: str | None, state: DepositState) -> list[Write]:
        """The release of a file whose deposit ended rejected."""
        return [mongo.Remove("inbox", mark)] if mark and state is DepositState.REJECTED else []
