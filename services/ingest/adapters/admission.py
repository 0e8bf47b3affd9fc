"""The door of ingest has a size: what does not fit is sent away at once, to come again."""

from collections.abc import Iterator
from contextlib import contextmanager

from shared.errors import Unavailable

UNKNOWN = 1024 * 1024
"""Bytes counted for a body that does not announce its length."""


class Admission:
    """Counts the uploads under way and their bytes."""

    def __init__(self, uploads: int, size: int) -> None:
        self._uploads, self._size = uploads, size
        self._now = self._held = 0
        self.closed = False
        """Whether nothing more is taken: too much waits to be read, or nothing can be kept."""

    @contextmanager
    def room(self, announced: int | None) -> Iterator[None]:
        """Room for an upload of so many bytes. Raises Unavailable when there is none."""
        if self.closed:
            raise Unavailable(
                "La plateforme est surchargée ; ce dépôt n'a pas été pris. Renvoyez-le plus tard.",
                code="backlog",
                headers={"Retry-After": "10"},
            )
        weight = UNKNOWN if announced is None else announced
        if self._now and (self._now >= self._uploads or self._held + weight > self._size):
            raise Unavailable(
                "Trop de dépôts arrivent en ce moment ; celui-ci n'a pas été pris. Renvoyez-le.",
                code="busy",
                headers={"Retry-After": "2"},
            )
        self._now, self._held = self._now + 1, self._held + weight
        try:
            yield
        finally:
            self._now, self._held = self._now - 1, self._held - weight
