"""From facts to a reading: the rules judge the draft, and all faults are told at once."""

from collections.abc import Sequence

from services.ingest.domain import Draft, check, fields_of
from services.ingest.formats.reading import Reading
from shared.contracts.finding import Finding


def judged(
    format_name: str, draft: Draft, complaints: Sequence[Finding] = (), *, pages: int | None = None
) -> Reading:
    """The reading of structured data, with the schema's complaints before the rules' findings."""
    return Reading(
        format=format_name,
        invoice=draft.invoice(),
        fields=fields_of(draft),
        findings=(*complaints, *draft.faults, *check(draft)),
        pages=pages,
    )
