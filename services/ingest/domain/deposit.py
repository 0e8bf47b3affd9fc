"""How a deposit stands, from how its items stand; and the proof that it was handed in."""

import base64
import hashlib
import json
from collections.abc import Iterable

from shared.contracts.ingest import Certificate, DepositReceived, DepositState

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
