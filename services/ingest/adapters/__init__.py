"""What ingest needs of the world outside."""

from dataclasses import dataclass

from services.ingest.adapters.admission import Admission
from services.ingest.adapters.conformity import Judges
from services.ingest.adapters.scans import Scans
from services.ingest.adapters.workers import Workers
from services.ingest.formats import pdf_ocr
from services.ingest.formats.reading import Document, Reading


@dataclass(frozen=True)
class Adapters:
    """What ingest needs of the world outside."""

    workers: Workers
    scans: Scans
    judges: Judges
    admission: Admission
    max_file: int
    """Bytes."""

    async def read(self, document: Document) -> Reading:
        """A document read to the end, by recognition when it is a scan."""
        reading = await self.workers.read(document)
        return await self.scans.read(document, reading) if pdf_ocr.due(reading) else reading
