"""From a file to an invoice that workflow can route, to fields to confirm, or to a refusal."""

from typing import Any

from services.ingest.domain.deposit import PAGES
from services.ingest.formats import pdf_ocr
from services.ingest.formats.reading import Document, Reading, unread
from services.ingest.handlers.archives import open_archive
from services.ingest.handlers.drafts import reopened
from services.ingest.handlers.statuses import report_statuses
from services.ingest.handlers.telling import Surroundings, refused
from shared.contracts.ingest import (
    ArchiveReceived,
    BulkReceived,
    BulkScanFound,
    DepositReceived,
    DepositState,
    InvoiceRead,
    PageReceived,
    ScanFound,
)
from shared.errors import Unavailable
from shared.outbox import Change


async def read_deposit(deposit: DepositReceived, context: Surroundings) -> Change:
    """A file becomes an invoice, fields to confirm, or a refusal."""
    data = await context.files.get(deposit.sha256)
    reading = await context.adapters.workers.read(Document(deposit.filename, data), brief=True)
    if reading.statuses and deposit.parent is None:
        return report_statuses(deposit, reading, context)
    if deposit.depositor.treats and not deposit.depositor.structures:
        reading = unread(reading.format, "FAC-READ-033")
    if reading.members and deposit.parent is None:
        return await open_archive(deposit, reading, context)
    if reading.members or reading.statuses:
        what = "une archive" if reading.members else "un fichier de statuts"
        reading = unread(reading.format, "FAC-SAFE-008", f"{what} dans une archive")
    reading = await context.adapters.held_to(Document(deposit.filename, data), reading)
    if pdf_ocr.due(reading):
        told = dict(deposit)
        bulk = isinstance(deposit, BulkReceived)
        return Change(tell=[BulkScanFound(**told) if bulk else ScanFound(**told)])
    return await _decided(deposit, reading, context)


async def read_page(page: PageReceived, context: Surroundings) -> Change:
    """PDFs wait apart from XML, which is read five times faster."""
    return await read_deposit(page, context)


async def read_archive(archive: ArchiveReceived, context: Surroundings) -> Change:
    """An archive is opened apart: it may weigh as much as thousands of invoices."""
    return await read_deposit(archive, context)


async def read_bulk(file: BulkReceived, context: Surroundings) -> Change:
    """Who hands in many files waits behind oneself, not in front of others."""
    return await read_deposit(file, context)


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


async def read_bulk_scan(scan: BulkScanFound, context: Surroundings) -> Change:
    """The scans of who hands in many wait apart as well."""
    return await read_scan(scan, context)


async def _decided(deposit: DepositReceived, reading: Reading, context: Surroundings) -> Change:
    reading = await context.store.informed(reading, deposit.realm)
    item = item_of(reading)
    if item["state"] == DepositState.REJECTED:
        found = await context.store.standing(deposit.deposit_id) or {}
        return Change(
            save=[
                context.store.read(deposit.deposit_id, DepositState.REJECTED, [item], context.at),
                *context.store.freed(found.get("mark"), DepositState.REJECTED),
                *await reopened(found, reading.findings, context),
            ],
            tell=[] if deposit.parent else [refused(deposit, item)],
        )
    if reading.format in PAGES:
        return Change(
            save=[context.store.read(deposit.deposit_id, item["state"], [item], context.at)]
        )
    return Change(
        save=[context.store.read(deposit.deposit_id, DepositState.READING, [item], context.at)],
        tell=[invoice_read(deposit, reading)],
    )


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
