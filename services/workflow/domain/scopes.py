"""Scopes: who finds an invoice, one word for each part that somebody has in it.

A scope names a side, a structure and, for a buyer, perhaps a department. An invoice carries every
scope from which it may be read, a caller has those that rights give; what both have is shown. So
one index finds exactly what may be read, and rights and lists cannot differ.
"""

from collections.abc import Iterator
from typing import get_args

from services.workflow.domain.parties import LIVE
from services.workflow.domain.record import Record
from shared.contracts.workflow import Role, Side

Where = Side | Role
SIDES: tuple[Side, ...] = get_args(Side)
COUNTED = SIDES[:-1]
"""The sides whose invoices are counted and summed; who hands in for others is none of them."""
LONGEST_DEPARTMENT = 100


def scope(side: Where, key: str, department: str | None = None) -> str:
    """The word for a part; without a department the whole structure has it."""
    return f"{side} {key} {department[:LONGEST_DEPARTMENT]}" if department else f"{side} {key}"


def scopes(record: Record) -> tuple[str, ...]:
    """Every scope from which an invoice may be read."""
    return tuple(dict.fromkeys(_scopes(record)))


def _scopes(record: Record) -> Iterator[str]:
    department = record.header.buyer_reference
    for role, keys in record.parties.items():
        for key in filter(None, keys):
            handed_in = role == "seller" and key != record.seller and record.realm == LIVE
            side: Where = "depositor" if handed_in else role
            yield scope(side, key)
            if role == "buyer" and department:
                yield scope(side, key, department)


def turn(record: Record, role: Role) -> tuple[str, ...]:
    """The scopes of those who act in a role now."""
    department = record.header.buyer_reference if role == "buyer" else None
    keys = record.actors(role)
    return tuple(scope(role, key, code) for key in keys for code in {None, department})
