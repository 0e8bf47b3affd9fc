"""One request for help: its thread, writing in it with files, closing it, taking charge of it."""

from collections.abc import Mapping, Sequence

from aiohttp import BodyPartReader
from pydantic import BaseModel, ValidationError

from services.portal.pages.assistance import REFUSED, faults_of
from services.portal.pages.files import download, field, hand_on, parts
from services.portal.pages.forms import form
from services.portal.pages.frame import PageCall, Visitor, get, go, page, post, visitor
from shared.client import quoted
from shared.contracts.finding import Finding
from shared.contracts.requests import RequestMessage, RequestMove, RequestView
from shared.errors import Invalid, TooLarge
from shared.web import Answer

MOST_FILES = 5


async def show(call: PageCall) -> Answer:
    """The thread."""
    return await _page(await visitor(call))


async def _page(
    who: Visitor, status: int = 200, faults: Sequence[Finding] = (), text: str = ""
) -> Answer:
    found = await who.ask(RequestView, _path(who.call))
    shown = {"item": found, "faults": faults, "text": text, "key": who.call.new_id()}
    return page(who.call, "thread.html", status, **shown)


def _path(call: PageCall) -> str:
    return f"/v1/requests/{quoted(call.path['id'])}"


async def reply(call: PageCall) -> Answer:
    """Write in the thread; its files go first, one after the other, as they arrive."""
    who = await visitor(call)
    given, files = dict[str, str](), list[str]()
    try:
        async for part in parts(call):
            if part.name != "file":
                given[part.name or ""] = await field(part)
            elif part.filename:
                if len(files) == MOST_FILES:
                    raise TooLarge(f"{MOST_FILES} pièces au plus par message.")
                files.append(await _added(who, part))
        wanted = {"text": given.get("text", ""), "attachments": tuple(files), **_side(given)}
        await _post(who, "messages", RequestMessage.model_validate(wanted), given)
    except ValidationError as error:
        return await _page(who, 422, faults_of(error), given.get("text", ""))
    except (*REFUSED, TooLarge) as problem:
        faults = problem.errors or (Finding(code=problem.code, message=problem.detail),)
        return await _page(who, problem.status, faults, given.get("text", ""))
    return go(call, f"/assistance/{quoted(call.path['id'])}?fait=envoye")


async def _added(who: Visitor, file: BodyPartReader) -> str:
    """The hash of a file that goes with a message; a refusal names the file."""
    try:
        added = await hand_on(who, f"{_path(who.call)}/attachments", file)
    except Invalid as problem:
        named = [fault.model_copy(update={"label": file.filename}) for fault in problem.errors]
        raise Invalid(problem.detail, code=problem.code, errors=named) from problem
    return added.sha256


async def act(call: PageCall) -> Answer:
    """Close the request or take it up again; of support: take charge of it, or release it."""
    who = await visitor(call)
    given = await form(call)
    wanted = {"action": given.get("action", ""), **_side(given)}
    wanted |= {"text": given["word"]} if given.get("word") else {}
    try:
        await _post(who, "moves", RequestMove.model_validate(wanted), given)
    except ValidationError as error:
        return await _page(who, 422, faults_of(error))
    except REFUSED as problem:
        faults = problem.errors or (Finding(code=problem.code, message=problem.detail),)
        return await _page(who, problem.status, faults)
    return go(call, f"/assistance/{quoted(call.path['id'])}?fait=enregistre")


def _side(given: Mapping[str, str]) -> dict[str, str]:
    return {"side": given["side"]} if given.get("side") else {}


async def _post(who: Visitor, rest: str, body: BaseModel, given: Mapping[str, str]) -> None:
    """The same form sent twice has one effect."""
    once = {"Idempotency-Key": given["key"]} if given.get("key") else {}
    path = f"{_path(who.call)}/{rest}"
    await who.ask(RequestView, path, method="POST", body=body, headers=once)


async def attachment(call: PageCall) -> Answer:
    """A file of the thread, as a download."""
    who = await visitor(call)
    return await download(who, f"{_path(call)}/attachments/{quoted(call.path['sha256'])}")


ROUTES = (
    get("/assistance/{id}", show, "Une demande d'assistance"),
    post("/assistance/{id}", reply, "Écrire dans une demande d'assistance"),
    post("/assistance/{id}/etat", act, "Clore, rouvrir ou prendre en charge une demande"),
    get("/assistance/{id}/pieces/{sha256}", attachment, "Une pièce d'une demande"),
)
