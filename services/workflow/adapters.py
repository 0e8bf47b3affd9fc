"""What workflow holds beside its store."""

import asyncio
from dataclasses import dataclass, field

from shared.contracts.structures import CorrectionRule

EXPORTS = 3
"""Files that are written at once."""


@dataclass(frozen=True, slots=True)
class Adapters:
    """The rules of this instance."""

    corrections: tuple[CorrectionRule, ...] = ()
    """Its policy of correction, by date."""
    exports: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(EXPORTS))
    """Room for files that are being written."""
