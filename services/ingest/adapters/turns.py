"""Turns: who hands in more than a few files gives precedence to everybody else's."""

import time

from services.ingest.domain.lanes import placed
from shared.contracts.ingest import DepositReceived
from shared.limits import Buckets


class Turns:
    """How many files each sender handed in lately, to this process."""

    def __init__(self, singles: int) -> None:
        self._buckets = Buckets(singles)

    def placed(self, sender: str, deposit: DepositReceived) -> DepositReceived:
        """One more file of a sender, told so that it waits in its lane."""
        room = self._buckets.take(sender, time.monotonic())
        return placed(deposit, bulk=room.refused)
