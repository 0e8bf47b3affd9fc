"""How a deposit stands, from how its items stand; and the proof that it was handed in."""

import base64
import hashlib
import json
from collections.abc import Iterable
from datetime import datetime

from shared.contracts.ingest import Certificate, DepositState

Done = {DepositState.INTEGRATED, DepositState.REJECTED}


def state_of(items: Iterable[DepositState]) -> DepositState:
    """The state of a deposit whose items are in these states."""
    states = set(items)
    if DepositState.AWAITING_CONFIRMATION in states:
        return DepositState.AWAITING_CONFIRMATION
    if not states or not states <= Done:
        return DepositState.READING
    return states.pop() if len(states) == 1 else DepositState.PARTLY_INTEGRATED


def certificate(
    deposit_id: str, sha256: str, size: int, filename: str, depositor: str, received_at: datetime
) -> Certificate:
    """The certificate of a deposit; its number is the SHA-256 of what it certifies, in base64.

    The hashed text is the JSON object of the other fields, keys sorted, no spaces, time in ISO
    8601.
    """
    facts = {
        "deposit_id": deposit_id,
        "depositor": depositor,
        "filename": filename,
        "received_at": received_at.isoformat(),
        "sha256": sha256,
        "size": size,
    }
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    number = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Certificate(
        number=number,
        deposit_id=deposit_id,
        sha256=sha256,
        size=size,
        filename=filename,
        depositor=depositor,
        received_at=received_at,
    )
