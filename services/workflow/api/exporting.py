"""Lists as files for spreadsheets: any search, within a bound, page by page."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from datetime import date
from decimal import Decimal
from typing import BinaryIO, Literal

import xlsxwriter
from pydantic import Field

from services.workflow.api.edge import Doors
from services.workflow.api.lists import searched
from services.workflow.domain.record import Record
from services.workflow.domain.sheet import BOM, TITLES, Cell, lines, row
from services.workflow.store.lists import Order, Place
from services.workflow.store.queries import Search
from shared.contracts.workflow import InvoiceFilter
from shared.errors import Invalid, Unavailable
from shared.web import Answer, Route

MOST = 50_000
"""Invoices in one file."""
PAGE = 500
CHUNK = 65536
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ExportQuery(InvoiceFilter):
    """Which invoices, and as which file."""

    format: Literal["csv", "xlsx"] = "csv"
    decimal: Literal["comma", "point"] = Field("comma", description="In amounts of a CSV file")


async def get_export(call: Doors) -> Answer:
    """The invoices of a search as CSV or XLSX, 50 000 at most; a text never becomes a formula.

    CSV: UTF-8 with a BOM, semicolons, dates as day/month/year, as French spreadsheets open it.
    """
    wanted: ExportQuery = call.query
    search, room = searched(call, wanted), call.adapters.exports
    if room.locked():
        raise Unavailable(
            "D'autres exports sont en cours ; réessayez dans un instant.",
            headers={"Retry-After": "10"},
        )
    if search.scopes and await call.store.lists.count(search, MOST) > MOST:
        raise Invalid(
            "Cet export dépasse 50 000 factures ; ajoutez un filtre, par exemple une période.",
            code="export-too-large",
        )
    pages = _pages(call, search, Order.of(wanted))
    is_csv = wanted.format == "csv"
    made = _csv(pages, comma=wanted.decimal == "comma") if is_csv else _xlsx(pages)
    name = f"factures-{call.at:%Y%m%d-%H%M}.{wanted.format}"
    return Answer(
        _within(room, made),
        media_type="text/csv" if is_csv else XLSX,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _within(room: asyncio.Semaphore, made: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async with room:
        async for chunk in made:
            yield chunk


async def _pages(call: Doors, search: Search, order: Order) -> AsyncIterator[Sequence[Record]]:
    """The invoices, a page at a time; more than the bound is cut, though it was counted before."""
    after: Place | None = None
    for _ in range(MOST // PAGE if search.scopes else 0):
        records, after = await call.store.lists.page(search, order, after, PAGE)
        yield records
        if after is None:
            return


async def _csv(pages: AsyncIterator[Sequence[Record]], *, comma: bool) -> AsyncIterator[bytes]:
    yield BOM.encode() + lines([TITLES], comma=comma)
    async for records in pages:
        yield lines(map(row, records), comma=comma)


async def _xlsx(pages: AsyncIterator[Sequence[Record]]) -> AsyncIterator[bytes]:
    with tempfile.TemporaryFile() as file:
        book = _Book(file)
        async for records in pages:
            await asyncio.to_thread(book.add, [row(record) for record in records])
        await asyncio.to_thread(book.close)
        file.seek(0)
        while chunk := await asyncio.to_thread(file.read, CHUNK):
            yield chunk


class _Book:
    """A workbook that keeps one row in memory; the rest waits in temporary files."""

    def __init__(self, file: BinaryIO) -> None:
        self._book = xlsxwriter.Workbook(file, {"constant_memory": True})
        self._sheet = self._book.add_worksheet("Factures")
        self._day = self._book.add_format({"num_format": "dd/mm/yyyy"})
        self._amount = self._book.add_format({"num_format": "#,##0.00"})
        self._next = 0
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, len(TITLES) - 1, 18)
        self.add([TITLES])

    def add(self, rows: Sequence[Sequence[Cell]]) -> None:
        """More rows; a text is written as a text, whatever it looks like."""
        for cells in rows:
            for column, cell in enumerate(cells):
                match cell:
                    case None:
                        continue
                    case Decimal():
                        self._sheet.write_number(self._next, column, float(cell), self._amount)
                    case date():
                        self._sheet.write_datetime(self._next, column, cell, self._day)
                    case _:
                        self._sheet.write_string(self._next, column, cell[:32767])
            self._next += 1

    def close(self) -> None:
        """Write the file."""
        self._book.close()


ROUTES = (
    Route(
        "GET",
        "/v1/invoices/export",
        get_export,
        summary="Exporter une recherche (CSV, XLSX)",
        scope="invoices:read",
        media_type="text/csv",
        query=ExportQuery,
    ),
)
