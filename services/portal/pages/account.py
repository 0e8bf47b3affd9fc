"""My account: who I am, and my structures."""

import asyncio

from services.portal.adapters.native import quoted
from services.portal.domain import identifier
from services.portal.pages.frame import PageCall, Visitor, get, page, visitor
from shared.contracts.structures import StructureView
from shared.errors import Problem
from shared.web import Answer

MOST_STRUCTURES = 20


async def show(call: PageCall) -> Answer:
    """Who the visitor is; what a neighbour cannot say just now is left out."""
    who = await visitor(call)
    return page(call, "account.html", structures=await named(who))


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


ROUTES = (get("/compte", show, "Mon compte"),)
