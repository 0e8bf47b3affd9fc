"""What ingest needs of the world outside."""

from dataclasses import dataclass, replace
from datetime import timedelta

from services.ingest.adapters.admission import Admission
from services.ingest.adapters.conformity import Judges
from services.ingest.adapters.scans import Scans
from services.ingest.adapters.turns import Turns
from services.ingest.adapters.workers import Workers
from services.ingest.domain.conformity import Conformity, demanded, judgeable
from services.ingest.formats import pdf_ocr
from services.ingest.formats.reading import Document, Reading
from shared.errors import Unavailable


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
    turns: Turns
    max_file: int
    """Bytes."""
    drafts: Lives
    demanded: tuple[str, ...] = ()
    """The official rules that refuse an invoice here."""

    async def opinion(self, document: Document, reading: Reading) -> Conformity:
        """What the official rules say of a document that was read, the demanded ones aloud."""
        if not judgeable(reading.format, reading.findings):
            return Conformity()
        return demanded(await self.judges.judge(document), self.demanded)

    async def held_to(self, document: Document, reading: Reading) -> Reading:
        """The reading with what refuses it by the rules that are demanded here.

        Raises Unavailable when they could not be applied now.
        """
        if not self.demanded or not reading.accepted:
            return reading
        opinion = await self.opinion(document, reading)
        if not opinion.final:
            raise Unavailable("Le contrôle de conformité n'a pas abouti.")
        refusing = [finding for finding in opinion.findings if finding.blocks]
        return replace(reading, findings=(*reading.findings, *refusing))

    async def read(self, document: Document) -> Reading:
        """A document read to the end, by recognition when it is a scan."""
        reading = await self.workers.read(document)
        return await self.scans.read(document, reading) if pdf_ocr.due(reading) else reading
