"""Belonging to a structure: finding it, asking, taking the request back, leaving."""

from typing import Literal, get_args

from pydantic import ValidationError

from services.portal.pages.account import fault, mine
from services.portal.pages.forms import form
from services.portal.pages.frame import PageCall, Visitor, get, go, page, post, visitor
from shared.client import quoted
from shared.contracts.finding import Finding
from shared.contracts.memberships import (
    MembershipMove,
    MembershipRequest,
    MembershipView,
    MoveAction,
)
from shared.contracts.sheets import OfficialView, StructureRequest
from shared.contracts.structures import StructurePage, StructureView
from shared.errors import BadRequest, Conflict, Forbidden, Invalid, Problem
from shared.web import Answer

REFUSED = (BadRequest, Forbidden, Invalid, Conflict)
HERE = "/rattachements"
LENGTH = 14
Own = Literal["withdraw", "remind", "leave"]


async def show(call: PageCall) -> Answer:
    """My memberships, and the search for a structure."""
    return await _page(await visitor(call))


async def _page(who: Visitor, status: int = 200, faults: tuple[Finding, ...] = ()) -> Answer:
    words = who.call.request.query.get("q", "").strip()[:100]
    found: StructurePage | None = None
    official: OfficialView | None = None
    if words:
        query = {"q": words, "limit": "20"}
        found = await who.ask(StructurePage, "/v1/structures", query=query)
        official = None if found.items else await _official(who, words)
    return page(
        who.call,
        "memberships.html",
        status,
        memberships=await mine(who),
        words=words,
        found=found,
        official=official,
        faults=faults,
    )


async def _official(who: Visitor, words: str) -> OfficialView | None:
    """What the register says of a SIRET that nobody has made a sheet for."""
    siret = "".join(words.split())
    if len(siret) != LENGTH or not siret.isdecimal():
        return None
    try:
        return await who.ask(OfficialView, f"/v1/structures/official/{siret}")
    except Problem:
        return None


async def ask(call: PageCall) -> Answer:
    """What asking means: who decides, and that a public body is not joined to send it invoices."""
    who = await visitor(call)
    path = f"/v1/structures/{quoted(call.path['siret'])}"
    structure = await who.ask(StructureView, path)
    return page(call, "join.html", structure=structure, faults=())


async def send(call: PageCall) -> Answer:
    """Ask."""
    who = await visitor(call)
    given = await form(call)
    siret = call.path["siret"]
    try:
        asked = MembershipRequest(
            structure=siret[:120],
            note=given.get("note") or None,
            works_there=given.get("works_there") == "1",
        )
        body = asked
        await who.ask(MembershipView, "/v1/memberships", method="POST", body=body)
    except ValidationError:
        note = "Ce mot est trop long : 500 signes au plus."
        faults: tuple[Finding, ...] = (Finding(code="NOTE", pointer="/note", message=note),)
    except REFUSED as problem:
        faults = fault("/note", "Demande", problem)
    else:
        return go(call, f"{HERE}?fait=envoye")
    structure = await who.ask(StructureView, f"/v1/structures/{quoted(siret)}")
    return page(call, "join.html", 422, structure=structure, faults=faults)


async def create(call: PageCall) -> Answer:
    """Make the sheet of a structure that nobody has made yet, and become its manager."""
    who = await visitor(call)
    given = await form(call)
    asked = StructureRequest(
        identifier=given.get("identifier", "")[:60], name=given.get("name", "")[:200] or None
    )
    try:
        await who.tell("POST", "/v1/structures", asked)
    except REFUSED as problem:
        return await _page(who, problem.status, fault("/q", "Structure", problem))
    return go(call, f"{HERE}?fait=enregistre")


async def move(call: PageCall) -> Answer:
    """Take a request back, remind of it, or leave."""
    who = await visitor(call)
    given = await form(call)
    action = given.get("action", "")
    known = next((one for one in get_args(MoveAction) if one == action), None)
    if known is None or action not in get_args(Own):
        raise BadRequest("Cette action n'existe pas.")
    path = f"/v1/memberships/{quoted(call.path['id'])}/moves"
    try:
        await who.tell("POST", path, MembershipMove(action=known))
    except REFUSED as problem:
        return await _page(who, problem.status, fault("", "", problem))
    return go(call, f"{HERE}?fait=enregistre")


ROUTES = (
    get(HERE, show, "Mes rattachements"),
    get(f"{HERE}/demande/{{siret}}", ask, "Demander un rattachement"),
    post(f"{HERE}/demande/{{siret}}", send, "Demander un rattachement"),
    post(f"{HERE}/creation", create, "Créer une structure"),
    post(f"{HERE}/{{id}}", move, "Retirer une demande ou quitter une structure"),
)
