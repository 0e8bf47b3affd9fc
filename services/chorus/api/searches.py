"""Searches: native lists, page by page, as pages that are counted."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.chorus.api.criteria import Wanted
from services.chorus.api.edge import Desk, many
from services.chorus.domain import rows
from services.chorus.domain.codes import mode_of
from services.chorus.domain.flows import BY_CODE, number_of
from services.chorus.domain.refusals import NO_INVOICE, Refused, malformed
from services.chorus.domain.words.finding import ParametresRetour
from services.chorus.domain.words.kinds import Pagination
from services.chorus.store import Numbered
from shared.contracts.workflow import InvoicePage, InvoiceView

MOST = 200
"""Results that are counted when the client says no number."""
LARGEST = 10_000
AT_ONCE = 10
SORTS = {
    "DateDepot": "received",
    "DateFacture": "issued",
    "NumeroFacture": "number",
    "MontantTTC": "amount",
    "DateHeureEtatCourant": "changed",
}


@dataclass(frozen=True)
class Found:
    """A page of what was found."""

    rows: Sequence[dict[str, Any]]
    page: ParametresRetour


async def search(desk: Desk, wanted: Wanted, page: Pagination | None) -> Found:
    """Walk the native list as far as the page and its count need."""
    asked = page or Pagination()
    most = min(asked.nbResultatsMaximum or max(MOST, asked.number * asked.size), LARGEST)
    return await paged(desk, await walked(desk, wanted, asked, most), asked)


async def of_deposits(
    desk: Desk, deposits: Sequence[str], wanted: Wanted, page: Pagination | None
) -> Found:
    """What is wanted of the invoices that came in with these deposits."""
    asked = page or Pagination()
    views: list[InvoiceView] = []
    for start in range(0, min(len(deposits), LARGEST), AT_ONCE):
        some = deposits[start : start + AT_ONCE]
        each = (walked(desk, wanted, asked, LARGEST, {"deposit_id": id}) for id in some)
        views += [view for found in await asyncio.gather(*each) for view in found]
    return await paged(desk, views, asked)


async def walked(
    desk: Desk,
    wanted: Wanted,
    page: Pagination,
    most: int,
    more: Mapping[str, str] | None = None,
) -> list[InvoiceView]:
    """The first invoices that are wanted, `most` of them at most."""
    sort = SORTS.get(page.triColonne or "DateDepot", "received")
    order = {"sort": sort if page.rising else f"-{sort}", "limit": "100"}
    query = {**wanted.query, **order, **(more or {})}
    views: list[InvoiceView] = []
    seen = 0
    while len(views) < most and seen < LARGEST:
        got = await desk.ask(InvoicePage, "GET", "/v1/invoices", query=query)
        views += [view for view in got.items if all(test(view) for test in wanted.tests)]
        seen += len(got.items)
        if got.next_cursor is None:
            break
        query["cursor"] = got.next_cursor
    return views[:most]


async def paged(desk: Desk, views: Sequence[InvoiceView], page: Pagination) -> Found:
    """One page of what was found, as rows."""
    start = (page.number - 1) * page.size
    return Found(
        await rowed(desk, views[start : start + page.size]),
        ParametresRetour(
            pageCourante=page.number,
            pages=-(-len(views) // page.size),
            nbResultatsParPage=page.size,
            total=len(views),
        ),
    )


async def rowed(desk: Desk, views: Sequence[InvoiceView]) -> list[dict[str, Any]]:
    """Invoices under all their names, with the numbers that clients know them by."""
    ids = await desk.numbers("invoice", {view.id: facts(view) for view in views})
    structures = dict.fromkeys(key for view in views for key in rows.keys(view))
    departments = dict.fromkeys(
        name
        for view in views
        if (name := rows.department(view.buyer, view.invoice.buyer_reference))
    )
    known = await desk.numbers("structure", many(structures)) if structures else {}
    if departments:
        known |= await desk.numbers("department", many(departments))
    flows = await desk.call.store.numbers("flow", [view.deposit_id for view in views])
    kept = await desk.call.store.numbers("invoice", list(ids))
    return [
        rows.row(view, ids[view.id], known, kept[view.id].facts.get("mode"))
        | {"numeroFluxDepot": flow_number(flows.get(view.deposit_id))}
        for view in views
    ]


def flow_number(flow: Numbered | None) -> str | None:
    """The number of a flow, when the invoice came in one."""
    return number_of(BY_CODE[flow.facts["syntax"]], flow.number) if flow else None


def facts(view: InvoiceView, mode: str | None = None) -> dict[str, Any]:
    """What never changes of an invoice: kept beside its number."""
    return {"title": view.number, "mode": mode_of(view.format, mode)}


async def invoice_of(desk: Desk, number: int | None, field: str) -> str:
    """The id of the invoice with this number. Raises Refused."""
    if number is None:
        raise malformed(field, "un nombre est attendu")
    row = await desk.known("invoice", number)
    if row is None:
        raise Refused(NO_INVOICE, "Aucune facture que vous pouvez lire n'a cet identifiant.")
    return row.native


async def view_of(desk: Desk, id: str) -> InvoiceView:
    """An invoice as the caller may read it."""
    return await desk.ask(InvoiceView, "GET", f"/v1/invoices/{id}")
