"""What was last read of histories: clients poll them, and they seldom change."""

from collections import OrderedDict

from shared.client import Client, Seen
from shared.contracts.workflow import HistoryView

REMEMBERED = 2000


class Memory:
    """Histories by who read them. Each reading asks anew whether it may, and whether it changed."""

    def __init__(self, native: Client) -> None:
        self._native = native
        self._known: OrderedDict[tuple[str, str], Seen[HistoryView]] = OrderedDict()

    async def history(self, structure: str, token: str, id: str) -> HistoryView:
        """The history of an invoice as a structure may read it now. Raises what the API says."""
        key, path = (structure, id), f"/v1/invoices/{id}/history"
        known = self._known.pop(key, None)
        seen = await self._native.refresh(HistoryView, path, token=token, seen=known)
        self._known[key] = seen
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return seen.view
