"""From a file to an invoice that workflow can route, and back to the report of its deposit."""

import asyncio
from contextlib import suppress
from typing import Any

from services.ingest.adapters import Adapters
from services.ingest.domain.deposit import PAGES, certified, state_of
from services.ingest.domain.directory import called
from services.ingest.formats import pdf_ocr
from services.ingest.formats.directory import decide
from services.ingest.formats.reading import Document, Reading, unread
from services.ingest.store import Store
from shared.context import Context
from shared.contracts.ingest import (
    DepositReceived,
    DepositRefused,
    DepositState,
    InvoiceRead,
    RefusedItem,
    ScanFound,
)
from shared.contracts.message import Depositor
from shared.contracts.structures import StructureChanged
from shared.contracts.workflow import InvoiceOpened, InvoiceReaddressed, InvoiceRefused
from shared.errors import Conflict, NotFound, Unavailable
from shared.files import sha256
from shared.outbox import Change
from shared.service import Running, on

CLOSE_SECONDS = 0.5


Surroundings = Context[Store, Adapters]


async def read_deposit(deposit: DepositReceived, context: Surroundings) -> Change:
    """A file becomes an invoice, fields to confirm, or a refusal."""
    data = await context.files.get(deposit.sha256)
    reading = await context.adapters.workers.read(Document(deposit.filename, data))
    if reading.members and deposit.parent is None:
        return await open_archive(deposit, reading, context)
    if reading.members:
        reading = unread(reading.format, "FAC-SAFE-008", "une archive dans une archive")
    if pdf_ocr.due(reading):
        return Change(tell=[ScanFound(**dict(deposit))])
    return await _decided(deposit, reading, context)


async def read_scan(scan: ScanFound, context: Surroundings) -> Change:
    """A scan is recognised and becomes fields to confirm, or a refusal."""
    found = await context.store.standing(scan.deposit_id)
    if found is None or found["state"] != DepositState.RECEIVED:
        return Change()
    data = await context.files.get(scan.sha256)
    reading = await context.adapters.read(Document(scan.filename, data))
    if any(finding.code == "FAC-READ-019" for finding in reading.findings):
        raise Unavailable("tesseract's French is not installed here")
    return await _decided(scan, reading, context)


async def _decided(deposit: DepositReceived, reading: Reading, context: Surroundings) -> Change:
    if reading.format in PAGES:
        reading = await informed(reading, deposit.realm, context.store)
    item = item_of(reading)
    if item["state"] == DepositState.REJECTED:
        found = await context.store.standing(deposit.deposit_id)
        return Change(
            save=[
                context.store.read(deposit.deposit_id, DepositState.REJECTED, [item]),
                *context.store.freed((found or {}).get("mark"), DepositState.REJECTED),
            ],
            tell=[] if deposit.parent else [_refused(deposit, item)],
        )
    if reading.format in PAGES:
        return Change(save=[context.store.read(deposit.deposit_id, item["state"], [item])])
    return Change(
        save=[context.store.read(deposit.deposit_id, DepositState.READING, [item])],
        tell=[invoice_read(deposit, reading)],
    )


async def informed(reading: Reading, realm: str, store: Store) -> Reading:
    """The reading of a page, decided again by what the directory knows of the bodies it names."""
    buyer = reading.fields.get("buyer_name")
    asked = called(reading.seen.numbers, str(buyer.value) if buyer else None)
    return decide(reading, await store.bodies(realm, asked))


async def open_archive(deposit: DepositReceived, reading: Reading, context: Surroundings) -> Change:
    """Each file of an archive becomes a deposit of its own; all are reported together."""
    await context.files.store([member.data for member in reading.members])
    files = [
        DepositReceived(
            deposit_id=context.new_id(),
            realm=deposit.realm,
            depositor=deposit.depositor,
            sha256=sha256(member.data),
            size=len(member.data),
            filename=member.name,
            received_at=deposit.received_at,
            parent=deposit.deposit_id,
        )
        for member in reading.members
    ]
    kept = [
        context.store.received(file, certified(file).model_dump_json(), None, position)
        for position, file in enumerate(files)
    ]
    return Change([context.store.opened(deposit.deposit_id, reading.format), *kept], files)


async def close_archives(running: Running[Any, Store, Adapters]) -> None:
    """Tell, for ever, what became of archives whose files are all dealt with."""
    while True:
        for archive in await running.store.open_archives():
            if not await running.store.is_under_way(archive["_id"]):
                with suppress(Conflict):  # another process was faster
                    await running.outbox.apply(await _closed(archive, running.store))
        await asyncio.sleep(CLOSE_SECONDS)


async def _closed(archive: dict[str, Any], store: Store) -> Change:
    files = await store.members(archive["_id"], ("state", "items"))
    state = state_of(DepositState(file["state"]) for file in files)
    refused = [file["items"][0] for file in files if file["state"] == DepositState.REJECTED]
    tell = [_refused(_deposit_of(archive), *refused)] if refused else []
    return Change(store.closed(archive, state), tell)


async def integrate(opened: InvoiceOpened, context: Surroundings) -> Change:
    """Workflow took the invoice: its item is integrated."""
    done: dict[str, Any] = {"state": DepositState.INTEGRATED, "invoice_id": opened.invoice_id}
    item = await _item(opened.deposit_id, opened.item, context)
    if "sequence" not in item:  # a correction that was faster knows better
        done["readers"] = list(opened.readers)
    return await _settle(opened.deposit_id, opened.item, done, context)


async def readdress(changed: InvoiceReaddressed, context: Surroundings) -> Change:
    """The seller corrected the address: others read the invoice now, and its documents say it."""
    item = await _item(changed.deposit_id, changed.item, context)
    if item.get("sequence", 0) >= changed.sequence:
        return Change()
    new = {
        "readers": list(changed.readers),
        "header": changed.header.model_dump(mode="json", exclude_none=True),
        "readdressed": True,
        "sequence": changed.sequence,
    }
    return await _settle(changed.deposit_id, changed.item, new, context)


async def _item(deposit_id: str, item: int, context: Surroundings) -> dict[str, Any]:
    standing = await context.store.standing(deposit_id)
    if standing is None:
        raise NotFound("no such deposit", deposit_id=deposit_id)
    found: dict[str, Any] = standing["items"][item]
    return found


async def refuse(refused: InvoiceRefused, context: Surroundings) -> Change:
    """Workflow could not route the invoice: its item is rejected, and its sender is told."""
    whole = await context.store.deposit(refused.deposit_id)
    if whole is None:
        raise NotFound("no such deposit", deposit_id=refused.deposit_id)
    findings = [finding.model_dump(mode="json") for finding in refused.findings]
    item = {**whole["items"][refused.item], "findings": findings}
    change = await _settle(
        refused.deposit_id,
        refused.item,
        {"state": DepositState.REJECTED, "findings": findings},
        context,
    )
    quiet = whole.get("parent") and not item.get("confirmed")
    return Change(change.save, [] if quiet else [_refused(_deposit_of(whole), item)])


async def _settle(
    deposit_id: str, item: int, changes: dict[str, Any], context: Surroundings
) -> Change:
    standing = await context.store.standing(deposit_id)
    if standing is None:
        raise NotFound("no such deposit", deposit_id=deposit_id)
    states = [DepositState(other["state"]) for other in standing["items"]]
    states[item] = changes.get("state", states[item])
    return Change(context.store.settled(standing, state_of(states), item, changes))


def item_of(reading: Reading) -> dict[str, Any]:
    """The item of a report, as it is stored: header, fields, doubts, findings."""
    invoice = reading.invoice
    page = reading.format in PAGES
    if any(finding.blocks for finding in reading.findings) or (invoice is None and not page):
        state = DepositState.REJECTED
    else:
        state = DepositState.AWAITING_CONFIRMATION if page else DepositState.READING
    item: dict[str, Any] = {
        "state": state,
        "format": reading.format,
        "findings": [finding.model_dump(mode="json") for finding in reading.findings],
        "doubts": [doubt.model_dump(mode="json") for doubt in reading.doubts],
        "fields": {name: field.model_dump(mode="json") for name, field in reading.fields.items()}
        if page
        else {},
    }
    if invoice is not None:
        item["header"] = invoice.model_dump(
            mode="json", exclude={"lines", "allowances", "attachments"}, exclude_none=True
        )
    return item


def invoice_read(deposit: DepositReceived, reading: Reading) -> InvoiceRead:
    """What workflow needs to know of an invoice that was read."""
    assert reading.invoice is not None
    return InvoiceRead.model_construct(
        deposit_id=deposit.deposit_id,
        item=0,
        realm=deposit.realm,
        depositor=deposit.depositor,
        format=reading.format,
        sha256=deposit.sha256,
        received_at=deposit.received_at,
        header=reading.invoice.header(),
        doubts=tuple(reading.doubts),
    )


def _deposit_of(whole: dict[str, Any]) -> DepositReceived:
    return DepositReceived(
        deposit_id=whole["_id"],
        realm=whole["realm"],
        depositor=Depositor.model_validate(whole["depositor"]),
        sha256=whole["sha256"],
        size=whole["size"],
        filename=whole["filename"],
        received_at=whole["received_at"],
    )


def _refused(deposit: DepositReceived, *items: dict[str, Any]) -> DepositRefused:
    return DepositRefused(
        deposit_id=deposit.deposit_id,
        realm=deposit.realm,
        depositor=deposit.depositor,
        filename=deposit.filename,
        received_at=deposit.received_at,
        refused=tuple(_refused_item(item) for item in items),
    )


def _refused_item(item: dict[str, Any]) -> RefusedItem:
    header = item.get("header") or {}
    totals = header.get("totals") or {}
    return RefusedItem(
        number=header.get("number"),
        seller=(header.get("seller") or {}).get("name"),
        buyer=(header.get("buyer") or {}).get("name"),
        total_with_vat=totals.get("with_vat"),
        currency=header.get("currency"),
        findings=item["findings"],
    )


async def learn_structure(changed: StructureChanged, context: Surroundings) -> Change:
    """The copy of the public bodies follows the directory."""
    return Change([context.store.learn(changed.structure)])


LISTENS = (
    on(DepositReceived, read_deposit, batch=100, prefetch=16),
    on(ScanFound, read_scan, batch=1, prefetch=2),
    on(InvoiceOpened, integrate),
    on(InvoiceReaddressed, readdress),
    on(InvoiceRefused, refuse),
    on(StructureChanged, learn_structure),
)
