"""What ingest needs of the world outside."""

from dataclasses import dataclass

from services.ingest.adapters.admission import Admission
from services.ingest.adapters.conformity import Judges
from services.ingest.adapters.workers import Workers


@dataclass(frozen=True)
class Adapters:
    """What ingest needs of the world outside."""

    workers: Workers
    judges: Judges
    admission: Admission
    max_file: int
    """Bytes."""
