"""My account: who I am, my structures, my latest invoices."""

import asyncio

from services.portal.adapters.native import quoted
from services.portal.pages.frame import PageCall, get, page, visitor
from shared.contracts.accounts import Me
from shared.contracts.structures import StructureView
from shared.contracts.workflow import InvoicePage
from shared.errors import Problem, Unauthorized
from shared.web import Answer

MOST_STRUCTURES = 20
INVOICES = "20"


async def show(call: PageCall) -> Answer:
    """Who the visitor is; what a neighbour cannot say just now is left out and said so."""
    token = await visitor(call)
    native = call.adapters.native
    me = await native.ask(Me, "GET", "/v1/me", token=token)
    keys = me.structures[:MOST_STRUCTURES]
    structures = await asyncio.gather(*(_structure(call, token, key) for key in keys))
    try:
        query = {"limit": INVOICES}
        found = await native.ask(InvoicePage, "GET", "/v1/invoices", token=token, query=query)
    except Unauthorized:
        raise
    except Problem as problem:
        return page(call, "account.html", me=me, structures=structures, silent=problem)
    return page(call, "account.html", me=me, structures=structures, invoices=found.items)


async def _structure(call: PageCall, token: str, key: str) -> tuple[str, str | None]:
    """The identifier of a structure and, when the directory knows it, its name."""
    identifier = key.split("/", 2)[2]
    try:
        path = f"/v1/structures/{quoted(identifier)}"
        found = await call.adapters.native.ask(StructureView, "GET", path, token=token)
    except Problem:
        return identifier, None
    return identifier, found.name


ROUTES = (get("/compte", show, "Mon compte"),)
