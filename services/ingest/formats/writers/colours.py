"""The colours of a page: sRGB as an ICC profile, small enough to be written out here."""

import struct
from functools import cache

RED, GREEN, BLUE = (
    (0.43607, 0.22249, 0.01392),
    (0.38515, 0.71687, 0.09708),
    (0.14307, 0.06061, 0.7141),
)
WHITE = (0.9642, 1.0, 0.8249)
GAMMA = 0x0233
"""2.2 in eight bits and eight bits."""
HEADER = 128


@cache
def profile() -> bytes:
    """A matrix profile of version 2."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, GAMMA)
    tags = {
        b"desc": described("sRGB"),
        b"cprt": b"text" + bytes(4) + b"No copyright\0",
        b"wtpt": colour(WHITE),
        b"rXYZ": colour(RED),
        b"gXYZ": colour(GREEN),
        b"bXYZ": colour(BLUE),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    at = HEADER + 4 + 12 * len(tags)
    table, data = struct.pack(">I", len(tags)), b""
    for name, value in tags.items():
        table += name + struct.pack(">II", at + len(data), len(value))
        data += value + bytes(-len(value) % 4)
    return header(at + len(data)) + table + data


def header(size: int) -> bytes:
    """What the profile is."""
    head = struct.pack(">I4xI", size, 0x02100000) + b"mntrRGB XYZ "
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp"
    return head.ljust(68, b"\0") + b"".join(map(fixed, WHITE)) + bytes(HEADER - 80)


def fixed(value: float) -> bytes:
    """A number in sixteen bits and sixteen bits."""
    return struct.pack(">i", round(value * 65536))


def colour(values: tuple[float, float, float]) -> bytes:
    """A point of the colour space."""
    return b"XYZ " + bytes(4) + b"".join(map(fixed, values))


def described(name: str) -> bytes:
    """A name, with empty places for other scripts."""
    text = name.encode() + b"\0"
    return b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(4 + 4 + 2 + 1 + 67)
