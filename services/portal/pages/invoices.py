"""The invoices that one has sent: what is to do, where they stand, and finding one."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import TypeVar

from pydantic import BaseModel

from services.portal.domain.lanes import BAR_HIGH, bars
from services.portal.pages.frame import PageCall, Visitor, get, headers, page, visitor
from shared.contracts.drafts import DraftPage
from shared.contracts.finding import Finding
from shared.contracts.status import InvoiceStatus
from shared.contracts.workflow import InvoicePage, SummaryView, TodoView
from shared.errors import BadRequest, Problem, Unauthorized
from shared.web import Answer

M = TypeVar("M", bound=BaseModel)
FILTERS = (
    "q",
    "status",
    "buyer",
    "order_reference",
    "received_from",
    "received_to",
    "amount_from",
    "amount_to",
    "sort",
    "cursor",
)
PASSED = ("Content-Type", "Content-Disposition")
ROWS = "25"
SELLER = "seller"


async def part(who: Visitor, answer: type[M], path: str, **query: str) -> M | Problem:
    """A part of a page, or why it cannot be shown just now. Raises Unauthorized."""
    try:
        return await who.ask(answer, path, query=query)
    except Unauthorized:
        raise
    except Problem as problem:
        return problem


async def synthesis(call: PageCall) -> Answer:
    """What is to do, by action; drafts and pages to confirm; the latest."""
    who = await visitor(call)
    todo, drafts, latest = await asyncio.gather(
        part(who, TodoView, "/v1/invoices/todo"),
        part(who, DraftPage, "/v1/drafts", limit="50"),
        part(who, InvoicePage, "/v1/invoices", limit="10", **{"as": SELLER}),
    )
    return page(call, "synthesis.html", todo=todo, drafts=drafts, latest=latest)


async def dashboard(call: PageCall) -> Answer:
    """Numbers and amounts by status and age, and the money that is expected."""
    who = await visitor(call)
    summary = await who.ask(SummaryView, "/v1/invoices/summary")
    side = next((one for one in summary.items if one.side == SELLER), None)
    return page(call, "dashboard.html", side=side, bars=bars(side), high=BAR_HIGH, at=summary.at)


async def search(call: PageCall) -> Answer:
    """Invoices that match a filter; the filter stands in the address, to be shared."""
    who = await visitor(call)
    given = wanted(call, FILTERS)
    found, faults = await find(who, given, SELLER)
    return page(
        call,
        "search.html",
        400 if faults else 200,
        query=given,
        found=found,
        faults=faults,
        statuses=[(status.value, status.label) for status in InvoiceStatus],
    )


async def find(
    who: Visitor, given: Mapping[str, str], side: str, **more: str
) -> tuple[InvoicePage, tuple[Finding, ...]]:
    """A page of the invoices of a side that match a filter, or what is wrong with the filter."""
    query = {name: value for name, value in given.items() if value} | more
    try:
        query |= {"as": side, "limit": ROWS}
        return await who.ask(InvoicePage, "/v1/invoices", query=query), ()
    except BadRequest as problem:
        faults = problem.errors or (Finding(code=problem.code, message=problem.detail),)
        return InvoicePage(items=()), faults


async def export(call: PageCall) -> Answer:
    """Everything that matches a filter, for a spreadsheet."""
    return await exported(await visitor(call), wanted(call, FILTERS), SELLER)


async def exported(who: Visitor, given: Mapping[str, str], side: str) -> Answer:
    """The invoices of a side that match a filter, as the file that the address names."""
    call = who.call
    asked = {name: value for name, value in given.items() if value and name != "cursor"}
    asked |= {"as": side, "format": call.path["kind"]}
    came = await call.adapters.native.fetch("/v1/invoices/export", token=who.token, query=asked)
    passed = {name: came.headers[name] for name in PASSED if name in came.headers}
    return Answer(came.body, headers=headers(call) | passed)


def wanted(call: PageCall, names: Iterable[str]) -> Mapping[str, str]:
    """The filter in the address."""
    return {name: call.request.query.get(name, "").strip()[:400] for name in names}


ROUTES = (
    get("/factures", synthesis, "Synthèse des factures émises"),
    get("/factures/tableau-de-bord", dashboard, "Tableau de bord des factures émises"),
    get("/factures/export/{kind:csv|xlsx}", export, "Exporter des factures"),
    get("/factures/recherche", search, "Rechercher une facture"),
)
