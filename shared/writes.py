"""Writes as values: a store returns them, and only `shared.outbox` applies them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Insert:
    """A new document; one that breaks a unique index is a conflict."""

    collection: str
    document: Document


@dataclass(frozen=True, slots=True)
class Keep:
    """A document that is inserted unless its id exists already."""

    collection: str
    document: Document


@dataclass(frozen=True, slots=True)
class Replace:
    """A document read at version `was` and changed; another version by now is a conflict."""

    collection: str
    document: Document
    was: int


@dataclass(frozen=True, slots=True)
class Newer:
    """A copy of somebody else's document; an older version than the one known is ignored."""

    collection: str
    document: Document


@dataclass(frozen=True, slots=True)
class Patch:
    """A change of some fields; no document that matches `where` is a conflict."""

    collection: str
    id: Any
    update: Document
    where: Document = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PatchAll:
    """The same change of many documents; one that does not match `where` is a conflict."""

    collection: str
    ids: Sequence[Any]
    update: Document
    where: Document = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Remove:
    """A document that may go; one that is gone already is no fault."""

    collection: str
    id: Any


@dataclass(frozen=True, slots=True)
class Add:
    """Counters of a document that are changed, and what the document says when it is new."""

    collection: str
    id: Any
    counts: Mapping[str, int]
    first: Document = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Count:
    """Counters that many change at once, by document and field.

    All that one transaction counts in a collection is put down as one new document, `rows` of
    `[document, field, number]`; so nobody waits for anybody. Its owner adds it up later.
    """

    collection: str
    rows: Mapping[tuple[str, str], int]


Write = Insert | Keep | Replace | Newer | Patch | PatchAll | Remove | Add | Count
