"""Who reads a request for help, for which side they write, and how it is shown."""

from services.workflow.api.edge import KEY, Doors
from services.workflow.domain.requests import CATEGORIES, LABELS, TURN, Request
from services.workflow.store.requests import Box
from shared.contracts.requests import (
    RequestAction,
    RequestBox,
    RequestEntry,
    RequestSummary,
    RequestView,
    Side,
)
from shared.contracts.workflow import AttachmentView
from shared.errors import BadRequest, Forbidden, NotFound, Outdated
from shared.mongo import Document
from shared.rights import Action, allowed
from shared.web import Answer

READS: dict[Side, Action] = {"asker": "read_asked", "answerer": "read_questions"}
WRITES: dict[Side, Action] = {"asker": "ask", "answerer": "answer_questions"}
SUPPORT = "Support de la plateforme"


def sides(call: Doors, request: Request, rights: dict[Side, Action]) -> tuple[Side, ...]:
    """On which sides of a request the caller has these rights."""
    who, found = call.who, list[Side]()
    if who.kind == "operator":
        return ("answerer",) if request.to == "support" else ()
    if request.realm != who.realm:
        return ()
    mine = request.asked_by == who.subject
    if who.may(rights["asker"], request.asker) if request.asker else mine:
        found.append("asker")
    for grant in who.grants:
        theirs = request.body in (grant.structure, *grant.former) and request.body is not None
        held = not grant.departments or request.department in grant.departments
        if theirs and held and allowed(grant, rights["answerer"]) and "answerer" not in found:
            found.append("answerer")
    return tuple(found)


def box(call: Doors, name: RequestBox) -> Box:
    """The requests that the caller sent for its structures, received, or answers as support."""
    who = call.who
    if name == "support":
        return Box(({"to": "support"},) if who.kind == "operator" else (), None)
    if who.kind == "operator":
        return Box((), None)
    if name == "sent":
        own: Document = {"asked_by": who.subject, "asker": None}
        return Box((own, {"asker": {"$in": list(who.where("read_asked"))}}), who.realm)
    clauses: list[Document] = []
    for grant in who.grants:
        if allowed(grant, "read_questions"):
            keys: Document = {"body": {"$in": [grant.structure, *grant.former]}}
            held = {"department": {"$in": list(grant.departments)}} if grant.departments else {}
            clauses.append(keys | held)
    return Box(tuple(clauses), who.realm)


def mark(call: Doors, key: str | None) -> str | None:
    """What makes requests with one Idempotency-Key have one effect."""
    if key is not None and not KEY.fullmatch(key):
        raise BadRequest(
            "Idempotency-Key : 1 à 255 caractères visibles.", code="bad-idempotency-key"
        )
    return key and f"requests:{call.who.subject}:{call.request.path}:{key}"


async def named(call: Doors, key: str | None) -> str | None:
    """The name of a structure in the directory."""
    known = await call.store.known(key) if key else None
    return known.structure.name if known else None


async def readable(call: Doors) -> tuple[Request, tuple[Side, ...]]:
    """The request of the path, and on which sides it is read; another's looks like none."""
    request = await call.store.requests.get(call.path["id"])
    read = sides(call, request, READS) if request else ()
    if request is None or not read:
        raise NotFound("Cette demande n'existe pas, ou n'est pas à vous.")
    return request, read


async def writable(
    call: Doors, asked: Side | None, seen: str | None = None
) -> tuple[Request, Side]:
    """The request of the path, and the side for which the caller writes in it."""
    request, _ = await readable(call)
    if seen not in (None, "*", etag(request)):
        raise Outdated("La demande a changé depuis que vous l'avez lue ; relisez-la.")
    mine = sides(call, request, WRITES)
    if asked is not None and asked not in mine and mine:
        raise BadRequest("Vous n'êtes pas de ce côté de la demande.", code="wrong-side")
    if not mine:
        raise Forbidden("Vos droits permettent de lire cette demande, non d'y écrire.")
    return request, asked or mine[0]


def etag(request: Request) -> str:
    """The version of a request, for `If-Match`."""
    return f'"{request.version}"'


def summary(call: Doors, request: Request) -> RequestSummary:
    """A request in a list."""
    return RequestSummary.model_validate(_shown(call, request, sides(call, request, WRITES)))


def view(call: Doors, request: Request) -> RequestView:
    """A request with its thread, as the caller sees it."""
    read, mine = sides(call, request, READS), sides(call, request, WRITES)
    actions: dict[RequestAction, None] = {}
    for side in mine:
        actions |= dict.fromkeys(request.actions(side, call.who.subject))
    return RequestView(
        **_shown(call, request, mine),
        invoice=request.invoice,
        entries=tuple(_entry(request, number, read) for number in range(len(request.entries))),
        sides=mine,
        actions=tuple(actions),
    )


def answer(call: Doors, request: Request, status: int | None = None) -> Answer:
    """A request as an answer."""
    headers = {"ETag": etag(request)}
    if status == 201:
        headers["Location"] = f"/v1/requests/{request.id}"
    return Answer(view(call, request), status=status, headers=headers)


def _entry(request: Request, index: int, read: tuple[Side, ...]) -> RequestEntry:
    """An entry; who wrote it is named to their own side, of the other side the structure is."""
    entry = request.entries[index]
    by = entry.author if entry.author and entry.side in read else entry.by
    plain = entry.model_dump(include=set(RequestEntry.model_fields))
    return RequestEntry.model_validate(plain | {"by": by})


def _shown(call: Doors, request: Request, mine: tuple[Side, ...]) -> Document:
    row = request.row
    support = call.who.kind == "operator"
    return {
        "id": request.id,
        "reference": request.reference,
        "realm": request.realm,
        "to": request.to,
        "category": row.category,
        "category_label": CATEGORIES.get(row.category, row.category),
        "topic": row.code,
        "topic_label": row.label,
        "title": request.title,
        "state": request.state,
        "state_label": LABELS[request.state],
        "to_answer": any(request.state in TURN[side] for side in mine),
        "asker": request.asker,
        "body": request.body,
        "invoice_id": request.invoice.id if request.invoice else None,
        "invoice_number": request.invoice.number if request.invoice else None,
        "opened_at": request.opened_at,
        "changed_at": request.changed_at,
        "days": row.days,
        "assigned_to": request.assigned_name if support else None,
    }


def file_seen(request: Request, sha256: str, read: tuple[Side, ...]) -> AttachmentView:
    """A file of a request that its reader may see. Raises NotFound."""
    for file in request.files:
        if file.sha256 == sha256 and (file.shown or file.side in read):
            return file
    raise NotFound("Cette pièce n'existe pas.", code="file-not-found")
