"""How a format refuses a document."""

from services.ingest.domain.refusals import refusal
from shared.contracts.finding import Finding


class Unreadable(Exception):
    """A document cannot be read, or must not be; the finding says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code, finding.message)
        self.finding = finding

    @classmethod
    def because(cls, code: str, detail: str = "") -> "Unreadable":
        """The refusal of that code."""
        return cls(refusal(code, detail))
