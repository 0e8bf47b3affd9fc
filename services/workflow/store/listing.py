"""What is stored beside an invoice so that lists find it: computed from it, never decided."""

from typing import Any

from services.workflow.domain.money import expected, hundredths
from services.workflow.domain.record import Record
from services.workflow.domain.scopes import scopes
from services.workflow.domain.todo import todo
from services.workflow.domain.words import party_words, terms
from shared.contracts.status import InvoiceStatus as S
from shared.mongo import Document, Index

INVOICES = "invoices"
SORTS = {
    "received": "_id",
    "issued": "issued",
    "number": "number",
    "amount": "amount",
    "changed": "changed_at",
    "expected": "expected",
}
"""What a list may be sorted by; an id sorts by arrival."""
BY = ("status", "available_at", "issued", "number", "amount", "changed_at")
COMPUTED = frozenset(
    (
        *("scopes", "terms", "issued", "amount", "type_code", "frame", "order", "contract"),
        *("seller_words", "buyer_words", "todo", "changed_at", "available_at", "expected"),
    )
)
"""Everything that is stored for lists only; the journal leaves it out."""
INDEXES = (
    Index(INVOICES, [("scopes", 1), ("_id", -1)]),
    *(Index(INVOICES, [("scopes", 1), (field, -1), ("_id", -1)]) for field in BY),
    Index(
        INVOICES,
        [("scopes", 1), ("expected", -1), ("_id", -1)],
        where={"expected": {"$exists": True}},
    ),
    Index(INVOICES, [("todo", 1), ("_id", 1)], where={"todo": {"$exists": True}}),
    Index(INVOICES, [("terms", 1), ("_id", -1)]),
    Index(INVOICES, [("deposit_id", 1)]),
)


def listed(record: Record) -> Document:
    """Everything by which a list finds an invoice; what is absent is None or empty."""
    return {**_fixed(record), **_moving(record)}


def relisted(record: Record, was: Record) -> tuple[Document, Document]:
    """What to set and what to unset for an invoice that has changed."""
    now, before = _moving(record), _moving(was)
    if record.header is not was.header or record.parties != was.parties:
        now, before = listed(record), listed(was)
    changed = {name: value for name, value in now.items() if value != before[name]}
    gone = {name: "" for name, value in changed.items() if not value and value != 0}
    return {name: changed[name] for name in changed.keys() - gone.keys()}, gone


def _fixed(record: Record) -> Document:
    """What follows from the header and the parties."""
    header = record.header
    found: dict[str, Any] = {
        "scopes": list(scopes(record)),
        "terms": list(terms(record)),
        "issued": header.issue_date.isoformat(),
        "amount": hundredths(header.totals.with_vat),
        "type_code": header.type_code,
        "frame": record.frame.code,
        "order": header.order_reference,
        "contract": header.contract_reference,
        "seller_words": list(party_words(header.seller)),
        "buyer_words": list(party_words(header.buyer)),
    }
    return found


def _moving(record: Record) -> Document:
    """What follows from the steps."""
    by = expected(record)
    available = (s.at for s in reversed(record.steps) if s.previous is S.IN_TRANSIT)
    return {
        "todo": list(todo(record)),
        "changed_at": record.steps[-1].at,
        "available_at": next(available, None),
        "expected": by.isoformat() if by else None,
    }
