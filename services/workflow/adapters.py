"""What workflow holds beside its store."""

from dataclasses import dataclass

from shared.contracts.structures import CorrectionRule


@dataclass(frozen=True, slots=True)
class Adapters:
    """The rules of this instance."""

    corrections: tuple[CorrectionRule, ...] = ()
    """Its policy of correction, by date."""
