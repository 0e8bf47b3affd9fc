"""What a partner's room must do, and what is open or shared in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from services.notifications.domain.folders import Paper


class Room(Protocol):
    """What one partner may see and do."""

    async def stands(self) -> bool:
        """Whether its key may still come in."""

    async def papers(self, folder: str) -> Sequence[Paper]:
        """The files of a folder."""

    async def read(self, folder: str, name: str) -> bytes | None:
        """A file, or None when there is none."""

    async def picked_up(self, folder: str, name: str) -> None:
        """A file was read to its end."""

    async def hand_in(self, name: str, data: bytes) -> None:
        """Take a whole file; it is safe when this returns. Raises Problem."""

    async def refuse(self, name: str, why: str) -> None:
        """Write the receipt of a file that was not taken."""

    async def rename(self, old: str, new: str) -> None:
        """Give a half-written file another name, and take it when that is final. Raises Problem."""

    async def remove(self, folder: str, name: str) -> None:
        """Forget a file. Raises Problem."""


class Upload:
    """A file that is being written, in memory."""

    def __init__(self, name: str) -> None:
        self.name, self.data, self.fault = name, bytearray(), ""


class Held:
    """A file that is read, and how far it was."""

    def __init__(self, folder: str, name: str, data: bytes) -> None:
        self.folder, self.name, self.data, self.read = folder, name, data, 0


@dataclass
class Shelf:
    """What all roots of this process share."""

    largest: int
    readme: bytes
    bytes: int = 0
    """Of the uploads that are under way."""
