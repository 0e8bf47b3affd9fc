"""The first page of who is signed in: what is to do, and where the money stands."""

from services.portal.pages.account import named
from services.portal.pages.frame import PageCall, get, page, visitor
from shared.contracts.workflow import InvoicePage
from shared.errors import Problem, Unauthorized
from shared.web import Answer

LATEST = "5"


async def show(call: PageCall) -> Answer:
    """The visitor's home; what a neighbour cannot say just now is left out and said so."""
    who = await visitor(call)
    structures = await named(who)
    try:
        found = await who.ask(InvoicePage, "/v1/invoices", query={"limit": LATEST})
    except Unauthorized:
        raise
    except Problem as problem:
        return page(call, "home.html", structures=structures, silent=problem, invoices=())
    return page(call, "home.html", structures=structures, silent=None, invoices=found.items)


ROUTES = (get("/accueil", show, "Accueil connecté"),)
