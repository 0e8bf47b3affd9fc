"""The first page of who is signed in: what is to do, and where the money stands."""

import asyncio

from services.portal.domain.menu import may
from services.portal.domain.start import checklist
from services.portal.pages.frame import PageCall, get, page, visitor
from services.portal.pages.invoices import SELLER, part
from shared.contracts.drafts import DraftPage
from shared.contracts.workflow import InvoicePage, SummaryView, TodoView
from shared.web import Answer

LATEST = "5"


async def show(call: PageCall) -> Answer:
    """The visitor's home; what a neighbour cannot say just now is left out and said so."""
    who = await visitor(call)
    todo, drafts, latest, summary = await asyncio.gather(
        part(who, TodoView, "/v1/invoices/todo"),
        part(who, DraftPage, "/v1/drafts", limit=LATEST),
        part(who, InvoicePage, "/v1/invoices", limit=LATEST),
        part(who, SummaryView, "/v1/invoices/summary"),
    )
    sides = summary.items if isinstance(summary, SummaryView) else ()
    some = isinstance(latest, InvoicePage) and bool(latest.items)
    return page(
        call,
        "home.html",
        todo=todo,
        drafts=drafts,
        latest=latest,
        expected=next((side.expected for side in sides if side.side == SELLER), ()),
        checklist=checklist(who.me, some),
        sells=may(who.me, ("issued_invoices",)),
    )


ROUTES = (get("/accueil", show, "Accueil connecté"),)
