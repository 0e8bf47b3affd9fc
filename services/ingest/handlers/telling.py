"""What is told of deposits that were refused."""

from typing import Any

from services.ingest.adapters import Adapters
from services.ingest.store import Store
from shared.context import Context
from shared.contracts.ingest import DepositReceived, DepositRefused, RefusedItem
from shared.contracts.message import Depositor

Surroundings = Context[Store, Adapters]


def deposit_of(whole: dict[str, Any]) -> DepositReceived:
    """The fact that a stored deposit began with."""
    return DepositReceived(
        deposit_id=whole["_id"],
        realm=whole["realm"],
        depositor=Depositor.model_validate(whole["depositor"]),
        sha256=whole["sha256"],
        size=whole["size"],
        filename=whole["filename"],
        received_at=whole["received_at"],
    )


def refused(deposit: DepositReceived, *items: dict[str, Any]) -> DepositRefused:
    """That these items of a deposit were refused, and why."""
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
