"""Searches: native lists, page by page, as pages that are counted."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.chorus.api.edge import Desk, many
from services.chorus.domain import rows
from services.chorus.domain.codes import STATUSES, mode_of
from services.chorus.domain.flows import BY_CODE, number_of
from services.chorus.domain.refusals import NO_INVOICE, Refused, malformed
from services.chorus.domain.words.finding import ParametresRetour
from services.chorus.domain.words.kinds import Pagination
from services.chorus.store import Kind, Numbered
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
Test = Callable[[InvoiceView], bool]


@dataclass
class Wanted:
    """A search: what the native list is asked, and what is looked at row by row."""

    query: dict[str, str] = field(default_factory=dict)
    tests: list[Test] = field(default_factory=list)

    def ask(self, name: str, value: object) -> None:
        """Ask the native list, when there is something to ask."""
        if value is not None:
            self.query[name] = str(value)

    def between(self, least: Any, most: Any, amount: Callable[[InvoiceView], Any]) -> None:
        """Demand an amount in a range."""
        if least is not None or most is not None:
            self.tests.append(
                lambda view: (
                    (value := amount(view)) is not None
                    and (least is None or value >= least)
                    and (most is None or value <= most)
                )
            )

    def statuses(self, named: Iterable[str] | None) -> None:
        """Demand one of these statuses, by their Chorus codes."""
        given = [code for code in named or () if code]
        if not given:
            return
        known = [STATUSES[code].value for code in given if code in STATUSES]
        if known:
            self.ask("status", ",".join(dict.fromkeys(known)))
        else:
            self.tests.append(lambda view: False)

    def kinds(self, named: Sequence[str]) -> None:
        """Demand one of these types."""
        if named:
            self.tests.append(lambda view: rows.row(view, 0, {})["typeFacture"] in named)

    async def structure(
        self, desk: Desk, number: int | None, keys: Callable[[InvoiceView], Iterable[str | None]]
    ) -> None:
        """Demand that the structure with this number is among those."""
        await self._among(desk, "structure", number, keys)

    async def department(self, desk: Desk, number: int | None) -> None:
        """Demand that it goes to the department with this number."""
        await self._among(
            desk,
            "department",
            number,
            lambda view: (rows.department(view.buyer, view.invoice.buyer_reference),),
        )

    async def _among(
        self,
        desk: Desk,
        kind: Kind,
        number: int | None,
        keys: Callable[[InvoiceView], Iterable[str | None]],
    ) -> None:
        if number is None:
            return
        known = await desk.known(kind, number)
        native = known.native if known else None
        self.tests.append(lambda view: native is not None and native in keys(view))


@dataclass(frozen=True)
class Found:
    """A page of what was found."""

    rows: Sequence[dict[str, Any]]
    page: ParametresRetour
    views: Sequence[InvoiceView]


async def search(desk: Desk, wanted: Wanted, page: Pagination | None) -> Found:
    """Walk the native list as far as the page and its count need."""
    asked = page or Pagination()
    sort = SORTS.get(asked.triColonne or "DateDepot", "received")
    wanted.query["sort"] = sort if asked.rising else f"-{sort}"
    most = min(asked.nbResultatsMaximum or max(MOST, asked.number * asked.size), LARGEST)
    views: list[InvoiceView] = []
    cursor: str | None = None
    seen = 0
    while len(views) < most and seen < LARGEST:
        query = wanted.query | {"limit": "100"} | ({"cursor": cursor} if cursor else {})
        got = await desk.ask(InvoicePage, "GET", "/v1/invoices", query=query)
        views += [view for view in got.items if all(test(view) for test in wanted.tests)]
        seen += len(got.items)
        if (cursor := got.next_cursor) is None:
            break
    return await paged(desk, views[:most], asked)


async def one_by_one(
    desk: Desk, ids: Sequence[str], wanted: Wanted, page: Pagination | None
) -> Found:
    """Of invoices with known ids, those that are wanted."""
    views: list[InvoiceView] = []
    for start in range(0, min(len(ids), LARGEST), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        views += await asyncio.gather(
            *(desk.ask(InvoiceView, "GET", f"/v1/invoices/{id}") for id in some)
        )
    if status := wanted.query.get("status"):
        views = [view for view in views if view.status.code.value in status.split(",")]
    fitting = [view for view in views if all(test(view) for test in wanted.tests)]
    return await paged(desk, fitting, page or Pagination())


async def paged(desk: Desk, views: Sequence[InvoiceView], page: Pagination) -> Found:
    """One page of what was found, as rows."""
    start = (page.number - 1) * page.size
    shown = views[start : start + page.size]
    return Found(
        await rowed(desk, shown),
        ParametresRetour(
            pageCourante=page.number,
            pages=-(-len(views) // page.size),
            nbResultatsParPage=page.size,
            total=len(views),
        ),
        shown,
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
