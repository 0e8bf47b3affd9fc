"""The journal of an invoice: each change as one entry that carries the hash of the one before.

What an entry says is the very text that is hashed, so that whoever checks it needs nothing but
SHA-256. Replayed from the first entry, a chain gives the invoice as it is stored.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

START = "0" * 64
"""What the first entry of a chain has before it."""
DIGESTED = ("header",)
"""What is in the journal by its SHA-256 only: long, and personal."""
OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME
Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of one invoice; `n` is the version that it made."""

    invoice: str
    n: int
    content: str
    hash: str

    @property
    def id(self) -> str:
        """Its name; those of one invoice sort in their order."""
        return f"{self.invoice}/{self.n:06d}"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, where: the first false entry or head is named."""

    place: str
    what: str


def digest(text: str) -> str:
    """The SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def entry(
    invoice: str,
    n: int,
    previous: str,
    *,
    set: Fields,
    add: Fields | None = None,
    unset: Iterable[str] = (),
) -> Entry:
    """The entry of a change: fields that are set, lists that grow, fields that go."""
    said: dict[str, Any] = {"invoice": invoice, "n": n, "previous": previous, "set": _plain(set)}
    if add:
        said["add"] = add
    if unset:
        said["unset"] = sorted(unset)
    content = orjson.dumps(said, default=_moment, option=OPTIONS).decode()
    return Entry(invoice, n, content, digest(content))


def _plain(fields: Fields) -> Fields:
    return {k: digest(v) if k in DIGESTED else v for k, v in fields.items()}


def _moment(value: object) -> str:
    """A time to the millisecond that the database keeps, in UTC."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
    raise TypeError(type(value))


def same(fields: Fields) -> dict[str, Any]:
    """Stored fields in the form in which a replayed chain gives them."""
    plain = orjson.dumps(_plain(fields), default=_moment, option=OPTIONS)
    return dict(orjson.loads(plain))


def check(entries: Iterable[Entry], invoice: str) -> Iterator[Fault]:
    """What is wrong with a chain read in its order, the first fault only."""
    before, place = START, f"{invoice}/000000"
    for number, one in enumerate(entries, 1):
        place = one.id
        if one.n != number:
            missing = f"{invoice}/{number:06d}"
            what = "missing" if one.n > number else "twice"
            yield Fault(missing if one.n > number else place, f"this entry is {what}")
            return
        said = _said(one.content)
        if digest(one.content) != one.hash:
            yield Fault(place, "its content is not what was hashed")
            return
        if (said.get("invoice"), said.get("n")) != (invoice, number):
            yield Fault(place, "it belongs to another place of the journal")
            return
        if said.get("previous") != before:
            yield Fault(place, "it does not follow the entry before it")
            return
        before = one.hash


def _said(content: str) -> dict[str, Any]:
    try:
        said = json.loads(content)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def replayed(entries: Iterable[Entry]) -> dict[str, Any]:
    """The invoice that a chain tells of."""
    state: dict[str, Any] = {}
    for one in entries:
        said = _said(one.content)
        state |= said.get("set", {})
        for name, more in said.get("add", {}).items():
            state[name] = [*state.get(name, []), *more]
        for name in said.get("unset", ()):
            state.pop(name, None)
    return state


def steps(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Every step that a chain tells of, in its order."""
    return list(replayed(entries).get("steps", []))
