"""Writing in a request for help: messages, files, closing, taking charge."""

from services.workflow.api.edge import Doors
from services.workflow.api.requests_edge import (
    SUPPORT,
    answer,
    etag,
    file_seen,
    mark,
    named,
    readable,
    writable,
)
from services.workflow.api.uploads import download, uploaded
from services.workflow.domain.enclosures import faults, media_type
from services.workflow.domain.requests import MOST_FILES, Entry, HeldFile, Request
from shared.contracts.requests import (
    RequestEvent,
    RequestMessage,
    RequestMove,
    RequestView,
    Side,
)
from shared.contracts.workflow import AttachmentView
from shared.errors import Conflict, Forbidden, Invalid
from shared.files import sha256
from shared.outbox import Change
from shared.web import Answer, Route


async def post_request_message(call: Doors) -> Answer:
    """Write to the other side, with files that were added before."""
    message: RequestMessage = call.body
    if done := await _repeated(call, message.model_dump_json()):
        return done
    request, side = await writable(call, message.side, _seen(call))
    files = tuple(file_seen(request, name, (side,)) for name in dict.fromkeys(message.attachments))
    entry = await _entry(call, request, "answered", side, message.text, files)
    return await _keep(call, request, request.said(entry, message.attachments), entry, message)


async def post_request_move(call: Doors) -> Answer:
    """Close a request, take it up again; of support: take charge of it, or leave it to others."""
    move: RequestMove = call.body
    if done := await _repeated(call, move.model_dump_json()):
        return done
    request, side = await writable(call, move.side, _seen(call))
    if move.action in ("take", "release"):
        return await _assign(call, request, side, move)
    event: RequestEvent = "closed" if move.action == "close" else "reopened"
    entry = await _entry(call, request, event, side, move.text, ())
    return await _keep(call, request, request.said(entry), entry, move)


def _once(call: Doors) -> str | None:
    return mark(call, call.request.headers.get("Idempotency-Key"))


def _seen(call: Doors) -> str | None:
    return call.request.headers.get("If-Match")


async def _assign(call: Doors, request: Request, side: Side, move: RequestMove) -> Answer:
    who = call.who
    if move.action not in request.actions(side, who.subject):
        raise Forbidden("Seul le support prend en charge une demande qui lui est adressée.")
    taken = move.action == "take"
    after = request.model_copy(
        update={
            "assigned_to": who.subject if taken else None,
            "assigned_name": (who.email or who.subject) if taken else None,
            "version": request.version + 1,
        }
    )
    return await _keep(call, request, after, None, move)


async def _keep(
    call: Doors,
    was: Request,
    after: Request,
    entry: Entry | None,
    asked: RequestMessage | RequestMove,
) -> Answer:
    """Save what became of a request, and tell the other side of an entry."""
    change = Change(
        [call.store.requests.changed(after, was)],
        [after.told(entry)] if entry else [],
        _once(call),
        {"asked": asked.model_dump_json()},
    )
    if not await call.commit(change):
        again = await _repeated(call, asked.model_dump_json())
        assert again is not None, "a known mark has its value"
        return again
    return answer(call, after)


async def _repeated(call: Doors, asked: str) -> Answer | None:
    """The answer to a repeat under one Idempotency-Key; None when it is the first."""
    once = _once(call)
    kept = await call.kept(once) if once else None
    if kept is None:
        return None
    if kept.get("asked") != asked:
        raise Conflict(
            "Cette Idempotency-Key a servi à une autre demande.", code="idempotency-key-reused"
        )
    request, _ = await readable(call)
    return answer(call, request)


async def _entry(
    call: Doors,
    request: Request,
    event: RequestEvent,
    side: Side,
    text: str | None,
    files: tuple[AttachmentView, ...],
) -> Entry:
    if side == "asker":
        by = await named(call, request.asker) or request.asker_email or "Un utilisateur"
    elif request.to == "support":
        by = SUPPORT
    else:
        by = await named(call, request.body) or str(request.body)
    plain = [AttachmentView(**file.model_dump(include=set(SHOWN))) for file in files]
    return Entry(
        number=len(request.entries) + 1,
        event=event,
        side=side,
        by=by,
        at=call.at,
        text=text,
        attachments=tuple(plain),
        actor=call.who.subject,
        author=call.who.email,
    )


SHOWN = tuple(AttachmentView.model_fields)


async def add_request_file(call: Doors) -> Answer:
    """Add a file; the other side sees it once a message names it."""
    request, side = await writable(call, None, _seen(call))
    name, data = await uploaded(call)
    known = next((f for f in request.files if f.sha256 == sha256(data) and f.side == side), None)
    if known:
        return _added(request, known)
    if wrong := faults(name, len(data), 0):
        raise Invalid("Cette pièce ne peut pas être ajoutée.", errors=wrong)
    if len(request.files) >= MOST_FILES:
        raise Conflict(f"Cette demande a déjà {MOST_FILES} pièces.", code="too-many-files")
    file = HeldFile(
        sha256=sha256(data),
        name=name,
        media_type=media_type(name),
        size=len(data),
        added_at=call.at,
        side=side,
    )
    kept = await call.files.keep(data, file.sha256)
    after = request.model_copy(
        update={"files": (*request.files, file), "version": request.version + 1}
    )
    await call.commit(Change([kept, call.store.requests.changed(after, request)]))
    return _added(after, file)


def _added(request: Request, file: HeldFile) -> Answer:
    location = f"/v1/requests/{request.id}/attachments/{file.sha256}"
    plain = AttachmentView(**file.model_dump(include=set(SHOWN)))
    return Answer(plain, headers={"Location": location, "ETag": etag(request)})


async def get_request_file(call: Doors) -> Answer:
    """A file of a request, as a download."""
    request, read = await readable(call)
    file = file_seen(request, call.path["sha256"], read)
    return download(await call.files.get(file.sha256), file.sha256, file.name)


ROUTES = (
    Route(
        "POST",
        "/v1/requests/{id}/messages",
        post_request_message,
        summary="Écrire dans une demande d'assistance",
        answer=RequestView,
        status=201,
        body=RequestMessage,
        kinds=("person", "operator"),
    ),
    Route(
        "POST",
        "/v1/requests/{id}/moves",
        post_request_move,
        summary="Clore, rouvrir ou prendre en charge une demande d'assistance",
        answer=RequestView,
        body=RequestMove,
        kinds=("person", "operator"),
    ),
    Route(
        "POST",
        "/v1/requests/{id}/attachments",
        add_request_file,
        summary="Ajouter une pièce à une demande d'assistance",
        answer=AttachmentView,
        status=201,
        multipart=True,
        kinds=("person", "operator"),
    ),
    Route(
        "GET",
        "/v1/requests/{id}/attachments/{sha256}",
        get_request_file,
        summary="Télécharger une pièce d'une demande d'assistance",
        media_type="application/octet-stream",
        kinds=("person", "operator"),
    ),
)
