"""The directory as a ZIP file, made beside the loop and kept for some minutes."""

import asyncio
import io
import zipfile
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.structures.domain.export import Tables

KEPT = timedelta(minutes=10)
MOST_REALMS = 4


class Exports:
    """The files of a few realms."""

    def __init__(self) -> None:
        self._made: OrderedDict[str, tuple[datetime, bytes]] = OrderedDict()
        self._lock = asyncio.Lock()

    async def of(
        self, realm: str, batches: AsyncIterator[Sequence[Mapping[str, Any]]], at: datetime
    ) -> tuple[datetime, bytes]:
        """The file of a realm and when it was made; whoever asks meanwhile waits for the same."""
        async with self._lock:
            known = self._made.get(realm)
            if known and at - known[0] < KEPT:
                return known
            tables = Tables()
            async for batch in batches:
                await asyncio.to_thread(tables.add, batch)
            made = self._made[realm] = (at, await asyncio.to_thread(_zipped, tables))
            self._made.move_to_end(realm)
            if len(self._made) > MOST_REALMS:
                self._made.popitem(last=False)
            return made


def _zipped(tables: Tables) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in tables.files().items():
            archive.writestr(name, content)
    return data.getvalue()
