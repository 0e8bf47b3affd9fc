"""Scans are recognised in processes of their own, which start with the first scan.

One page takes as long as a hundred of text: nobody who reads text or XML waits for them.
"""

import asyncio
from dataclasses import replace

from services.ingest.adapters.child import Child, Dead, Late
from services.ingest.adapters.reader import READINGS
from services.ingest.formats import pdf_ocr, pdf_text
from services.ingest.formats.reading import Document, Reading, unread
from shared.contracts.finding import Doubt

SECONDS = 50.0
"""For a whole document. Two in a row must end within the time of a handler."""


class Scans:
    """The processes that recognise."""

    def __init__(self, processes: int) -> None:
        self._scanners = [Child("services.ingest.adapters.scanner") for _ in range(processes)]
        self._free: asyncio.LifoQueue[Child] = asyncio.LifoQueue()
        for scanner in self._scanners:
            self._free.put_nowait(scanner)

    async def read(self, document: Document, text: Reading) -> Reading:
        """A scan recognised, of which the text was read; whatever happens, it is a reading."""
        for _ in range(2):  # a process may die for reasons that are not the document's
            scanner = await self._free.get()
            try:
                request = (SECONDS, document.name, document.data)
                (reading,) = READINGS.validate_json(await scanner.ask(request, SECONDS))
                return reading
            except Late:
                break
            except Dead:
                continue
            except ValueError:
                await scanner.stop()
            finally:
                self._free.put_nowait(scanner)
        return without(text)

    async def close(self) -> None:
        """End the processes."""
        await asyncio.gather(*(scanner.stop() for scanner in self._scanners))


def without(text: Reading) -> Reading:
    """A document whose pictures could not be recognised: its text, if it has any."""
    if not text.fields:
        return unread(pdf_ocr.NAME, "FAC-SAFE-007")
    message = "Les images de ce document n'ont pas pu être lues : vérifiez chaque champ."
    doubts = (*text.doubts, Doubt(field="pages", message=message))
    return replace(text, format=pdf_text.NAME, doubts=doubts)
