"""One invoice: where it stands, what comes next, its history, its documents, what can be done."""

import asyncio
from collections.abc import AsyncIterator, Sequence, Set

from pydantic import ValidationError

from services.portal.domain import moves as forms_of
from services.portal.domain.lanes import drawing
from services.portal.domain.words import status_words
from services.portal.pages.files import download, hand_on, parts
from services.portal.pages.forms import fields as posted
from services.portal.pages.frame import PageCall, Visitor, get, go, headers, page, post, visitor
from services.portal.pages.invoices import part as part_of
from shared.client import quoted
from shared.contracts.finding import Finding
from shared.contracts.ingest import DocumentKind
from shared.contracts.workflow import HistoryView, InvoiceView, MovePage
from shared.errors import BadRequest, Conflict, Invalid
from shared.web import Answer

PAUSE_SECONDS, LOOKS = 2.0, 60
DOCUMENTS = (
    (DocumentKind.READABLE, "Facture lisible (PDF)"),
    (DocumentKind.ORIGINAL, "Fichier déposé, à l'identique"),
    (DocumentKind.FACTURX, "Factur-X (PDF et données)"),
    (DocumentKind.UBL, "UBL 2.1 (XML)"),
    (DocumentKind.CII, "CII (XML)"),
    (DocumentKind.PIVOT, "Pivot Chorus Pro (XML)"),
    (DocumentKind.CERTIFICATE, "Certificat de dépôt"),
    (DocumentKind.ATTACHMENTS, "Pièces jointes (ZIP)"),
)


async def show(call: PageCall) -> Answer:
    """The invoice."""
    return await _page(await visitor(call))


async def _page(
    who: Visitor, status: int = 200, faults: Sequence[Finding] = (), tried: str = ""
) -> Answer:
    here = f"/v1/invoices/{quoted(who.call.path['id'])}"
    invoice = await who.ask(InvoiceView, here)
    history, moves = await asyncio.gather(
        part_of(who, HistoryView, f"{here}/history"), part_of(who, MovePage, f"{here}/moves")
    )
    mine = {grant.structure for grant in who.me.grants} | set(who.me.structures)
    shown = moves.items if isinstance(moves, MovePage) else ()
    return page(
        who.call,
        "invoice.html",
        status,
        item=invoice,
        words=status_words(invoice.status.code),
        history=history if isinstance(history, HistoryView) else None,
        drawing=drawing(history) if isinstance(history, HistoryView) else None,
        moves=[(move, forms_of.asked(move)) for move in shown],
        labels=forms_of.LABELS,
        target=f"/factures/{invoice.id}",
        chosen=(),
        tried=tried,
        silent=[one for one in (history, moves) if isinstance(one, Exception)],
        sells=invoice.seller in mine,
        space=_space(invoice, mine),
        documents=DOCUMENTS,
        faults=faults,
    )


def _space(invoice: InvoiceView, mine: Set[str]) -> str:
    """The space in which somebody with these structures finds an invoice."""
    if invoice.seller not in mine and invoice.buyer in mine:
        return "/recues"
    validates = invoice.seller not in mine and mine & set(invoice.validators)
    return "/a-valider" if validates else "/factures"


async def follow(call: PageCall) -> Answer:
    """Says when the invoice changes (SSE), so that its page shows it; ends after a while."""
    who = await visitor(call)
    seen = call.request.query.get("version", "")
    await who.ask(InvoiceView, f"/v1/invoices/{quoted(call.path['id'])}")
    stream = headers(call) | {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Answer(_changes(who, seen), headers=stream, media_type="text/event-stream")


async def _changes(who: Visitor, seen: str) -> AsyncIterator[bytes]:
    path = f"/v1/invoices/{quoted(who.call.path['id'])}"
    for beat in range(LOOKS):
        await asyncio.sleep(PAUSE_SECONDS)
        now = await part_of(who, InvoiceView, path)
        if isinstance(now, InvoiceView) and str(now.version) != seen:
            yield b"event: changed\ndata: {}\n\n"
            return
        if beat % 5 == 0:
            yield b": still here\n\n"


async def act(call: PageCall) -> Answer:
    """Do one of the things that can be done now."""
    who = await visitor(call)
    given = await posted(call)
    action = dict(given).get("action", "")
    path = f"/v1/invoices/{quoted(call.path['id'])}/moves"
    try:
        asked = forms_of.request(action, given)
        await who.tell("POST", path, asked)
    except ValidationError:
        fault = Finding(code="FORM", message="Un champ est trop long ou mal formé.")
        return await _page(who, 422, (fault,), action)
    except (Invalid, Conflict, BadRequest) as problem:
        faults = problem.errors or (Finding(code=problem.code, message=problem.detail),)
        at_fields = forms_of.at_fields(action, faults)
        return await _page(who, problem.status, at_fields, action)
    return go(call, f"/factures/{quoted(call.path['id'])}?fait=enregistre")


async def document(call: PageCall) -> Answer:
    """A document as a download."""
    who = await visitor(call)
    id, kind = quoted(call.path["id"]), quoted(call.path["kind"])
    return await download(who, f"/v1/invoices/{id}/documents/{kind}")


async def attachment(call: PageCall) -> Answer:
    """A file that was added, as a download."""
    who = await visitor(call)
    id, sha256 = quoted(call.path["id"]), quoted(call.path["sha256"])
    return await download(who, f"/v1/invoices/{id}/attachments/{sha256}")


async def attach(call: PageCall) -> Answer:
    """Add a file to a suspended invoice; the move that completes it names it."""
    who = await visitor(call)
    id = quoted(call.path["id"])
    async for part in parts(call):
        if part.name != "file" or not part.filename:
            continue
        try:
            await hand_on(who, f"/v1/invoices/{id}/attachments", part)
        except (Invalid, Conflict, BadRequest) as problem:
            faults = problem.errors or (Finding(code=problem.code, message=problem.detail),)
            return await _page(who, problem.status, faults)
        return go(call, f"/factures/{id}?fait=enregistre#agir")
    raise BadRequest("Choisissez un fichier.", code="file-missing")


ROUTES = (
    get("/factures/{id}", show, "Une facture"),
    get("/factures/{id}/direct", follow, "Les changements d'une facture, en direct"),
    post("/factures/{id}", act, "Agir sur une facture"),
    get("/factures/{id}/documents/{kind}", document, "Un document d'une facture"),
    post("/factures/{id}/pieces", attach, "Ajouter une pièce à une facture"),
    get("/factures/{id}/pieces/{sha256}", attachment, "Une pièce ajoutée"),
)
