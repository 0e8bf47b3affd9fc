"""What ingest needs of the world outside."""

from dataclasses import dataclass
from datetime import timedelta

from services.ingest.adapters.admission import Admission
from services.ingest.adapters.conformity import Judges
from services.ingest.adapters.scans import Scans
from services.ingest.adapters.workers import Workers
from services.ingest.formats import pdf_ocr
from services.ingest.formats.reading import Document, Reading


@dataclass(frozen=True)
class Lives:
    """How long a draft lives that nobody changes, and how long before its end that is said."""

    life: timedelta
    notice: timedelta


@dataclass(frozen=True)
class Adapters:
    """What ingest needs of the world outside."""

    workers: Workers
    scans: Scans
    judges: Judges
    admission: Admission
    max_file: int
    """Bytes."""
    drafts: Lives

    async def read(self, document: Document) -> Reading:
        """A document read to the end, by recognition when it is a scan."""
        reading = await self.workers.read(document)
        return await self.scans.read(document, reading) if pdf_ocr.due(reading) else reading
