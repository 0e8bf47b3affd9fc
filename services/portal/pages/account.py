"""My account: who I am, my structures, my address, my data, and leaving."""

import asyncio

from pydantic import ValidationError

from services.portal.domain import identifier
from services.portal.pages.forms import form
from services.portal.pages.frame import (
    BAD_ADDRESS,
    PageCall,
    Visitor,
    get,
    go,
    headers,
    page,
    post,
    visitor,
)
from services.portal.pages.session import cookie
from shared.client import quoted
from shared.contracts.finding import Finding
from shared.contracts.memberships import MembershipPage
from shared.contracts.sign_in import AddressRequest, LinkAnswer, PasswordProof
from shared.contracts.structures import StructureView
from shared.errors import Conflict, Forbidden, Invalid, Problem, Unauthorized
from shared.web import Answer

MOST_STRUCTURES = 20


async def show(call: PageCall) -> Answer:
    """Who the visitor is; what a neighbour cannot say just now is left out."""
    return await _page(await visitor(call))


async def _page(who: Visitor, status: int = 200, faults: tuple[Finding, ...] = ()) -> Answer:
    structures, memberships = await asyncio.gather(named(who), mine(who))
    return page(
        who.call,
        "account.html",
        status,
        structures=structures,
        memberships=memberships,
        faults=faults,
    )


async def named(who: Visitor) -> list[tuple[str, str | None]]:
    """The visitor's structures: identifier and, when the directory knows it, name."""
    keys = who.me.structures[:MOST_STRUCTURES]
    return list(await asyncio.gather(*(_structure(who, key) for key in keys)))


async def _structure(who: Visitor, key: str) -> tuple[str, str | None]:
    value = identifier(key)
    try:
        found = await who.ask(StructureView, f"/v1/structures/{quoted(value)}")
    except Problem:
        return value, None
    return value, found.name


async def mine(who: Visitor) -> MembershipPage:
    """The visitor's memberships, as far as they can be shown now."""
    try:
        return await who.ask(MembershipPage, "/v1/memberships", query={"limit": "100"})
    except Unauthorized:
        raise
    except Problem:
        return MembershipPage(items=())


def fault(pointer: str, label: str, problem: Problem) -> tuple[Finding, ...]:
    """What a refusal says at a field."""
    return problem.errors or (
        Finding(code=problem.code, pointer=pointer, label=label, message=problem.detail),
    )


async def change_address(call: PageCall) -> Answer:
    """Send links to both addresses; nothing changes until both have agreed."""
    who = await visitor(call)
    given = await form(call)
    try:
        asked = AddressRequest(
            email=given.get("email", ""), password=given.get("password", "")[:256]
        )
    except ValidationError:
        return await _page(who, 422, (BAD_ADDRESS,))
    try:
        answer = await who.ask(LinkAnswer, "/v1/me/address", method="POST", body=asked)
    except (Forbidden, Invalid, Conflict) as problem:
        return await _page(who, problem.status, fault("/password", "Mot de passe", problem))
    return page(call, "said.html", title="Consultez vos deux messageries", message=answer.message)


async def export(call: PageCall) -> Answer:
    """Everything that is kept about the visitor, as a file."""
    who = await visitor(call)
    came = await call.adapters.native.fetch("/v1/me/export", token=who.token)
    kept = {"Content-Disposition": 'attachment; filename="mes-donnees.json"'}
    return Answer(came.body, headers=headers(call) | kept)


async def ask_close(call: PageCall) -> Answer:
    """What closing means."""
    await visitor(call)
    return page(call, "close_account.html", faults=())


async def close(call: PageCall) -> Answer:
    """Close the account for good."""
    who = await visitor(call)
    given = await form(call)
    proof = PasswordProof(password=given.get("password", "")[:256])
    try:
        await who.tell("POST", "/v1/me/closure", proof)
    except (Forbidden, Invalid, Conflict) as problem:
        faults = fault("/password", "Mot de passe", problem)
        return page(call, "close_account.html", problem.status, faults=faults)
    return go(call, "/", cookie(call, "", 0))


ROUTES = (
    get("/compte", show, "Mon compte"),
    post("/compte/adresse", change_address, "Changer d'adresse"),
    get("/compte/donnees", export, "Exporter mes données"),
    get("/compte/fermeture", ask_close, "Fermer mon compte"),
    post("/compte/fermeture", close, "Fermer mon compte"),
)
