"""Files that complete a suspended invoice: add one, then name it when completing."""

from dataclasses import replace

from services.workflow.api.edge import Doors, found, fresh, roles
from services.workflow.api.uploads import download, uploaded
from services.workflow.domain.enclosures import faults, media_type
from services.workflow.domain.lifecycle import Move, allowed
from services.workflow.domain.record import Record
from services.workflow.store.changes import Moved, change
from shared.contracts.workflow import AttachmentView
from shared.errors import Conflict, Invalid, NotFound
from shared.files import sha256
from shared.outbox import Change
from shared.web import Answer, Route


async def post_attachment(call: Doors) -> Answer:
    """Add a file to a suspended invoice; the buyer sees it when the seller completes."""
    record = await found(call)
    if not any(row.action == "complete" for row in _rows(call, record)):
        raise Conflict(
            f"Une pièce s'ajoute à une facture suspendue ; celle-ci est « {record.status.label} ».",
            code="invalid-transition",
            status=record.status.value,
        )
    fresh(record, call.request.headers.get("If-Match"))
    name, data = await uploaded(call)
    added = AttachmentView(
        sha256=sha256(data),
        name=name,
        media_type=media_type(name),
        size=len(data),
        added_at=call.at,
    )
    known = next((a for a in record.attachments if a.sha256 == added.sha256), None)
    if known:
        return _added(record, known)
    if wrong := faults(name, len(data), len(record.attachments)):
        raise Invalid("Cette pièce ne peut pas être ajoutée.", errors=wrong)
    after = replace(record, attachments=(*record.attachments, added), version=record.version + 1)
    kept = await call.files.keep(data, added.sha256)
    made = await change(call.store, Moved(after, record, save=(kept,)))
    await call.commit(Change(made.save, made.tell))
    return _added(after, added)


def _rows(call: Doors, record: Record) -> list[Move]:
    return [
        row
        for role in roles(call, record)
        for row in allowed(record.status, role, record.circuit())
    ]


async def get_attachment(call: Doors) -> Answer:
    """A file that completes an invoice, as a download."""
    record = await found(call)
    name = call.path["sha256"]
    added = next((a for a in record.attachments if a.sha256 == name), None)
    if added is None:
        raise NotFound("Cette pièce n'existe pas.", code="file-not-found")
    return download(await call.files.get(name), name, added.name)


def _added(record: Record, added: AttachmentView) -> Answer:
    location = f"/v1/invoices/{record.id}/attachments/{added.sha256}"
    return Answer(added, headers={"Location": location, "ETag": f'"{record.version}"'})


ROUTES = (
    Route(
        "POST",
        "/v1/invoices/{id}/attachments",
        post_attachment,
        summary="Ajouter une pièce à une facture suspendue",
        scope="invoices:write",
        answer=AttachmentView,
        status=201,
        multipart=True,
    ),
    Route(
        "GET",
        "/v1/invoices/{id}/attachments/{sha256}",
        get_attachment,
        summary="Télécharger une pièce ajoutée",
        scope="invoices:read",
        media_type="application/octet-stream",
    ),
)
