"""The form beside the page: what was read, corrections, the confirmation, the receipt."""

import asyncio
import json

from services.portal.domain import blocks
from services.portal.domain.totals import difference
from services.portal.pages.forms import fields as posted
from services.portal.pages.forms import form
from services.portal.pages.frame import PageCall, Visitor, get, go, headers, page, post, visitor
from services.portal.pages.recipient import recipient
from shared.client import quoted
from shared.contracts.finding import Finding
from shared.contracts.ingest import (
    Confirmation,
    ConfirmationView,
    DepositView,
    PageView,
)
from shared.errors import Conflict, Invalid, Problem
from shared.web import Answer

MOST_PAGES = 3
"""Pages that are recognised, and so shown beside the form."""


async def form_page(
    who: Visitor, deposit: DepositView, status: int = 200, refused: tuple[Finding, ...] = ()
) -> Answer:
    """The form of a page that awaits its confirmation."""
    here = f"/v1/deposits/{quoted(deposit.id)}"
    view = await who.ask(ConfirmationView, f"{here}/fields")
    sheets, (buyer, budgets) = await asyncio.gather(
        _sheets(who, here), recipient(who, view.fields.get("buyer_siret"))
    )
    read = deposit.items[0].fields
    rows = {
        name: blocks.reading(name, view.fields.get(name), read.get(name), name in view.typed)
        for name in (*blocks.ROWS, *blocks.LISTS)
    }
    found = refused or view.findings
    return page(
        who.call,
        "form.html",
        status,
        deposit=deposit,
        values=blocks.filled(view.fields),
        rows=rows,
        blocks=blocks.BLOCKS,
        sheets=sheets,
        buyer=buyer,
        budgets=budgets,
        faults=[f for f in found if f.blocks] if status != 200 else [],
        doubts=deposit.items[0].doubts,
        checks=[f for f in found if f.severity != "info"],
        gap=difference(view.fields),
        draft=None,
    )


async def _sheets(who: Visitor, here: str) -> list[PageView]:
    """The first pages, when there is a picture of them."""
    try:
        first = await who.ask(PageView, f"{here}/pages/1")
        more = range(2, min(first.count, MOST_PAGES) + 1)
        others = (who.ask(PageView, f"{here}/pages/{n}") for n in more)
        return [first, *await asyncio.gather(*others)]
    except Problem:
        return []


async def _saved(who: Visitor, id: str, given: list[tuple[str, str]]) -> ConfirmationView:
    """Keep what is other than what is known."""
    here = f"/v1/deposits/{quoted(id)}/fields"
    known = await who.ask(ConfirmationView, here)
    changed = blocks.changes(blocks.typed(given), known.fields)
    if not changed:
        return known
    return await who.ask(ConfirmationView, here, method="PATCH", body=Confirmation(fields=changed))


async def save(call: PageCall) -> Answer:
    """Keep the form as a draft, or go on to its confirmation when nothing is wrong."""
    who = await visitor(call)
    given = await posted(call)
    id = call.path["id"]
    view = await _saved(who, id, given)
    if dict(given).get("action") != "send":
        return go(call, f"/depot/{quoted(id)}?fait=enregistre")
    if view.ready:
        return go(call, f"/depot/{quoted(id)}/envoi")
    deposit = await who.ask(DepositView, f"/v1/deposits/{quoted(id)}")
    return await form_page(who, deposit, 422)


async def autosave(call: PageCall) -> Answer:
    """The same for a script, a moment after each change: what is kept, and what is wrong."""
    who = await visitor(call)
    view = await _saved(who, call.path["id"], await posted(call))
    return Answer(checked(call, view.findings, view.ready), headers=headers(call))


def checked(call: PageCall, findings: tuple[Finding, ...], ready: bool, version: int = 0) -> str:
    """What a script shows of a form that was kept."""
    shown = [
        {"at": f.pointer, "severity": f.severity, "message": f.message, "hint": f.hint}
        for f in findings
        if f.pointer and f.severity != "info"
    ]
    return json.dumps({"findings": shown, "ready": ready, "version": version})


async def ask_send(call: PageCall) -> Answer:
    """What will be sent, before it is."""
    who = await visitor(call)
    id = quoted(call.path["id"])
    try:
        view = await who.ask(ConfirmationView, f"/v1/deposits/{id}/fields")
    except Conflict:
        return go(call, f"/depot/{id}")
    if not view.ready:
        return go(call, f"/depot/{id}")
    buyer, _ = await recipient(who, view.fields.get("buyer_siret"))
    return page(
        call,
        "confirm.html",
        values=blocks.filled(view.fields),
        buyer=buyer,
        warnings=[f for f in view.findings if f.severity == "warning"],
        back=f"/depot/{id}",
    )


async def send(call: PageCall) -> Answer:
    """Confirm and send; a second press finds it sent."""
    who = await visitor(call)
    await form(call)
    id = quoted(call.path["id"])
    try:
        body = Confirmation(fields={})
        await who.ask(DepositView, f"/v1/deposits/{id}/confirm", method="POST", body=body)
    except Conflict:
        return go(call, f"/depot/{id}")
    except Invalid as problem:
        deposit = await who.ask(DepositView, f"/v1/deposits/{id}")
        return await form_page(who, deposit, 422, problem.errors)
    return go(call, f"/depot/{id}")


async def image(call: PageCall) -> Answer:
    """The picture of a page."""
    who = await visitor(call)
    id, number = quoted(call.path["id"]), quoted(call.path["number"])
    path = f"/v1/deposits/{id}/pages/{number}/image"
    came = await call.adapters.native.fetch(path, token=who.token)
    return Answer(came.body, headers=headers(call), media_type="image/png")


async def words(call: PageCall) -> Answer:
    """The words of a page, to be selected."""
    who = await visitor(call)
    id, number = quoted(call.path["id"]), quoted(call.path["number"])
    found = await who.ask(PageView, f"/v1/deposits/{id}/pages/{number}")
    return Answer(found, headers=headers(call))


ROUTES = (
    post("/depot/{id}", save, "Enregistrer ou envoyer un dépôt"),
    post("/depot/{id}/brouillon", autosave, "Enregistrer un dépôt pendant la saisie"),
    get("/depot/{id}/envoi", ask_send, "Confirmer un envoi"),
    post("/depot/{id}/envoi", send, "Confirmer et envoyer"),
    get("/depot/{id}/pages/{number}", image, "L'image d'une page"),
    get("/depot/{id}/mots/{number}", words, "Les mots d'une page"),
)
