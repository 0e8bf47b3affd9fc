"""Invoices and delays as they are stored: what is absent is not stored."""

from typing import Any

from pydantic import TypeAdapter

from services.workflow.domain.delays import Timer
from services.workflow.domain.record import Piece, Record
from services.workflow.store.listing import listed, relisted
from shared.contracts.finding import Finding
from shared.contracts.invoice import Header
from shared.contracts.workflow import AttachmentView, Done, Step
from shared.mongo import Document

STEPS = TypeAdapter(tuple[Step, ...])
DONE = TypeAdapter(tuple[Done, ...])
ATTACHMENTS = TypeAdapter(tuple[AttachmentView, ...])
FINDINGS = TypeAdapter(tuple[Finding, ...])
ALWAYS = ("stand_in",)
"""Of what may change, what is stored even when it is absent: a list of invoices asks for it."""


def document(record: Record) -> Document:
    """A new invoice."""
    stored: Document = {
        "_id": record.id,
        "realm": record.realm,
        "slot": record.slot,
        "seller": record.seller,
        "depositor": record.depositor,
        "deposit_id": record.deposit_id,
        "item": record.item,
        "sha256": record.sha256,
        "format": record.format,
        "received_at": record.received_at,
        "number": record.header.number,
        "header": record.header.model_dump_json(exclude_none=True),
        "status": record.status.value,
        "steps": [_step(step) for step in record.steps],
        "version": record.version,
        **{k: v for k, v in _changing(record).items() if v or k in ALWAYS},
        **{k: v for k, v in listed(record).items() if v or v == 0},
    }
    if record.header.buyer_reference:
        stored["department"] = record.header.buyer_reference
    if record.payment_days:
        stored["payment_days"] = record.payment_days
    if record.findings:
        stored["findings"] = [finding.model_dump(exclude_none=True) for finding in record.findings]
    return stored


def update(record: Record, was: Record) -> Document:
    """What became of an invoice since it was read."""
    changed: Document = {"status": record.status.value, "version": record.version}
    if record.header is not was.header:
        changed["header"] = record.header.model_dump_json(exclude_none=True)
        changed["department"] = record.header.buyer_reference
    before = _changing(was)
    changed |= {k: v for k, v in _changing(record).items() if v != before[k]}
    added = {
        "steps": [_step(step) for step in record.steps[len(was.steps) :]],
        "done": [done.model_dump() for done in record.done[len(was.done) :]],
        "attachments": [a.model_dump() for a in record.attachments[len(was.attachments) :]],
    }
    pushed = {name: {"$each": new} for name, new in added.items() if new}
    found, lost = relisted(record, was)
    changed |= found
    others = {"$push": pushed, "$unset": lost}
    return {"$set": changed, **{how: what for how, what in others.items() if what}}


def _changing(record: Record) -> Document:
    """The parties and the neighbours of an invoice, which a move may change."""
    piece = record.piece
    return {
        "buyer": record.buyer,
        "stand_in": record.stand_in,
        "readers": list(record.readers),
        "validators": list(record.validators),
        "project_manager": record.project_manager,
        "project_owner": record.project_owner,
        "understudy": record.understudy,
        "played": list(record.played),
        "replaces": record.replaces,
        "replaced_by": record.replaced_by,
        "piece": piece
        and {
            "number": piece.number,
            "preceding": piece.preceding,
            "following": piece.following,
            "since": piece.since,
        },
    }


def _step(step: Step) -> Document:
    """A step without what it lacks."""
    stored: Document = {
        "sequence": step.sequence,
        "status": step.status.value,
        "at": step.at,
        "by": step.by,
    }
    if step.previous:
        stored["previous"] = step.previous.value
    for name in ("actor", "reason", "reason_code", "mandate_number", "comment"):
        if said := getattr(step, name):
            stored[name] = said
    if step.corrections:
        stored["corrections"] = [correction.model_dump() for correction in step.corrections]
    if step.attachments:
        stored["attachments"] = list(step.attachments)
    return stored


def record(found: Document) -> Record:
    """An invoice as it was stored."""
    piece: dict[str, Any] | None = found.get("piece")
    return Record(
        id=found["_id"],
        realm=found["realm"],
        seller=found["seller"],
        buyer=found["buyer"],
        depositor=found["depositor"],
        stand_in=found["stand_in"],
        slot=found["slot"],
        deposit_id=found["deposit_id"],
        item=found["item"],
        sha256=found["sha256"],
        format=found["format"],
        received_at=found["received_at"],
        header=Header.model_validate_json(found["header"]),
        steps=STEPS.validate_python(found["steps"]),
        version=found["version"],
        validators=tuple(found.get("validators", ())),
        project_manager=found.get("project_manager"),
        project_owner=found.get("project_owner"),
        understudy=found.get("understudy"),
        played=tuple(found.get("played", ())),
        piece=Piece(**piece) if piece else None,
        payment_days=found.get("payment_days"),
        done=DONE.validate_python(found.get("done", ())),
        attachments=ATTACHMENTS.validate_python(found.get("attachments", ())),
        findings=FINDINGS.validate_python(found.get("findings", ())),
        chain=found.get("chain", ""),
        replaces=found.get("replaces"),
        replaced_by=found.get("replaced_by"),
    )


def timer_document(timer: Timer) -> Document:
    """A delay; its first lease ends when it is due."""
    return {
        "_id": timer.id,
        "invoice": timer.invoice_id,
        "sequence": timer.sequence,
        "days": timer.days,
        "due": timer.due,
        "lease": timer.due,
    }


def timer(found: Document) -> Timer:
    """A delay as it was stored."""
    return Timer(found["_id"], found["invoice"], found["sequence"], found["days"], found["due"])
