"""From a file to an invoice that workflow can route, and back to the report of its deposit."""

from typing import Any

from services.ingest.adapters import Adapters
from services.ingest.domain.deposit import state_of
from services.ingest.formats.reading import Document, Reading
from services.ingest.store import Store
from shared.context import Context
from shared.contracts.ingest import (
    DepositReceived,
    DepositRefused,
    DepositState,
    InvoiceRead,
    RefusedItem,
)
from shared.contracts.message import Depositor
from shared.contracts.workflow import InvoiceOpened, InvoiceRefused
from shared.errors import NotFound
from shared.outbox import Change
from shared.service import on

PAGES = {"pdf_text", "pdf_ocr"}
"""Formats whose fields a person confirms before they count."""


Surroundings = Context[Store, Adapters]


async def read_deposit(deposit: DepositReceived, context: Surroundings) -> Change:
    """A file becomes an invoice, fields to confirm, or a refusal."""
    data = await context.files.get(deposit.sha256)
    reading = await context.adapters.workers.read(Document(deposit.filename, data))
    item = item_of(reading)
    if item["state"] == DepositState.REJECTED:
        found = await context.store.standing(deposit.deposit_id)
        return Change(
            save=[
                context.store.read(deposit.deposit_id, DepositState.REJECTED, [item]),
                *context.store.freed((found or {}).get("mark"), DepositState.REJECTED),
            ],
            tell=[_refused(deposit, item)],
        )
    if reading.format in PAGES:
        return Change(save=[context.store.read(deposit.deposit_id, item["state"], [item])])
    return Change(
        save=[context.store.read(deposit.deposit_id, DepositState.READING, [item])],
        tell=[invoice_read(deposit, reading)],
    )


async def integrate(opened: InvoiceOpened, context: Surroundings) -> Change:
    """Workflow took the invoice: its item is integrated."""
    done = {"state": DepositState.INTEGRATED, "invoice_id": opened.invoice_id}
    return await _settle(opened.deposit_id, opened.item, done, context)


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
    return Change(change.save, [_refused(_deposit_of(whole), item)])


async def _settle(
    deposit_id: str, item: int, changes: dict[str, Any], context: Surroundings
) -> Change:
    standing = await context.store.standing(deposit_id)
    if standing is None:
        raise NotFound("no such deposit", deposit_id=deposit_id)
    states = [DepositState(other["state"]) for other in standing["items"]]
    states[item] = changes["state"]
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
            mode="json", exclude={"lines", "attachments"}, exclude_none=True
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


def _refused(deposit: DepositReceived, item: dict[str, Any]) -> DepositRefused:
    header = item.get("header") or {}
    return DepositRefused(
        deposit_id=deposit.deposit_id,
        realm=deposit.realm,
        depositor=deposit.depositor,
        filename=deposit.filename,
        received_at=deposit.received_at,
        refused=(
            RefusedItem(
                number=header.get("number"),
                seller=(header.get("seller") or {}).get("name"),
                buyer=(header.get("buyer") or {}).get("name"),
                total_with_vat=(header.get("totals") or {}).get("with_vat"),
                currency=header.get("currency"),
                findings=item["findings"],
            ),
        ),
    )


LISTENS = (
    on(DepositReceived, read_deposit, batch=100, prefetch=4),
    on(InvoiceOpened, integrate),
    on(InvoiceRefused, refuse),
)
