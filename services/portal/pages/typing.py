"""An invoice without a file: typed by its sender, who gets a page and a Factur-X from it."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from aiohttp import BodyPartReader

from services.portal.domain import blocks
from services.portal.domain.totals import difference, totals
from services.portal.pages.forms import fields as posted
from services.portal.pages.forms import form, refuse_foreign
from services.portal.pages.frame import PageCall, Visitor, get, go, headers, page, post, visitor
from services.portal.pages.frame import source as source_of
from services.portal.pages.reading import checked
from services.portal.pages.recipient import recipient
from shared.client import quoted
from shared.contracts.drafts import DraftRequest, DraftSheet, DraftState, DraftView
from shared.contracts.finding import Finding
from shared.contracts.ingest import DepositAnswer
from shared.contracts.structures import StructureView
from shared.errors import BadRequest, Invalid, Outdated, Problem, Unsupported
from shared.web import Answer

CHUNK = 262_144


async def begin(call: PageCall) -> Answer:
    """What typing is for, and the button that begins a draft."""
    await visitor(call)
    return page(call, "begin.html", copied=call.request.query.get("de", ""))


async def create(call: PageCall) -> Answer:
    """A new draft, empty or like an invoice that was sent before."""
    who = await visitor(call)
    given = await form(call)
    fields: dict[str, Any] = dict(blocks.DEFAULTS)
    fields |= {"issue_date": call.at.date().isoformat(), **await _own_sheet(who)}
    asked = DraftRequest(from_invoice=given.get("copied") or None, fields=fields)
    made = await who.ask(DraftView, "/v1/drafts", method="POST", body=asked)
    return go(call, f"/saisie/{quoted(made.id)}")


async def _own_sheet(who: Visitor) -> dict[str, Any]:
    """What the directory says of who sells, so that nobody types it."""
    grant = next((g for g in who.me.grants if g.spaces.get("issued_invoices") == "write"), None)
    if grant is None:
        return {}
    identifier = grant.structure.split("/", 2)[2]
    try:
        sheet = await who.ask(StructureView, f"/v1/structures/{quoted(identifier)}")
    except Problem:
        return {}
    said = {"seller_name": sheet.name, "seller_vat_number": sheet.vat_number}
    place = {
        "seller_address": sheet.address,
        "seller_postcode": sheet.postcode,
        "seller_city": sheet.city,
    }
    return {name: value for name, value in (said | place).items() if value}


async def show(call: PageCall) -> Answer:
    """The draft, as it was left."""
    who = await visitor(call)
    draft = await _draft(who, call.path["id"])
    if draft.state is DraftState.SENT:
        return go(call, f"/depot/{quoted(draft.deposit_id or '')}")
    return await _form(who, draft)


async def _draft(who: Visitor, id: str) -> DraftView:
    return await who.ask(DraftView, f"/v1/drafts/{quoted(id)}")


async def _form(
    who: Visitor, draft: DraftView, status: int = 200, refused: tuple[Finding, ...] = ()
) -> Answer:
    buyer, budgets = await recipient(who, draft.fields.get("buyer_siret"))
    found = refused or draft.findings
    return page(
        who.call,
        "form.html",
        status,
        deposit=None,
        draft=draft,
        values=blocks.filled(draft.fields),
        rows={
            name: blocks.reading(name, draft.fields.get(name), None, False)
            for name in (*blocks.ROWS, *blocks.LISTS)
        },
        blocks=blocks.BLOCKS,
        sheets=[],
        buyer=buyer,
        budgets=budgets,
        faults=[f for f in found if f.blocks] if status != 200 else [],
        doubts=(),
        checks=found,
        gap=difference(draft.fields),
    )


async def _saved(
    who: Visitor, id: str, given: list[tuple[str, str]], more: Mapping[str, Any] | None = None
) -> DraftView:
    """Keep what was typed; what somebody else saved meanwhile is not overwritten unseen."""
    fields = blocks.typed(given) | dict(more or {})
    version = dict(given).get("version", "")
    match = {"If-Match": f'"{version}"' if version.isdecimal() else "*"}
    path = f"/v1/drafts/{quoted(id)}"
    body = DraftSheet(fields=fields)
    return await who.ask(DraftView, path, method="PATCH", body=body, headers=match)


async def save(call: PageCall) -> Answer:
    """Keep the draft, add its lines up, or go on to its confirmation."""
    who = await visitor(call)
    given = await posted(call)
    id, action = call.path["id"], dict(given).get("action")
    more = None
    if action == "compute":
        more = totals(blocks.typed(given).get("lines") or [])
    try:
        draft = await _saved(who, id, given, more)
    except Outdated as problem:
        return await _form(who, await _draft(who, id), 412, problem.errors)
    if action == "send" and draft.ready:
        return go(call, f"/saisie/{quoted(id)}/envoi")
    if action == "send":
        return await _form(who, draft, 422)
    return go(call, f"/saisie/{quoted(id)}?fait=enregistre")


async def autosave(call: PageCall) -> Answer:
    """The same for a script, a moment after each change."""
    who = await visitor(call)
    draft = await _saved(who, call.path["id"], await posted(call))
    said = checked(call, draft.findings, draft.ready, draft.version)
    return Answer(said, headers=headers(call))


async def ask_send(call: PageCall) -> Answer:
    """What will be sent, before it is."""
    who = await visitor(call)
    draft = await _draft(who, call.path["id"])
    back = f"/saisie/{quoted(draft.id)}"
    if not draft.ready:
        return go(call, back)
    buyer, _ = await recipient(who, draft.fields.get("buyer_siret"))
    warnings = [f for f in draft.findings if f.severity == "warning"]
    values = blocks.filled(draft.fields)
    return page(call, "confirm.html", values=values, buyer=buyer, warnings=warnings, back=back)


async def send(call: PageCall) -> Answer:
    """Send the draft; however often this is pressed, it is sent once."""
    who = await visitor(call)
    await form(call)
    id = quoted(call.path["id"])
    try:
        sent = await who.ask(DepositAnswer, f"/v1/drafts/{id}/send", method="POST")
    except Invalid as problem:
        return await _form(who, await _draft(who, id), 422, problem.errors)
    return go(call, f"/depot/{quoted(sent.id)}")


async def ask_drop(call: PageCall) -> Answer:
    """What dropping a draft loses."""
    who = await visitor(call)
    return page(call, "drop_draft.html", draft=await _draft(who, call.path["id"]))


async def drop(call: PageCall) -> Answer:
    """Drop the draft."""
    who = await visitor(call)
    await form(call)
    await who.tell("DELETE", f"/v1/drafts/{quoted(call.path['id'])}")
    return go(call, "/factures?fait=supprime")


async def attach(call: PageCall) -> Answer:
    """Add a supporting document."""
    who = await visitor(call)
    refuse_foreign(call)
    if not call.request.content_type.startswith("multipart/"):
        raise Unsupported("Un envoi de fichier est attendu.")
    reader = await call.request.multipart()
    while (part := await reader.next()) is not None:
        if isinstance(part, BodyPartReader) and part.name == "file" and part.filename:
            return await _attached(who, part)
    raise BadRequest("Choisissez un fichier.", code="file-missing")


async def _attached(who: Visitor, part: BodyPartReader) -> Answer:
    draft = await _draft(who, who.call.path["id"])

    async def content() -> AsyncIterator[bytes]:
        while chunk := await part.read_chunk(CHUNK):
            yield chunk

    await who.call.adapters.native.hand_in(
        DraftView,
        f"/v1/drafts/{quoted(draft.id)}/attachments",
        part.filename or "piece",
        content(),
        token=who.token,
        source={**source_of(who.call), "If-Match": f'"{draft.version}"'},
    )
    return go(who.call, f"/saisie/{quoted(draft.id)}?fait=enregistre#pieces")


async def detach(call: PageCall) -> Answer:
    """Take a supporting document off."""
    who = await visitor(call)
    await form(call)
    draft = await _draft(who, call.path["id"])
    path = f"/v1/drafts/{quoted(draft.id)}/attachments/{quoted(call.path['place'])}"
    await who.ask(DraftView, path, method="DELETE", headers={"If-Match": f'"{draft.version}"'})
    return go(call, f"/saisie/{quoted(draft.id)}?fait=supprime#pieces")


ROUTES = (
    get("/saisie", begin, "Saisir une facture"),
    post("/saisie", create, "Commencer un brouillon"),
    get("/saisie/{id}", show, "Un brouillon"),
    post("/saisie/{id}", save, "Enregistrer ou envoyer un brouillon"),
    post("/saisie/{id}/brouillon", autosave, "Enregistrer un brouillon pendant la saisie"),
    get("/saisie/{id}/envoi", ask_send, "Confirmer un envoi"),
    post("/saisie/{id}/envoi", send, "Confirmer et envoyer"),
    get("/saisie/{id}/suppression", ask_drop, "Supprimer un brouillon"),
    post("/saisie/{id}/suppression", drop, "Supprimer un brouillon"),
    post("/saisie/{id}/pieces", attach, "Joindre une pièce"),
    post("/saisie/{id}/pieces/{place}", detach, "Retirer une pièce"),
)
