"""The rooms of partners over SFTP: what they hand in, and the receipts and events they find."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import asyncssh
import orjson

from services.notifications.adapters import Adapters
from services.notifications.adapters.sftp.keys import new_host_key
from services.notifications.adapters.sftp.server import Server
from services.notifications.domain.feed import everything
from services.notifications.domain.folders import (
    DEPOSIT,
    EVENT_NAME,
    INVOICES,
    MOST_LISTED,
    MOST_PARTIAL,
    PARTIAL_KEPT,
    RECEIPTS,
    RECEIPTS_KEPT,
    STATUSES,
    Paper,
    event_name,
    fault_of,
    is_partial,
    readme,
    shown,
)
from services.notifications.store import Store
from shared import logs
from shared.context import Context
from shared.contracts.accounts import SecurityChanged
from shared.contracts.doors import DocumentPickedUp, FileHandedIn
from shared.contracts.ingest import DepositSettled
from shared.contracts.message import Depositor
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.files import sha256
from shared.mongo import Document
from shared.outbox import Change
from shared.service import Running

Process = Running[Any, Store, Adapters]
Here = Context[Store, Adapters]
SWEEP_SECONDS = 30.0
SWEPT = 100


async def serve_sftp(running: Process) -> None:
    """Open the SFTP door of this process, when it has one, and tidy up after half-written files."""
    settings = running.settings
    if settings.sftp_port is None:
        await asyncio.Event().wait()  # what goes on beside a service ends with it
    largest = settings.max_file_bytes
    server = Server(
        lambda user, key: _admit(running, user, key),
        largest,
        settings.sftp_idle_seconds,
        readme(largest),
    )
    running.adapters.stack.push_async_callback(server.close)
    port = await server.listen(settings.host, settings.sftp_port, await host_key(running))
    logs.logger().info("sftp_listening", port=port)
    while True:
        try:
            at = running.context().at
            for row in await running.store.forgotten(at, SWEPT):
                with suppress(Conflict):
                    await running.outbox.apply(_forgotten(running.store, row, at))
        except Exception as error:
            logs.logger().warning("rooms_sweep_failed", error=repr(error)[:300])
        await asyncio.sleep(SWEEP_SECONDS)


async def host_key(running: Process) -> str:
    """The one key that every process of ours shows."""
    store = running.store
    while (known := await store.host_key()) is None:
        await running.outbox.apply(Change([store.first_host_key(new_host_key())]))
    return known


async def _admit(running: Process, user: str, key: asyncssh.SSHKey) -> "PartnerRoom | None":
    found = await running.store.key(user, key.get_fingerprint())
    stands = found is not None and await _stands(running.store, found)
    return PartnerRoom(running, found) if found and stands else None


async def _stands(store: Store, key: Document) -> bool:
    """Whether whoever let a key in still may: a person does while they manage the structure."""
    if (maker := key.get("maker")) is None:
        return True
    managers = {one.casefold() for one in await store.managers(key["structure"])}
    return any(one.casefold() in managers for one in maker["emails"])


async def follow_address(changed: SecurityChanged, ctx: Here) -> Change:
    """Know whoever let keys in by their new address too."""
    if changed.what != "address_changed":
        return Change()
    return Change(await ctx.store.makers_known_as(changed.account_id, changed.email))


def _forgotten(store: Store, row: Document, at: datetime) -> Change:
    why = "fichier jamais renommé : un nom en .part est provisoire"
    return Change(
        [
            store.take_paper(row["structure"], DEPOSIT, row["name"]),
            _receipt(store, row["structure"], row["name"], _refusal(row["name"], why), at),
        ]
    )


async def lay_receipt(settled: DepositSettled, ctx: Here) -> Change:
    """Lay the receipt of a file that came by SFTP into the folder of its sender."""
    if settled.door != "sftp":
        return Change()
    said = settled.model_dump(mode="json", exclude={"handing_id", "door", "realm"})
    return Change([_receipt(ctx.store, settled.structure, settled.filename, said, ctx.at)])


def _receipt(store: Store, structure: str, name: str, said: dict[str, Any], at: datetime) -> Any:
    body = orjson.dumps(said, option=orjson.OPT_INDENT_2)
    return store.lay_paper(structure, RECEIPTS, f"{name}.json", at, RECEIPTS_KEPT, body=body)


def _refusal(name: str, why: str) -> dict[str, Any]:
    """A receipt that says that a file was not taken."""
    return {"filename": name, "state": "REJECTED", "message": why, "items": []}


class PartnerRoom:
    """What the holder of a key sees and does."""

    def __init__(self, running: Process, key: Document) -> None:
        self._running, self._key = running, key
        self._structure: str = key["structure"]

    async def stands(self) -> bool:
        """Whether its key may still come in."""
        found = await self._running.store.key_by_id(self._key["_id"])
        return found is not None and await _stands(self._running.store, found)

    async def _must_stand(self) -> None:
        if not await self.stands():
            raise Forbidden("cette clé n'a plus le droit de déposer pour cette structure")

    async def papers(self, folder: str) -> Sequence[Paper]:
        """The files of a folder; of events the newest."""
        store = self._running.store
        if folder != STATUSES:
            return await store.papers(self._structure, folder, MOST_LISTED)
        found = await store.latest(everything(self._structure), MOST_LISTED)
        return [
            Paper(
                event_name(event.position, event.subject, event.sequence),
                len(event.body.encode()),
                event.at.timestamp(),
            )
            for event in found
        ]

    async def read(self, folder: str, name: str) -> bytes | None:
        """A file, or None when there is none."""
        store = self._running.store
        if folder == STATUSES:
            match = EVENT_NAME.fullmatch(name)
            after = int(match["position"]) - 1 if match else 0
            found = await store.read(everything(self._structure), after, 1) if match else []
            named = [e for e in found if event_name(e.position, e.subject, e.sequence) == name]
            return named[0].body.encode() if named else None
        paper = await store.paper(self._structure, folder, name)
        if paper is None:
            return None
        return bytes(paper["body"]) if "body" in paper else await self._kept(paper["sha256"])

    async def picked_up(self, folder: str, name: str) -> None:
        """Tell, once for an invoice and a key, that a finance system has read it."""
        paper = await self._running.store.paper(self._structure, folder, name)
        if folder != INVOICES or paper is None:
            return
        told = DocumentPickedUp(
            invoice_id=paper["invoice_id"],
            realm=self._key["realm"],
            structures=(self._structure,),
            actor=f"sftp:{self._key['_id']}",
            document=paper["document"],
            at=self._running.context().at,
        )
        once = f"picked:{paper['invoice_id']}:{self._key['_id']}"
        await self._running.outbox.apply(Change(tell=[told], once=once))

    async def _kept(self, name: str) -> bytes:
        return await self._running.files.get(name)

    async def hand_in(self, name: str, data: bytes) -> None:
        """Take a whole file, or keep one that has no final name yet; it is safe when this ends."""
        await self._must_stand()
        if why := fault_of(name):
            await self.refuse(name, why)
            raise Invalid(why)
        if is_partial(name):
            await self._hold(name, data)
        else:
            save = [await self._running.files.keep(data, sha256(data))]
            told = self._handed(name, sha256(data), len(data))
            await self._running.outbox.apply(Change(save, [told]))

    async def _hold(self, name: str, data: bytes) -> None:
        running, hash = self._running, sha256(data)
        held = await running.store.papers(self._structure, DEPOSIT, MOST_PARTIAL)
        if len(held) >= MOST_PARTIAL and all(paper.name != name for paper in held):
            raise Invalid(f"trop de fichiers inachevés : {MOST_PARTIAL} au plus")
        at = running.context().at
        paper = running.store.lay_paper(
            self._structure, DEPOSIT, name, at, PARTIAL_KEPT, sha256=hash, size=len(data)
        )
        await running.outbox.apply(Change([await running.files.keep(data, hash), paper]))

    def _handed(self, name: str, hash: str, size: int) -> FileHandedIn:
        context = self._running.context()
        return FileHandedIn(
            handing_id=context.new_id(),
            door="sftp",
            realm=self._key["realm"],
            depositor=Depositor(
                subject=f"sftp:{self._key['_id']}",
                structure=self._structure,
                structures=(self._structure,) if self._key.get("issues", True) else (),
                treats=(self._structure,) if self._key.get("treats", False) else (),
            ),
            sha256=hash,
            size=size,
            filename=name,
            received_at=context.at,
        )

    async def refuse(self, name: str, why: str) -> None:
        """Write the receipt of a file that was not taken."""
        store, at = self._running.store, self._running.context().at
        said = _refusal(shown(name), why)
        paper = _receipt(store, self._structure, shown(name), said, at)
        await self._running.outbox.apply(Change([paper]))

    async def rename(self, old: str, new: str) -> None:
        """Give a half-written file another name, and take it when that is final."""
        await self._must_stand()
        store = self._running.store
        paper = await store.paper(self._structure, DEPOSIT, old)
        if paper is None:
            raise NotFound("ce fichier n'existe pas")
        if why := fault_of(new):
            await self.refuse(new, why)
            raise Invalid(why)
        gone = store.take_paper(self._structure, DEPOSIT, old)
        if is_partial(new):
            at, what = self._running.context().at, {k: paper[k] for k in ("sha256", "size")}
            kept = store.lay_paper(self._structure, DEPOSIT, new, at, PARTIAL_KEPT, **what)
            await self._running.outbox.apply(Change([gone, kept]))
        else:
            told = self._handed(new, paper["sha256"], paper["size"])
            await self._running.outbox.apply(Change([gone], [told]))

    async def remove(self, folder: str, name: str) -> None:
        """Forget a half-written file, a receipt, or an invoice that was picked up."""
        if folder not in (DEPOSIT, RECEIPTS, INVOICES):
            raise Invalid("ce fichier ne s'efface pas")
        store = self._running.store
        if await store.paper(self._structure, folder, name) is None:
            raise NotFound("ce fichier n'existe pas")
        gone = store.take_paper(self._structure, folder, name)
        await self._running.outbox.apply(Change([gone]))
