"""Turns: who hands in more than a few files gives precedence to everybody else's."""

import time

from services.ingest.domain.lanes import lane
from shared.contracts.ingest import DepositReceived
from shared.limits import Buckets


class Turns:
    """How many files each sender handed in lately, to this process."""

    def __init__(self, singles: int) -> None:
        self._buckets = Buckets(singles)

    def lane(self, sender: str, filename: str) -> type[DepositReceived]:
        """The lane of one more file of a sender."""
        room = self._buckets.take(sender, time.monotonic())
        return lane(filename, bulk=room.refused)
