"""Filters as queries. Every one begins with what the caller may read; none is a regular expression.

Words find an invoice through the index on terms, which belong to one reader each; what the filter
says is then compared exactly. So a search costs what it finds, however many invoices others have.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from services.workflow.domain.ids import first_id
from services.workflow.domain.money import hundredths
from services.workflow.domain.payment import PARIS
from services.workflow.domain.todo import asks
from services.workflow.domain.words import USUAL, kind, reference, term, words
from shared.contracts.workflow import InvoiceFilter
from shared.mongo import Document

END = "\U0010ffff"
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Search:
    """A filter, and the scopes in which its caller may read."""

    realm: str
    scopes: tuple[str, ...]
    wanted: InvoiceFilter
    today: date

    @property
    def readers(self) -> tuple[str, ...]:
        """The structures for which the caller reads."""
        return tuple(dict.fromkeys(scope.split(" ", 2)[1] for scope in self.scopes))


def query(search: Search) -> Document:
    """What must hold, as the database asks it."""
    clauses = [*_plain(search), *_ranges(search), *_words(search)]
    mine = {"realm": search.realm, "scopes": {"$in": list(search.scopes)}}
    return {**mine, "$and": clauses} if clauses else mine


def _plain(search: Search) -> Iterator[Document]:
    wanted = search.wanted
    exactly = {
        "number": wanted.number,
        "department": wanted.buyer_reference,
        "order": wanted.order_reference,
        "contract": wanted.contract_reference,
        "type_code": wanted.type_code,
        "frame": wanted.process,
        "deposit_id": wanted.deposit_id,
    }
    yield from ({name: value} for name, value in exactly.items() if value)
    if wanted.status:
        yield {"status": {"$in": [status.value for status in wanted.status]}}
    if wanted.action:
        yield {"todo": {"$in": [asks(wanted.action, scope) for scope in search.scopes]}}
    if wanted.late:
        yield {"expected": {"$lt": search.today.isoformat()}}
    elif wanted.late is False:
        yield {"expected": {"$not": {"$lt": search.today.isoformat()}}}
    if wanted.sort in ("expected", "-expected"):
        yield {"expected": {"$exists": True}}


def _ranges(search: Search) -> Iterator[Document]:
    wanted = search.wanted
    yield from _between("issued", _iso(wanted.issued_from), _iso(wanted.issued_to))
    yield from _between(
        "_id", _id_of(wanted.received_from), before=_id_of(_next(wanted.received_to))
    )
    until = _midnight(_next(wanted.available_to))
    yield from _between("available_at", _midnight(wanted.available_from), before=until)
    yield from _between("changed_at", wanted.changed_since, wanted.changed_until)
    amounts = (wanted.amount_from, wanted.amount_to)
    least, most = (None if amount is None else hundredths(amount) for amount in amounts)
    yield from _between("amount", least, most)
    if start := wanted.number_starts:
        yield {"number": {"$gte": start, "$lt": start + END}}


def _words(search: Search) -> Iterator[Document]:
    wanted, readers = search.wanted, search.readers
    for whole in (
        *(wanted.number, wanted.buyer_reference),
        *(wanted.order_reference, wanted.contract_reference),
    ):
        if word := reference(whole):
            yield _exact(readers, word)
    kinds = {kind(type_code=wanted.type_code)} if wanted.type_code else set()
    kinds |= {kind(frame=wanted.process)} if wanted.process else set()
    yield from (_exact(readers, word) for word in sorted(kinds - USUAL))
    for side, given in (("seller", wanted.seller), ("buyer", wanted.buyer)):
        typed = words(given or "")
        yield from (
            {f"{side}_words": {"$elemMatch": {"$gte": word, "$lt": word + END}}} for word in typed
        )
        own = [scope for scope in search.scopes if scope.startswith(f"{side} ")]
        yield from (_starting(readers, word, own) for word in typed)
    for word in words(wanted.q or ""):
        yield _starting(readers, word)


def _exact(readers: Iterable[str], word: str) -> Document:
    return {"terms": {"$in": [term(reader, word) for reader in readers]}}


def _starting(readers: Iterable[str], word: str, own: Sequence[str] = ()) -> Document:
    """A term that begins so; in scopes of its own nobody is named by terms."""
    found: list[Document] = [
        {"terms": {"$elemMatch": {"$gte": (start := term(reader, word)), "$lt": start + END}}}
        for reader in readers
    ]
    found += [{"scopes": {"$in": list(own)}}] if own else []
    return found[0] if len(found) == 1 else {"$or": found}


def _between(
    name: str, least: Any = None, most: Any = None, *, before: Any = None
) -> Iterator[Document]:
    bounds = {"$gte": least, "$lte": most, "$lt": before}
    if given := {sign: value for sign, value in bounds.items() if value is not None}:
        yield {name: given}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _next(day: date | None) -> date | None:
    return day + DAY if day and day < date.max else day


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), PARIS) if day else None


def _id_of(day: date | None) -> str | None:
    start = _midnight(day)
    return first_id(start) if start else None
