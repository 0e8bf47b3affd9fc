"""VAT by rate: rows where a rate, a base and a tax stand together and agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.ingest.formats.pdf_text.geometry import Piece, right_of
from services.ingest.formats.pdf_text.values import Found, Value

_RATES = frozenset(
    Decimal(rate)
    for rate in [
        "0",
        "1.05",
        "1.75",
        "2.1",
        "5.5",
        "7",
        "8.5",
        "10",
        "13",
        "20",
        "19.6",
        "19",
        "16",
        "21",
        "6",
        "12",
        "9",
        "22",
        "4",
        "25",
        "17",
        "23",
    ]
)


@dataclass(slots=True, eq=False)
class VatRow:
    """One rate with its base and its tax, as printed on one row."""

    rate: Decimal
    base: Value | None
    vat: Value
    page: int
    y: float


def vat_rows(found: Found) -> list[VatRow]:
    """Every row of the pages that reads like a rate of VAT."""
    rows: list[VatRow] = []
    for page in found.pages:
        since = 99
        for at, row in enumerate(page.rows):
            since = 0 if _speaks_of_vat(found, row) else since + 1
            rates = _rates(found, row) if since < 10 else []
            if not rates:
                continue
            near = [p for o in page.rows[max(at - 1, 0) : at + 2] for p in o if _level(p, row[0])]
            amounts = [
                v
                for p in near
                for v in found.values_of.get(p, ())
                if v.kind == "amount" and v.money
            ]
            for rate in rates:
                read = _agree(rate, amounts, page.number, row[0])
                if read is not None:
                    rows.append(read)
    return rows


def tax_rows(found: Found) -> list[VatRow]:
    """« TVA 20 % ... 200,00 »: rows that show a rate and its tax, but no base."""
    rows: dict[Decimal, VatRow] = {}
    for label in found.labels:
        piece = label.piece
        rates = [v for v in found.of_kind(piece, "percent") if v.start >= label.end]
        if "vat" not in label.concepts or not label.clean or len(rates) != 1:
            continue
        after = [v for v in found.of_kind(piece, "amount") if v.start > rates[0].end]
        beside = (v for p in right_of(piece, found.page(piece)) for v in found.of_kind(p, "amount"))
        tax = next((v for v in (*after, *beside) if v.money), None)
        if tax is not None and abs(rates[0].amount) <= 30:
            rows[rates[0].amount] = VatRow(rates[0].amount, None, tax, piece.page, piece.y0)
    return list(rows.values()) if len(rows) > 1 else []


def _speaks_of_vat(found: Found, row: Sequence[Piece]) -> bool:
    return any(
        label.concepts & {"vat", "rate"}
        and not label.concepts & {"no", "tax_no", "with", "without"}
        for piece in row
        for label in found.labels_of.get(piece, ())
    )


def _level(piece: Piece, other: Piece) -> bool:
    return min(piece.y1, other.y1) - max(piece.y0, other.y0) > 0.4 * min(piece.height, other.height)


def _rates(found: Found, row: Sequence[Piece]) -> list[Decimal]:
    """The rates of a row: its percentages, or else bare numbers that are rates in force."""
    values = [value for piece in row for value in found.values_of.get(piece, ())]
    rates = [v.amount for v in values if v.kind == "percent" and abs(v.amount) <= 30]
    bare = [
        v.amount for v in values if v.kind == "amount" and not v.currency and v.amount in _RATES
    ]
    return list(dict.fromkeys(rates or [rate for rate in bare if rate]))


def _agree(rate: Decimal, amounts: Sequence[Value], page: int, piece: Piece) -> VatRow | None:
    for base in amounts:
        for vat in amounts:
            if base is vat or base.cents == 0:
                continue
            off = abs(base.cents * rate / 100 - vat.cents)
            if off <= 2 and (rate or vat.cents == 0) and (vat.cents or not rate):
                return VatRow(rate, base, vat, page, piece.y0)
    return None


@dataclass(slots=True, eq=False)
class Table:
    """A set of rows that could be the whole breakdown, with its sums in hundredths."""

    rows: list[VatRow]
    base: int
    vat: int


def tables(rows: Sequence[VatRow]) -> list[Table]:
    """The ways to read the rows as one breakdown: the last row of each rate, all rows,
    those of one column, or one."""
    if not rows:
        return []
    lasts = {row.rate: row for row in rows}
    firsts = {row.rate: row for row in reversed(rows)}
    ways = [list(lasts.values()), list(firsts.values()), _distinct(rows)]
    ways += [*_aligned(rows), *([row] for row in rows[-6:])]
    found: list[Table] = []
    for way in ways:
        table = Table(way, sum(r.base.cents for r in way if r.base), sum(r.vat.cents for r in way))
        if not any(
            (t.base, t.vat, len(t.rows)) == (table.base, table.vat, len(way)) for t in found
        ):
            found.append(table)
    return found


def _aligned(rows: Sequence[VatRow]) -> list[list[VatRow]]:
    """The rows whose taxes end at one edge."""
    columns: dict[int, list[VatRow]] = {}
    for row in rows:
        columns.setdefault(round(row.vat.box[2] / 8), []).append(row)
    return [column for column in columns.values() if 1 < len(column) < len(rows)]


def _distinct(rows: Sequence[VatRow]) -> list[VatRow]:
    seen: dict[tuple[Decimal, int, int], VatRow] = {}
    for row in rows:
        seen[row.rate, row.base.cents if row.base else 0, row.vat.cents] = row
    return list(seen.values())


def ways(found: Found) -> list[Table]:
    """Every way to read the pages' VAT by rate, with bases and without."""
    rows = vat_rows(found)
    bases = [row.base for row in rows]
    taxes = [row for row in tax_rows(found) if row.vat not in bases]
    return [*tables(rows), *(tables(taxes) if len(taxes) > 1 else ())]
