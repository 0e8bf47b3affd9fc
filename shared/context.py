"""What a handler may use: its store, its adapters, the time and new ids."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic

from typing_extensions import TypeVar

from shared import clock
from shared.files import Files

S = TypeVar("S")
A = TypeVar("A", default=None)


@dataclass(frozen=True)
class Context(Generic[S, A]):
    """The surroundings of one message or one request."""

    store: S
    adapters: A
    at: datetime
    files: Files
    message_id: str = ""

    def new_id(self) -> str:
        """A new identifier, newer ones sorting after older ones."""
        return clock.new_id()
