"""A file of statuses: each becomes an item of the report, and workflow says what became of it."""

from typing import Any

from services.ingest.domain.deposit import state_of
from services.ingest.formats.reading import Reading
from services.ingest.handlers.telling import Surroundings
from shared.contracts.ingest import DepositReceived, DepositState
from shared.contracts.reported import ReportedStatus, StatusesReported, StatusesTaken
from shared.errors import NotFound
from shared.outbox import Change


def report_statuses(deposit: DepositReceived, reading: Reading, context: Surroundings) -> Change:
    """Workflow hears what the file says; its items wait for the answer."""
    items = [_item(said, reading.format) for said in reading.statuses]
    fact = StatusesReported(
        deposit_id=deposit.deposit_id,
        realm=deposit.realm,
        depositor=deposit.depositor,
        received_at=deposit.received_at,
        statuses=tuple(reading.statuses),
    )
    state = DepositState.READING
    return Change([context.store.read(deposit.deposit_id, state, items, context.at)], [fact])


def _item(said: ReportedStatus, format: str) -> dict[str, Any]:
    header: dict[str, Any] = {"number": said.number}
    for side, identifier in (("seller", said.seller), ("buyer", said.buyer)):
        if identifier:
            header[side] = {"siret": identifier}
    if said.issue_date:
        header["issue_date"] = said.issue_date.isoformat()
    status = said.status.value if said.status else None
    return {"state": DepositState.READING, "format": format, "header": header, "status": status}


async def settle_statuses(taken: StatusesTaken, context: Surroundings) -> Change:
    """Each status was recorded or refused: the report of its file says so."""
    found = await context.store.deposit(taken.deposit_id)
    if found is None:
        raise NotFound("no such deposit", deposit_id=taken.deposit_id)
    items = []
    for item, became in zip(found["items"], taken.items, strict=True):
        refused = any(finding.blocks for finding in became.findings)
        item["state"] = DepositState.REJECTED if refused else DepositState.INTEGRATED
        item["findings"] = [finding.model_dump(mode="json") for finding in became.findings]
        items.append({**item, "about": became.invoice_id})
    state = state_of(item["state"] for item in items)
    return Change(context.store.reported(found, state, items, context.at))
