"""Amounts in every form: 1 234,56 € · 1.234,56 · 1,234.56 · -12,00 · (12,00) · 1500 EUR."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

_DIGITS = r"(?:\d{1,3}(?:[ '.,]\d{3})+(?:[.,]\d{1,6})?|\d+(?:[.,]\d{1,6})?)"
_MONEY = r"€|\$|£|eur(?:os?)?\b|usd\b|gbp\b|chf\b|xpf\b"
_AMOUNT = re.compile(
    rf"(?:(?P<before>{_MONEY}) ?)?(?:(?<![\w/.,)-])(?P<sign>[-(+]) ?|(?<![\w.,/-]))"
    rf"(?P<digits>{_DIGITS})(?![\w/]|[.,-]\w)"
    rf"(?P<close>\))?(?: ?(?P<after>{_MONEY}))?(?P<minus>-(?!\w))?(?P<percent> ?%)?"
)

LONGEST_BARE = 6
"""Figures that an amount has without any mark between them."""


@dataclass(slots=True, eq=False)
class Number:
    """A number in a text, not yet read: its digits may be French or English."""

    start: int
    end: int
    digits: str
    negative: bool
    money: bool
    percent: bool

    @property
    def decimals(self) -> bool:
        """Whether it is written with two decimals, as money is."""
        return len(self.digits) > 3 and self.digits[-3] in ",." or self.digits[-3:-2] in (",", ".")

    @property
    def bare(self) -> bool:
        """Whether it is long and written as no amount is: a number of an order, of a meter."""
        return not self.money and len(self.digits) > LONGEST_BARE and self.digits.isdecimal()


def numbers_in(folded: str) -> Iterator[Number]:
    """Every number of a folded text that stands alone."""
    for found in _AMOUNT.finditer(folded):
        sign = (found["sign"] or "").strip()
        yield Number(
            found.start(),
            found.end(),
            found["digits"],
            sign == "-" or (sign == "(" and bool(found["close"])) or bool(found["minus"]),
            bool(found["before"] or found["after"]),
            bool(found["percent"]),
        )


def english(numbers: Sequence[Number]) -> bool:
    """Whether the document writes a decimal point, by the count of unequivocal numbers."""
    score = 0
    for number in numbers:
        text = number.digits
        if number.percent:
            continue
        if "," in text and "." in text:
            score += 3 if text.rindex(".") > text.rindex(",") else -3
        elif number.decimals:
            score += 1 if text[-3] == "." else -1
    return score > 0


def amount(number: Number, point: bool) -> Decimal:
    """The value of a number in a document that writes a decimal point, or a comma."""
    text = number.digits.replace(" ", "").replace("'", "")
    mark = _decimal_mark(text, point)
    if mark:
        whole, _, part = text.rpartition(mark)
        text = re.sub(r"[.,]", "", whole) + "." + part
    else:
        text = re.sub(r"[.,]", "", text)
    value = Decimal(text)
    return -value if number.negative else value


def _decimal_mark(text: str, point: bool) -> str:
    marks = [c for c in text if c in ",."]
    if not marks:
        return ""
    last = marks[-1]
    if len(set(marks)) == 2:
        return last
    if len(marks) > 1:
        return ""
    after = len(text) - text.rindex(last) - 1
    if after != 3 or text.startswith("0"):
        return last
    return last if (last == ".") == point else ""


def cents(value: Decimal) -> int:
    """The value in hundredths."""
    return int((value * 100).to_integral_value())
