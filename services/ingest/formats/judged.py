"""From facts to a reading: the rules judge the draft, and all faults are told at once."""

from collections.abc import Sequence

from services.ingest.domain import Draft, check, fields_of
from services.ingest.formats.reading import Reading
from services.ingest.formats.walk import Element, Found
from shared.contracts.finding import Finding


def judged(
    format_name: str,
    draft: Draft,
    found: Found,
    complaints: Sequence[Finding] = (),
    *,
    pages: int | None = None,
) -> Reading:
    """The reading of structured data, with the schema's complaints before the rules' findings."""
    return Reading(
        format=format_name,
        invoice=draft.invoice(),
        fields=fields_of(draft),
        findings=(*complaints, *draft.faults, *placed(check(draft), found)),
        pages=pages,
    )


def placed(findings: Sequence[Finding], found: Found) -> list[Finding]:
    """The same findings, each with the place in the file of the element that it is about."""
    return [
        finding.model_copy(update={"xml_path": element.getroottree().getpath(element)})
        if finding.pointer and (element := element_of(finding.pointer, found)) is not None
        else finding
        for finding in findings
    ]


def element_of(pointer: str, found: Found) -> Element | None:
    """The element that gave the value at a pointer, or its party, when the walk met it."""
    first, *rest = pointer.strip("/").split("/")
    if parts := found.group(first):
        return parts[0].first.get(rest[0], parts[0].at) if rest else parts[0].at
    return found.first.get(rest[0] if rest else first)
