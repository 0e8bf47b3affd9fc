"""The processes that a test's own code has started, not the session's, and ports for them."""

import os
from collections.abc import Iterator
from itertools import cycle

import psutil

from deploy.local.place import FIRST_PORT, is_free

PORTS = range(10_000, FIRST_PORT)
"""Below those of stacks, and below those that the kernel gives to outgoing connections."""
_next: Iterator[int] = cycle((*PORTS[os.getpid() * 997 % len(PORTS) :], *PORTS))


def children(word: str) -> list[psutil.Process]:
    """The children of this process whose command has the word."""
    return [child for child in psutil.Process().children() if word in " ".join(child.cmdline())]


def free_port() -> int:
    """A port that nobody uses, and that no other test is likely to be given."""
    return next(port for port in _next if is_free(port))
