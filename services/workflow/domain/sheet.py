"""SHEET: the columns of an exported list, and how a table is written for French spreadsheets."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from services.workflow.domain.money import expected
from services.workflow.domain.payment import PARIS
from services.workflow.domain.record import Record
from services.workflow.domain.turn import awaited

Cell = str | Decimal | date | None
BOM = "\ufeff"
"""By it Excel knows that a file is UTF-8."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet compute a text that somebody else has written."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title, and what it says of an invoice."""

    title: str
    of: Callable[[Record], Cell]


def _day(at: datetime) -> date:
    return at.astimezone(PARIS).date()


def _turn(record: Record) -> str | None:
    found = awaited(record, record.steps[-1].at)
    return found.label if found else None


SHEET = (
    Column("Numéro de facture", lambda r: r.header.number),
    Column("Date d'émission", lambda r: r.header.issue_date),
    Column("Date de dépôt", lambda r: _day(r.received_at)),
    Column("Statut", lambda r: r.status.label),
    Column("Date du statut", lambda r: _day(r.steps[-1].at)),
    Column("Motif", lambda r: r.steps[-1].reason),
    Column("Action attendue", _turn),
    Column("Type de facture", lambda r: r.header.type_code),
    Column("Cadre de facturation", lambda r: r.frame.code),
    Column("Fournisseur", lambda r: r.header.seller.name),
    Column("Identifiant du fournisseur", lambda r: r.seller.split("/", 2)[2]),
    Column("Destinataire", lambda r: r.header.buyer.name),
    Column("Identifiant du destinataire", lambda r: r.buyer.split("/", 2)[2]),
    Column("Code service", lambda r: r.header.buyer_reference),
    Column("Numéro d'engagement", lambda r: r.header.order_reference),
    Column("Numéro de marché", lambda r: r.header.contract_reference),
    Column("Devise", lambda r: r.header.currency),
    Column("Total HT", lambda r: r.header.totals.without_vat),
    Column("Total TVA", lambda r: r.header.totals.vat),
    Column("Total TTC", lambda r: r.header.totals.with_vat),
    Column("Net à payer", lambda r: r.header.totals.due),
    Column("Paiement attendu au plus tard", expected),
    Column("Commentaire", lambda r: r.header.note),
    Column("Identifiant", lambda r: r.id),
)
TITLES = tuple(column.title for column in SHEET)


def row(record: Record) -> tuple[Cell, ...]:
    """An invoice as a row."""
    return tuple(column.of(record) for column in SHEET)


def lines(rows: Iterable[Sequence[Cell]], *, comma: bool) -> bytes:
    """Rows as CSV: semicolons between, amounts with a comma or a point."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerows([_written(cell, comma=comma) for cell in cells] for cells in rows)
    return written.getvalue().encode("utf-8", "replace")


def _written(cell: Cell, *, comma: bool) -> str:
    match cell:
        case None:
            return ""
        case Decimal():
            return f"{cell:f}".replace(".", ",") if comma else f"{cell:f}"
        case date():
            return f"{cell:%d/%m/%Y}"
        case _:
            return harmless(cell)


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
