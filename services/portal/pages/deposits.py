"""Handing files in: the drop zone, the steps while a file is read, and the receipt."""

import asyncio
import json
from collections.abc import AsyncIterator

from aiohttp import BodyPartReader

from services.portal.domain import progress
from services.portal.pages.forms import refuse_foreign
from services.portal.pages.frame import PageCall, Visitor, get, go, headers, page, post, visitor
from services.portal.pages.frame import source as source_of
from services.portal.pages.reading import form_page
from shared.client import quoted
from shared.contracts.ingest import DepositAnswer, DepositState, DepositView
from shared.errors import BadRequest, Problem, TooLarge, Unsupported
from shared.web import Answer

MOST_FILES = 20
CHUNK = 262_144
FIRST_WAIT = "1.5"
"""Seconds that the first look at a deposit waits: a page of text is read by then."""
STREAM_SECONDS = 120.0
BEAT_SECONDS = 15.0


async def ask(call: PageCall) -> Answer:
    """The drop zone."""
    await visitor(call)
    return page(call, "drop.html", refused=())


async def hand_in(call: PageCall) -> Answer:
    """Send each file on as it arrives; one leads to its form, several to their list."""
    who = await visitor(call)
    refuse_foreign(call)
    if not call.request.content_type.startswith("multipart/"):
        raise Unsupported("Un envoi de fichiers est attendu.")
    taken: list[str] = []
    refused: list[tuple[str, Problem]] = []
    reader = await call.request.multipart()
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader) or part.name != "file" or not part.filename:
            continue
        if len(taken) + len(refused) >= MOST_FILES:
            raise TooLarge(f"{MOST_FILES} fichiers au plus par envoi ; le reste n'est pas pris.")
        try:
            taken.append(await _one(who, part))
        except Problem as problem:
            refused.append((part.filename, problem))
            while await part.read_chunk(CHUNK):
                pass
    if not taken and not refused:
        raise BadRequest("Choisissez un fichier.", code="file-missing")
    if refused:
        return page(call, "drop.html", refused[0][1].status, refused=refused, taken=taken)
    if len(taken) == 1:
        return go(call, f"/depot/{quoted(taken[0])}")
    return go(call, "/depot/lot?" + "&".join(f"d={quoted(id)}" for id in taken))


async def _one(who: Visitor, part: BodyPartReader) -> str:
    async def content() -> AsyncIterator[bytes]:
        while chunk := await part.read_chunk(CHUNK):
            yield chunk

    native = who.call.adapters.native
    answer = await native.hand_in(
        DepositAnswer,
        "/v1/deposits",
        part.filename or "facture.pdf",
        content(),
        token=who.token,
        source=source_of(who.call),
    )
    return answer.id


async def several(call: PageCall) -> Answer:
    """The files of one drop, each with how it stands."""
    who = await visitor(call)
    ids = call.request.query.getall("d", [])[:MOST_FILES]
    found = await asyncio.gather(*(deposit(who, id) for id in ids), return_exceptions=True)
    shown = [one for one in found if isinstance(one, DepositView)]
    return page(call, "batch.html", deposits=shown, lost=len(ids) - len(shown))


async def deposit(who: Visitor, id: str, wait: str | None = None) -> DepositView:
    """A deposit of the visitor's."""
    query = {"wait": wait} if wait else None
    return await who.ask(DepositView, f"/v1/deposits/{quoted(id)}", query=query)


async def show(call: PageCall) -> Answer:
    """Where a deposit stands: its steps, the form to confirm, or what became of it."""
    who = await visitor(call)
    found = await deposit(who, call.path["id"], FIRST_WAIT)
    if found.state is DepositState.AWAITING_CONFIRMATION:
        return await form_page(who, found)
    if not found.state.final:
        return page(call, "steps.html", deposit=found, steps=progress.steps(found))
    return page(call, "receipt.html", deposit=found)


async def follow(call: PageCall) -> Answer:
    """The steps of a deposit as they happen (SSE); ends when nothing more happens by itself."""
    who = await visitor(call)
    first = await deposit(who, call.path["id"])
    stream = headers(call) | {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Answer(_told(who, first), headers=stream, media_type="text/event-stream")


async def _told(who: Visitor, found: DepositView) -> AsyncIterator[bytes]:
    clock = asyncio.get_running_loop().time
    started = beaten = clock()
    pause, last = 0.2, ""
    while True:
        said = json.dumps([step.state for step in progress.steps(found)])
        if said != last:
            last = said
            yield f"event: steps\ndata: {said}\n\n".encode()
        if found.state.final:
            yield b"event: done\ndata: {}\n\n"
            return
        if clock() - started > STREAM_SECONDS:
            return
        if clock() - beaten > BEAT_SECONDS:
            beaten = clock()
            yield b": still here\n\n"
        await asyncio.sleep(pause)
        pause = min(pause * 1.3, 1.0)
        try:
            found = await deposit(who, found.id)
        except Problem:
            pause = 3.0


async def certificate(call: PageCall) -> Answer:
    """The signed certificate of a deposit, as a page to print."""
    who = await visitor(call)
    came = await call.adapters.native.fetch(
        f"/v1/deposits/{quoted(call.path['id'])}/certificate",
        token=who.token,
        source={"Accept": "application/pdf"},
    )
    boxed = {"Content-Security-Policy": "sandbox; default-src 'none'"}
    passed = {"Content-Disposition": came.headers.get("Content-Disposition", "attachment")}
    more = headers(call) | boxed | passed
    return Answer(came.body, headers=more, media_type="application/pdf")


ROUTES = (
    get("/depot", ask, "Déposer des factures"),
    post("/depot", hand_in, "Déposer des factures"),
    get("/depot/lot", several, "Les fichiers d'un envoi"),
    get("/depot/{id}", show, "Un dépôt"),
    get("/depot/{id}/certificat", certificate, "Le certificat d'un dépôt"),
    get("/depot/{id}/etapes", follow, "Les étapes d'un dépôt, en direct"),
)
