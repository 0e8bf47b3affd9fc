"""The totals: rivals for each are weighed together, and arithmetic decides between them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product

from services.ingest.formats.pdf_text.breakdown import Table
from services.ingest.formats.pdf_text.choice import Option, options
from services.ingest.formats.pdf_text.geometry import Piece
from services.ingest.formats.pdf_text.labels import Label
from services.ingest.formats.pdf_text.pairing import Candidate, Take, pairs
from services.ingest.formats.pdf_text.sum_rows import under_heads
from services.ingest.formats.pdf_text.values import Found, Value

NAMES = ("total_without_vat", "total_vat", "total_with_vat", "prepaid", "amount_due")
_KEEP = 8
_LETTER = re.compile(r"[a-z]")
_LINK = re.compile(r"[ (]*(?:(?:de|d'|en) ?)?")
_WEAK = 0.5
"""A rival below this share of the strongest is no rival."""

_SURE = 0.8
"""A sum already paid counts without a sum still due only when its label is this plain."""

_PLAIN = 0.6
"""Three totals with labels as plain as this stay, even when they do not add up."""


@dataclass(slots=True)
class Sums:
    """The totals chosen, the rivals of each, and which identities hold."""

    chosen: dict[str, Option] = field(default_factory=dict)
    rivals: dict[str, list[Option]] = field(default_factory=dict)
    adds_up: bool | None = None
    """HT + TVA = TTC; None when one of them is missing."""
    settles: bool | None = None
    """TTC - prepaid = due; None when one of them is missing."""
    table: Table | None = None

    def cents(self, name: str) -> int | None:
        """A chosen total in hundredths."""
        option = self.chosen.get(name)
        return option.best.value.cents if option else None


def total_options(
    found: Found, heads: set[Piece], tables: Sequence[Table]
) -> dict[str, list[Option]]:
    """The rivals for each total, strongest first."""
    gathered: dict[str, list[Candidate]] = {name: [] for name in NAMES}
    for table in tables:
        if len(table.rows) == 1:
            row = table.rows[0]
            gathered["total_vat"].append(Candidate(row.vat, None, 0.5, "rate"))
            if row.base:
                gathered["total_without_vat"].append(Candidate(row.base, None, 0.45, "rate"))
        else:
            taxes, bases = _sums(table)
            gathered["total_vat"].append(Candidate(taxes, None, 0.5, "sum"))
            gathered["total_without_vat"].append(Candidate(bases, None, 0.4, "sum"))
    take = _taker(found)
    for name, candidate in under_heads(found):
        gathered[name].append(candidate)
    for label in found.labels:
        wanted = [meaning for meaning in label.means if meaning.field in gathered]
        if not wanted:
            continue
        around = _before(found, label) or pairs(found, label, take, heads, reach=2.2)
        for candidate in around:
            form = (1.0 if candidate.value.money else 0.45) * (1.0 if label.clean else 0.7)
            for meaning in wanted:
                score = candidate.score * meaning.weight * form
                if score > 0.12:
                    gathered[meaning.field].append(
                        Candidate(candidate.value, label, score, candidate.relation)
                    )
    return {
        name: _strong(options(each, lambda c: c.value.cents)) for name, each in gathered.items()
    }


def _sums(table: Table) -> tuple[Value, Value]:
    """The taxes and the bases of a breakdown added, standing where the last of them stands."""
    last = table.rows[-1]
    taxes, bases = last.vat, last.base or last.vat
    return (
        Value("sum", taxes.piece, taxes.start, taxes.end, amount=Decimal(table.vat) / 100),
        Value("sum", bases.piece, bases.start, bases.end, amount=Decimal(table.base) / 100),
    )


def _taker(found: Found) -> Take:
    def take(piece: Piece, start: int, end: int) -> Sequence[Value]:
        return [v for v in found.of_kind(piece, "amount") if start <= v.start < end]

    return take


def _before(found: Found, label: Label) -> list[Candidate]:
    """« 1 200,00 € TTC », « 200,00 € de TVA »: the amount stands before its word."""
    values = [v for v in found.of_kind(label.piece, "amount") if v.end <= label.start and v.money]
    if not values or label.clean:
        return []
    value, folded = values[-1], label.piece.folded
    if not _LINK.fullmatch(folded[value.end : label.start]):
        return []
    ends = [other.end for other in found.labels_of[label.piece] if other.end <= value.start]
    if ends and not _LETTER.search(folded[ends[-1] : value.start]):
        return []
    return [Candidate(value, label, 1.2, "before")]


def _strong(found: list[Option]) -> list[Option]:
    if not found:
        return found
    floor = found[0].score * _WEAK
    return [option for option in found if option.score >= floor][:_KEEP]


def add_up(
    rivals: dict[str, list[Option]], tables: Sequence[Table], exempt: Label | None = None
) -> Sums:
    """The totals that together are the likeliest."""
    best: tuple[float, Option | None, Option | None, Option | None] = (-9.0, None, None, None)
    for net, vat, gross in product(
        [*rivals["total_without_vat"], None],
        [*rivals["total_vat"], None],
        [*rivals["total_with_vat"], None],
    ):
        score = _triple(net, vat, gross, tables, rivals)
        if score > best[0]:
            best = (score, net, vat, gross)
    sums = Sums(rivals=rivals)
    for name, option in zip(NAMES, best[1:], strict=False):
        if option is not None:
            sums.chosen[name] = option
    if exempt is not None:
        _exempt(sums, exempt)
    _settle(sums)
    _judge(sums, tables)
    return sums


def _exempt(sums: Sums, label: Label) -> None:
    """Without VAT, and said so: there is no tax, and one total stands for both."""
    net, gross = sums.chosen.get("total_without_vat"), sums.chosen.get("total_with_vat")
    if "total_vat" in sums.chosen or (net is None) == (gross is None):
        return
    known = net or gross
    assert known is not None
    nothing = Value("zero", label.piece, label.start, label.end)
    zero = Candidate(nothing, label, 0.7, "exempt")
    other = Candidate(known.best.value, label, 0.7, "exempt")
    sums.chosen["total_vat"] = Option(0, zero, 0.7)
    sums.chosen["total_with_vat" if net else "total_without_vat"] = Option(known.key, other, 0.7)


def _cents(option: Option | None) -> int | None:
    return option.best.value.cents if option else None


def _triple(
    net: Option | None,
    vat: Option | None,
    gross: Option | None,
    tables: Sequence[Table],
    rivals: dict[str, list[Option]],
) -> float:
    score = sum(option.score for option in (net, vat, gross) if option)
    a, b, c = _cents(net), _cents(vat), _cents(gross)
    if a is not None and b is not None and c is not None:
        holds = abs(a + b - c) <= 1
        plain = all(option.score >= _PLAIN for option in (net, vat, gross) if option)
        score += 1.2 if holds else -0.1 if plain else -0.6
        if holds and a == c and net and gross and net.best.value is gross.best.value:
            score -= 0.3
    elif a is not None and c is not None:
        score += 0.3 if abs(a) <= abs(c) else -0.8
    if (
        vat
        and net
        and vat.best.value is net.best.value
        or vat
        and gross
        and vat.best.value is gross.best.value
    ):
        score -= 0.8
    for table in tables:
        if b is not None and table.vat == b and a is not None and table.base == a:
            return score + (0.8 if len(table.rows) == max(len(t.rows) for t in tables) else 0.2)
    if any(b is not None and table.vat == b for table in tables):
        score += 0.4
    return score


def _settle(sums: Sums) -> None:
    gross = sums.cents("total_with_vat")
    best: tuple[float, Option | None, Option | None] = (-9.0, None, None)
    for paid, due in product([*sums.rivals["prepaid"], None], [*sums.rivals["amount_due"], None]):
        score = sum(option.score for option in (paid, due) if option)
        p, d = _cents(paid), _cents(due)
        if gross is not None and d is not None:
            off = abs(gross - abs(p or 0) * (1 if gross >= 0 else -1) - d)
            if off <= 1:
                score += 1.0
            elif p is not None:
                score -= 0.7
        if paid and gross is not None and p == gross and d:
            score -= 0.5
        if paid and due is None and paid.score < _SURE:
            score -= 1.0
        if paid and due and paid.best.value is due.best.value:
            score -= 0.8
        if score > best[0]:
            best = (score, paid, due)
    if best[1] is not None:
        sums.chosen["prepaid"] = best[1]
    if best[2] is not None:
        sums.chosen["amount_due"] = best[2]
    elif best[1] is None and "total_with_vat" in sums.chosen:
        gross_option = sums.chosen["total_with_vat"]
        same = Candidate(gross_option.best.value, None, gross_option.best.score, "total")
        sums.chosen["amount_due"] = Option(gross_option.key, same, gross_option.score)


def _judge(sums: Sums, tables: Sequence[Table]) -> None:
    net, vat, gross, paid, due = (sums.cents(name) for name in NAMES)
    if net is not None and vat is not None and gross is not None:
        sums.adds_up = abs(net + vat - gross) <= 1
    if gross is not None and due is not None:
        sums.settles = abs(abs(gross) - abs(paid or 0) - abs(due)) <= 1
    sums.table = next(
        (t for t in tables if vat is not None and t.vat == vat and t.base == net), None
    ) or next((t for t in tables if vat is not None and t.vat == vat), None)
    if sums.table is None and tables:
        sums.table = tables[0]


def value_of(option: Option) -> Value:
    """The value of an option."""
    return option.best.value
