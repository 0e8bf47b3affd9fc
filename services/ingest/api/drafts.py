"""Type an invoice: begin it, save it as it is, take it up again, drop it."""

from typing import Any

from pydantic import BaseModel, Field

from services.ingest.api.edge import Doors, issuing, key_of, readable
from services.ingest.api.entries import changeable, keep, name_of, owned, refuse_sent, shown
from services.ingest.domain.confirmation import typed
from services.ingest.domain.deposit import PAGES
from services.ingest.domain.entry import begun, changed, copied, known
from services.ingest.formats.reading import Document
from shared.contracts.drafts import (
    DraftItem,
    DraftPage,
    DraftRequest,
    DraftSheet,
    DraftState,
    DraftView,
)
from shared.contracts.invoice import Header, Invoice
from shared.contracts.message import Depositor
from shared.errors import Forbidden, Invalid
from shared.outbox import Change
from shared.web import Answer, Route


class Page(BaseModel):
    """A part of the list."""

    limit: int = Field(default=50, ge=1, le=100)
    cursor: str | None = Field(default=None, max_length=64)


async def post_draft(call: Doors) -> Answer:
    """Begin a draft: empty, with fields, or a copy; it is numbered « Provisoire » until it is sent.

    Unknown names of fields are refused, values are not: what is wrong with them is listed in
    `findings` at every answer, and only sending refuses. A copy leaves out the number and the
    dates, which belong to one invoice alone. The seller's SIRET is filled in.
    """
    who, asked = call.who, call.body
    issuers = issuing(who)
    if asked.structure is not None and asked.structure not in issuers:
        raise Forbidden("Vous n'émettez pas de factures pour cette structure.", code="no-space")
    author = Depositor(
        subject=who.subject,
        structure=asked.structure or next(iter(issuers), None),
        structures=issuers,
        email=who.email,
    )
    fields = {**_of_seller(author), **await _taken(call, asked), **_checked(asked.fields)}
    entry = begun(call.new_id(), who.realm, author, fields, call.at)
    key = key_of(call.request.headers.get("Idempotency-Key"))
    once = key and f"draft:{who.realm}:{author.structure or who.subject}:key:{key}"
    change = Change([call.store.drafts.new(entry)], once=once, value={"draft_id": entry.id})
    headers = {}
    if not await call.commit(change):
        kept = await call.kept(once or "")
        entry = await owned(call, (kept or {}).get("draft_id", ""), "issue")
        headers = {"Idempotency-Replayed": "true"}
    return await shown(call, entry, 201, {"Location": f"/v1/drafts/{entry.id}", **headers})


def _of_seller(author: Depositor) -> dict[str, Any]:
    _, kind, identifier = (author.structure or "//").split("/", 2)
    return {"seller_siret": identifier} if kind == "siret" else {}


async def _taken(call: Doors, asked: DraftRequest) -> dict[str, Any]:
    """The fields of what is copied."""
    fields: dict[str, Any] = {}
    if asked.from_draft is not None:
        fields |= (await owned(call, asked.from_draft, "read_issued")).fields
    if asked.from_invoice is not None:
        found = await readable(call, asked.from_invoice)
        header = Header.model_validate(found.item["header"])
        invoice = Invoice(**dict(header))
        if found.item["format"] not in PAGES:
            data = await call.files.get(found.deposit["sha256"])
            document = Document(found.deposit["filename"], data)
            whole = (await call.adapters.workers.read(document)).invoice
            invoice = whole.model_copy(update=dict(header)) if whole else invoice
        fields |= typed(invoice)
    return copied(fields)


async def get_drafts(call: Doors) -> Answer:
    """Everything to resume, newest first: drafts, and deposits that await a confirmation.

    An item in the state `DRAFT` is taken up at `/v1/drafts/{id}`; one that is
    `AWAITING_CONFIRMATION` is a deposit, whose fields are at `/v1/deposits/{id}`.
    """
    who, query = call.who, call.query
    found = await call.store.drafts.to_resume(
        who.realm, who.subject, who.where("read_issued"), query.cursor, query.limit + 1
    )
    page = found[: query.limit]
    return Answer(
        DraftPage(
            items=tuple(_item(call, one) for one in page),
            next_cursor=page[-1]["_id"] if len(found) > len(page) else None,
        )
    )


def _item(call: Doors, found: dict[str, Any]) -> DraftItem:
    """One of the two kinds of document in the list."""
    state = DraftState(found["state"])
    if state is DraftState.DRAFT:
        return DraftItem(
            id=found["_id"],
            state=state,
            structure=found["structure"],
            invoice_number=found["number"],
            buyer=found["buyer"],
            total_with_vat=found["total"],
            changed_by=found["changed_by"],
            changed_at=found["changed_at"],
            expires_at=found["changed_at"] + call.adapters.drafts.life,
            links={"self": f"/v1/drafts/{found['_id']}"},
        )
    header = next((item.get("header") for item in found["items"]), None) or {}
    here = f"/v1/deposits/{found['_id']}"
    return DraftItem(
        id=found["_id"],
        state=state,
        structure=found["structure"],
        invoice_number=header.get("number"),
        buyer=(header.get("buyer") or {}).get("name"),
        total_with_vat=(header.get("totals") or {}).get("with_vat"),
        filename=found["filename"],
        changed_by=found["depositor"].get("email") or found["depositor"]["subject"],
        changed_at=found["received_at"],
        links={"self": here, "confirm": f"{here}/confirm"},
    )


async def get_draft(call: Doors) -> Answer:
    """A draft as it was typed, with everything that would keep it from being sent now."""
    return await shown(call, await owned(call, call.path["id"], "read_issued"))


async def put_draft(call: Doors) -> Answer:
    """Save all fields of a draft in place of those it had; needs `If-Match`.

    When somebody else saved it meanwhile the answer is 412, and `errors` names each field that
    changed, with its present value.
    """
    return await _saved(call, whole=True)


async def patch_draft(call: Doors) -> Answer:
    """Save some fields of a draft and leave the others; null empties one; needs `If-Match`."""
    return await _saved(call, whole=False)


async def _saved(call: Doors, *, whole: bool) -> Answer:
    entry = await changeable(call, call.request.headers.get("If-Match"))
    sheet: DraftSheet = call.body
    fields = {**({} if whole else entry.fields), **_checked(sheet.fields)}
    new = changed(entry, fields, name_of(call), call.at)
    await keep(call, entry, Change([call.store.drafts.changed(new, entry.version)]))
    return await shown(call, new)


async def delete_draft(call: Doors) -> Answer:
    """Drop a draft for good."""
    entry = await owned(call, call.path["id"], "issue")
    refuse_sent(entry)
    await keep(call, entry, Change(call.store.drafts.gone(entry)))
    return Answer(status=204)


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    if faults := known(fields):
        raise Invalid("Des champs n'existent pas; chacun est nommé.", errors=faults)
    return fields


ROUTES = (
    Route(
        "POST",
        "/v1/drafts",
        post_draft,
        summary="Commencer une facture",
        scope="invoices:write",
        answer=DraftView,
        status=201,
        body=DraftRequest,
    ),
    Route(
        "GET",
        "/v1/drafts",
        get_drafts,
        summary="Lister ce qui reste à envoyer",
        scope="invoices:read",
        answer=DraftPage,
        query=Page,
    ),
    Route(
        "GET",
        "/v1/drafts/{id}",
        get_draft,
        summary="Reprendre un brouillon",
        scope="invoices:read",
        answer=DraftView,
    ),
    Route(
        "PUT",
        "/v1/drafts/{id}",
        put_draft,
        summary="Enregistrer un brouillon",
        scope="invoices:write",
        answer=DraftView,
        body=DraftSheet,
    ),
    Route(
        "PATCH",
        "/v1/drafts/{id}",
        patch_draft,
        summary="Enregistrer des champs d'un brouillon",
        scope="invoices:write",
        answer=DraftView,
        body=DraftSheet,
    ),
    Route(
        "DELETE",
        "/v1/drafts/{id}",
        delete_draft,
        summary="Supprimer un brouillon",
        scope="invoices:write",
        status=204,
    ),
)
