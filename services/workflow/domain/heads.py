"""Heads: the root of a Merkle tree (RFC 6962) over entries, and the hash of the head before."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

LEAF, NODE = b"\x00", b"\x01"


def root(hashes: Sequence[str]) -> str:
    """The Merkle root over the hashes of entries, in hexadecimal."""
    return _root([_leaf(one) for one in hashes]).hex()


def path(hashes: Sequence[str], index: int) -> tuple[str, ...]:
    """The way from an entry up to the root."""
    return tuple(step.hex() for step in _path([_leaf(one) for one in hashes], index))


def climbed(entry: str, index: int, count: int, way: Sequence[str]) -> str:
    """The root to which an entry's way leads (RFC 9162, 2.1.3.2); empty when it leads nowhere."""
    if not 0 <= index < count:
        return ""
    here, last, node = index, count - 1, _leaf(entry)
    for step in map(bytes.fromhex, way):
        if last == 0:
            return ""
        if here & 1 or here == last:
            node = _node(step, node)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            node = _node(node, step)
        here, last = here >> 1, last >> 1
    return node.hex() if last == 0 else ""


def _leaf(entry: str) -> bytes:
    return hashlib.sha256(LEAF + bytes.fromhex(entry)).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(NODE + left + right).digest()


def _split(count: int) -> int:
    """The largest power of two below a count."""
    return 1 << (count - 1).bit_length() - 1


def _root(leaves: Sequence[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = [_node(*level[i : i + 2]) for i in range(0, len(level) - 1, 2)] + odd
    return level[0]


def _path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    left, right = leaves[:split], leaves[split:]
    if index < split:
        return [*_path(left, index), _root(right)]
    return [*_path(right, index - split), _root(left)]


@dataclass(frozen=True, slots=True)
class Head:
    """What a head says, before it is signed."""

    number: int
    at: datetime
    count: int
    root: str
    previous: str
    closes: date | None = None

    def said(self) -> bytes:
        """The bytes that are signed."""
        content: dict[str, Any] = {
            "number": self.number,
            "at": self.at,
            "count": self.count,
            "root": self.root,
            "previous": self.previous,
            "closes": self.closes,
        }
        return orjson.dumps(content)


def next_head(
    last: "Head | None", last_hash: str, hashes: Sequence[str], at: datetime
) -> Head | None:
    """The head over new entries; without any only one that closes a day, else None.

    The first head of a day closes the day of the head before it.
    """
    moment = max(at, last.at) if last else at
    closes = last.at.date() if last and last.at.date() < moment.date() else None
    if not hashes and closes is None:
        return None
    number = last.number + 1 if last else 1
    return Head(number, moment, len(hashes), root(hashes), last_hash, closes)
