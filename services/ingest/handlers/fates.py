"""What workflow made of an invoice, back in the report of its deposit."""

from typing import Any

from services.ingest.domain.deposit import state_of
from services.ingest.handlers.drafts import reopened
from services.ingest.handlers.telling import Surroundings, deposit_of, refused
from shared.contracts.ingest import DepositState
from shared.contracts.workflow import InvoiceOpened, InvoiceReaddressed, InvoiceRefused
from shared.errors import NotFound
from shared.outbox import Change


async def integrate(opened: InvoiceOpened, context: Surroundings) -> Change:
    """Workflow took the invoice: its item is integrated."""
    done: dict[str, Any] = {"state": DepositState.INTEGRATED, "invoice_id": opened.invoice_id}
    standing = await _standing(opened.deposit_id, context)
    item = standing["items"][opened.item]
    if "invoice_id" not in item:
        kept = standing["certificate"]
        done["certified"] = await context.store.certificates.complete(kept, opened, context.at)
    if "sequence" not in item:  # a correction that was faster knows better
        done["readers"] = list(opened.readers)
    return await _settle(opened.deposit_id, opened.item, done, context)


async def readdress(changed: InvoiceReaddressed, context: Surroundings) -> Change:
    """The seller corrected the address: others read the invoice now, and its documents say it."""
    item = (await _standing(changed.deposit_id, context))["items"][changed.item]
    if item.get("sequence", 0) >= changed.sequence:
        return Change()
    new = {
        "readers": list(changed.readers),
        "header": changed.header.model_dump(mode="json", exclude_none=True),
        "readdressed": True,
        "sequence": changed.sequence,
    }
    return await _settle(changed.deposit_id, changed.item, new, context)


async def _standing(deposit_id: str, context: Surroundings) -> dict[str, Any]:
    standing = await context.store.standing(deposit_id)
    if standing is None:
        raise NotFound("no such deposit", deposit_id=deposit_id)
    return standing


async def refuse(told: InvoiceRefused, context: Surroundings) -> Change:
    """Workflow could not route the invoice: its item is rejected, and its sender is told."""
    whole = await context.store.deposit(told.deposit_id)
    if whole is None:
        raise NotFound("no such deposit", deposit_id=told.deposit_id)
    findings = [finding.model_dump(mode="json") for finding in told.findings]
    item = {**whole["items"][told.item], "findings": findings}
    change = await _settle(
        told.deposit_id,
        told.item,
        {"state": DepositState.REJECTED, "findings": findings},
        context,
    )
    quiet = whole.get("parent") and not item.get("confirmed")
    save = [*change.save, *await reopened(whole, told.findings, context)]
    return Change(save, [] if quiet else [refused(deposit_of(whole), item)])


async def _settle(
    deposit_id: str, item: int, changes: dict[str, Any], context: Surroundings
) -> Change:
    standing = await _standing(deposit_id, context)
    states = [DepositState(other["state"]) for other in standing["items"]]
    states[item] = changes.get("state", states[item])
    return Change(context.store.settled(standing, state_of(states), item, changes, context.at))
