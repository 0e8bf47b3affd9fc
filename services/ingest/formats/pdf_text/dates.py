"""Dates in every form: 13/11/2017 · 13.11.17 · 2017-11-13 · 1er mars 2024 · March 3, 2024."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

_MONTHS = (
    "janvier janv jan january januar",
    "fevrier fevr fev feb february februar",
    "mars mar march marz",
    "avril avr april apr",
    "mai may",
    "juin june juni jun",
    "juillet juil july juli jul",
    "aout aou august aug",
    "septembre sept sep september",
    "octobre oct october oktober okt",
    "novembre nov november",
    "decembre dec december dezember dez",
)
MONTHS = {name: index + 1 for index, names in enumerate(_MONTHS) for name in names.split()}
_NAMES = "|".join(sorted(MONTHS, key=lambda name: -len(name)))
_DATE = re.compile(
    r"(?<![\w/.,-])(?:"
    r"(?P<y>(?:19|20)\d\d)(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})"
    r"|(?P<a>\d{1,2}) ?(?P<t>[-/.]) ?(?P<b>\d{1,2}) ?(?P=t) ?(?P<c>(?:19|20)\d\d|\d\d)"
    rf"|(?P<day>\d{{1,2}})(?:er|st|nd|rd|th|\.)?[ -]?(?:of |de )?"
    rf"(?P<month>{_NAMES})\b\.?,?[ -]?(?P<year>(?:19|20)\d\d|\d\d)"
    rf"|(?P<month2>{_NAMES})\.? (?P<day2>\d{{1,2}})(?:st|nd|rd|th)? ?,? (?P<year2>(?:19|20)\d\d)"
    r"|(?P<y3>20\d\d)(?P<m3>0[1-9]|1[0-2])(?P<d3>0[1-9]|[12]\d|3[01])"
    r")(?![\w]|[-/]\w|\.\d)"
)


@dataclass(slots=True, eq=False)
class Written:
    """A date in a text; `swapped` is its other reading where day and month could be exchanged."""

    start: int
    end: int
    value: date
    swapped: date | None
    american: bool
    """It can only be month before day."""
    compact: bool


def dates_in(folded: str) -> Iterator[Written]:
    """Every date of a folded text."""
    for found in _DATE.finditer(folded):
        read = _read(found)
        if read is not None:
            yield read


def month_first(dates: Sequence[Written]) -> bool:
    """Whether the document writes the month first: some date can be read no other way."""
    return any(d.american for d in dates) and not any(_european_only(d) for d in dates)


def _european_only(written: Written) -> bool:
    return (
        not written.american
        and written.swapped is None
        and written.value.day > 12
        and not written.compact
    )


def _read(found: re.Match[str]) -> Written | None:
    start, end = found.span()
    if found["y"]:
        return _plain(start, end, found["y"], int(found["m"]), found["d"])
    if found["y3"]:
        return _plain(start, end, found["y3"], int(found["m3"]), found["d3"], compact=True)
    if found["month"]:
        return _plain(start, end, found["year"], MONTHS[found["month"]], found["day"], compact=True)
    if found["month2"]:
        return _plain(
            start, end, found["year2"], MONTHS[found["month2"]], found["day2"], compact=True
        )
    first = _date(found["c"], found["b"], found["a"])
    second = _date(found["c"], found["a"], found["b"])
    if first is None:
        return Written(start, end, second, None, True, False) if second else None
    return Written(start, end, first, second if second != first else None, False, False)


def _plain(
    start: int, end: int, year: str, month: int, day: str, *, compact: bool = False
) -> Written | None:
    value = _date(year, str(month), day)
    return Written(start, end, value, None, False, compact) if value else None


def _date(year: str, month: str, day: str) -> date | None:
    number = int(year)
    if number < 100:
        number += 2000 if number < 70 else 1900
    try:
        return date(number, int(month), int(day))
    except ValueError:
        return None
