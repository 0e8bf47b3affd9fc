"""DER, as far as signatures need it: values inside values, each checked against its bounds."""

from collections.abc import Iterator
from dataclasses import dataclass

malformed = (ValueError, IndexError, KeyError)
"""What reading something else than DER raises."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value with its tag; `raw` is the whole of it, `value` what is inside."""

    tag: int
    raw: bytes
    value: bytes

    def __iter__(self) -> Iterator["Node"]:
        at = 0
        while at < len(self.value):
            node = node_at(self.value, at)
            yield node
            at += len(node.raw)

    def __getitem__(self, position: int) -> "Node":
        return list(self)[position]

    @property
    def oid(self) -> str:
        """An object identifier in figures."""
        if self.tag != 0x06:
            raise ValueError(self.tag)
        numbers, number = [], 0
        for byte in self.value:
            number = number << 7 | byte & 0x7F
            if not byte & 0x80:
                numbers.append(number)
                number = 0
        top = min(numbers[0] // 40, 2)
        return ".".join(str(n) for n in (top, numbers[0] - 40 * top, *numbers[1:]))

    @property
    def integer(self) -> int:
        """A whole number."""
        return int.from_bytes(self.value, signed=True)


def node_at(data: bytes, at: int = 0) -> Node:
    """The value that begins there; raises one of `malformed` when it does not end inside."""
    tag, length = data[at], data[at + 1]
    start = at + 2
    if length & 0x80:
        size = length & 0x7F
        if not 1 <= size <= 4:
            raise ValueError(size)
        length = int.from_bytes(data[start : start + size])
        start += size
    if start + length > len(data):
        raise ValueError(length)
    return Node(tag, data[at : start + length], data[start : start + length])
