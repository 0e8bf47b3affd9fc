"""The values that UBL demands and EN 16931 lets out, reckoned from the others."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from shared.contracts.invoice import Invoice, Line, Totals, VatBreakdown

CENT = Decimal("0.01")
ZERO = Decimal(0)
SUMMARY = "Montant hors taxes"
OTHER_MEDIA = "application/octet-stream"


def completed(invoice: Invoice) -> Invoice:
    """The same invoice with the values that UBL demands and EN 16931 lets out."""
    rows = tuple(with_vat(row) for row in invoice.vat_breakdown)
    vat = sum((row.vat or ZERO for row in rows), ZERO)
    totals = invoice.totals
    if totals.vat is None and rows:
        totals = totals.model_copy(update={"vat": vat})
    lines = tuple(with_net(line) for line in invoice.lines) or summary(totals, rows)
    if not invoice.lines and totals.lines is None:
        net = sum((line.net or ZERO for line in lines), ZERO)
        totals = totals.model_copy(update={"lines": net})
    return invoice.model_copy(
        update={
            "totals": totals,
            "vat_breakdown": rows,
            "lines": lines,
            "allowances": tuple(
                a if a.amount is not None else a.model_copy(update={"amount": ZERO})
                for a in invoice.allowances
            ),
            "attachments": tuple(
                a if a.media_type is not None else a.model_copy(update={"media_type": OTHER_MEDIA})
                for a in invoice.attachments
            ),
        }
    )


def summary(totals: Totals, rows: Sequence[VatBreakdown]) -> tuple[Line, ...]:
    """The lines of an invoice that has none: one a rate, when these add up, else one in all."""
    net = totals.without_vat or ZERO if totals.lines is None else totals.lines
    if sum((row.base or ZERO for row in rows), ZERO) != net or not rows:
        rows = (VatBreakdown(base=net),)
    return tuple(
        Line(
            id=str(number),
            name=SUMMARY if row.rate is None else f"{SUMMARY}, TVA à {row.rate:f} %",
            quantity=Decimal(1),
            unit="C62",
            price=row.base or ZERO,
            net=row.base or ZERO,
            vat_category=row.category,
            vat_rate=row.rate,
        )
        for number, row in enumerate(rows, 1)
    )


def with_vat(row: VatBreakdown) -> VatBreakdown:
    """A row with its VAT, which is reckoned when it was not said."""
    if row.vat is not None:
        return row
    vat = (row.base or ZERO) * (row.rate or ZERO) / 100
    return row.model_copy(update={"vat": vat.quantize(CENT, ROUND_HALF_UP)})


def with_net(line: Line) -> Line:
    """A line with its net amount, which is reckoned when it was not said."""
    if line.net is not None:
        return line
    net = (line.price or ZERO) * (line.quantity or ZERO) / (line.price_quantity or 1)
    return line.model_copy(update={"net": net.quantize(CENT, ROUND_HALF_UP)})
