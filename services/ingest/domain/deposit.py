"""How a deposit stands, from how its items stand; and the proof that it was handed in."""

import base64
import hashlib
import json
from collections.abc import Iterable
from typing import Any

from shared.contracts.ingest import Certificate, DepositItem, DepositReceived, DepositState

PAGES = {"pdf_text", "pdf_ocr"}
"""Formats whose fields a person confirms before they count."""
Done = {DepositState.INTEGRATED, DepositState.REJECTED}


def state_of(items: Iterable[DepositState]) -> DepositState:
    """The state of a deposit whose items are in these states."""
    states = set(items)
    if DepositState.AWAITING_CONFIRMATION in states:
        return DepositState.AWAITING_CONFIRMATION
    if not states or not states <= Done:
        return DepositState.READING
    return states.pop() if len(states) == 1 else DepositState.PARTLY_INTEGRATED


def certified(deposit: DepositReceived) -> Certificate:
    """The certificate of a deposit; its number is the SHA-256 of what it certifies, in base64.

    The hashed text is the JSON object of the other fields, keys sorted, no spaces, time in ISO
    8601.
    """
    facts = {
        "deposit_id": deposit.deposit_id,
        "depositor": deposit.depositor.subject,
        "filename": deposit.filename,
        "received_at": deposit.received_at.isoformat(),
        "sha256": deposit.sha256,
        "size": deposit.size,
    }
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    number = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Certificate.model_validate({**facts, "number": number})


def file_view(file: dict[str, Any]) -> DepositItem:
    """A file of an archive, as it is shown."""
    item = file["items"][0] if file["items"] else {"state": file["state"]}
    return item_view(item).model_copy(
        update={"deposit_id": file["_id"], "filename": file["filename"]}
    )


def item_view(item: dict[str, Any]) -> DepositItem:
    """An item of a deposit, as it is shown."""
    header = item.get("header") or {}
    totals = header.get("totals") or {}
    read = {name: item[name] for name in ("format", "fields", "doubts", "findings") if name in item}
    return DepositItem(
        state=item["state"],
        number=header.get("number"),
        seller=(header.get("seller") or {}).get("siret"),
        buyer=(header.get("buyer") or {}).get("siret"),
        issue_date=header.get("issue_date"),
        total_with_vat=totals.get("with_vat"),
        amount_due=totals.get("due"),
        invoice_id=item.get("invoice_id") or item.get("about"),
        status=item.get("status"),
        **read,
    )
