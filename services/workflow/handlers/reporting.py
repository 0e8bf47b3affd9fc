"""Statuses that a body's own system reports in a file: all recorded at once, each by its rights."""

from dataclasses import dataclass, field, replace

from services.workflow.adapters import Adapters
from services.workflow.domain.policy import policy
from services.workflow.domain.record import Record
from services.workflow.domain.reporting import ambiguous, meant, refusal, reported, unknown
from services.workflow.store import Store
from services.workflow.store.changes import Moved, change
from shared.contracts.message import Message
from shared.contracts.reported import ReportedStatus, StatusesReported, StatusesTaken, TakenStatus
from shared.errors import Problem
from shared.mongo import Write
from shared.outbox import Change, Public
from shared.service import Context

Here = Context[Store, Adapters]


@dataclass
class _File:
    """What a file has done so far to the invoices that it names."""

    told: StatusesReported
    ctx: Here
    was: dict[str, Record] = field(default_factory=dict)
    now: dict[str, Record] = field(default_factory=dict)

    async def take(self, said: ReportedStatus) -> TakenStatus:
        """Record one status, or say why not."""
        known = await self.ctx.store.numbered(self.told.realm, said.number)
        found = [record for record in known if meant(record, said, self.told.depositor)]
        if len(found) != 1:
            return TakenStatus(findings=(ambiguous(said) if found else unknown(said),))
        record = self.now.get(found[0].id, found[0])
        body = await self.ctx.store.known(record.buyer)
        corrections = self.ctx.adapters.corrections
        rule = policy(self.ctx.at.date(), corrections, body.structure if body else None)
        try:
            after = reported(record, said, rule, self.told.depositor.subject, self.ctx.at)
        except Problem as problem:
            return TakenStatus(invoice_id=record.id, findings=refusal(problem))
        self.was.setdefault(record.id, found[0])
        self.now[record.id] = after
        return TakenStatus(invoice_id=record.id)


async def take_statuses(told: StatusesReported, ctx: Here) -> Change:
    """Each status of a file becomes a move; what one of them lacks hinders no other."""
    file = _File(told, ctx)
    items = tuple([await file.take(said) for said in told.statuses])
    save: list[Write] = []
    tell: list[Message | Public] = []
    for id, now in file.now.items():
        was = file.was[id]
        if len(now.steps) > len(was.steps):  # several steps are one change
            once = replace(now, version=was.version + 1)
            made = await change(ctx.store, Moved(once, was))
            save, tell = [*save, *made.save], [*tell, *made.tell]
    return Change(
        save, [*tell, StatusesTaken(deposit_id=told.deposit_id, realm=told.realm, items=items)]
    )
