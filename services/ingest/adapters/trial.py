"""A file that is only tried: read with the files inside it, and told as whoever tries it asks."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.ingest.domain.conformity import Conformity, follows_schema
from services.ingest.formats.reading import Document, Reading, unread
from shared.contracts.ingest import Validation

Read = Callable[[Document], Awaitable[Reading]]
Judge = Callable[[Document, Reading], Awaitable[Conformity]]


@dataclass(frozen=True)
class Tried:
    """A document, what was read of it, and the same of each file inside it."""

    document: Document
    reading: Reading
    parts: Sequence["Tried"] = ()


async def tried(document: Document, read: Read) -> Tried:
    """A document read, and the files of an archive or of a pivot, as their deposit would be."""
    reading = await read(document)
    inside = [Document(member.name, member.data) for member in reading.members]
    found = await asyncio.gather(*map(read, inside))
    parts = [
        Tried(one, unread(of.format, "FAC-SAFE-008", "une archive dans une archive"))
        if of.members
        else Tried(one, of)
        for one, of in zip(inside, found, strict=True)
    ]
    return Tried(document, reading, parts)


def extraction(one: Tried, more: Callable[[Reading], Mapping[str, Any]]) -> dict[str, Any]:
    """The fields that were found, and of the files inside (`items`); `more` is said of each."""
    reading = one.reading
    items = [{"file": part.document.name, **extraction(part, more)} for part in one.parts]
    return {
        "format": reading.format,
        "fields": {
            name: field.model_dump(mode="json")
            for name, field in reading.fields.items()
            if field.value is not None
        },
        "pages": reading.pages,
        "doubts": [doubt.model_dump(mode="json") for doubt in reading.doubts],
        **({"items": items} if items else {}),
        **more(reading),
    }


async def validation(one: Tried, judge: Judge) -> Validation:
    """What is wrong with a file, and which norms it follows; with the files inside it, each."""
    reading, opinion = one.reading, await judge(one.document, one.reading)
    items = tuple([await validation(part, judge) for part in one.parts])
    findings = (*reading.findings, *opinion.findings)
    schema = follows_schema(reading.format, reading.findings, read=bool(reading.fields))
    return Validation(
        file=one.document.name,
        format=reading.format,
        accepted=not any(finding.blocks for finding in findings)
        and all(item.accepted for item in items),
        conforms={"xsd": schema, **opinion.verdicts},
        findings=findings,
        items=items,
    )
