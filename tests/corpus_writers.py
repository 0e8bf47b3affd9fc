"""Writes every accepted invoice of a corpus in each format, reads it back and compares."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from services.ingest import formats
from services.ingest.formats import Document
from services.ingest.formats.writers import attachments, cii, facturx, ubl
from services.ingest.formats.writers.completed import completed
from services.ingest.formats.writers.content import Content
from shared.contracts.invoice import Invoice

KINDS = ("ubl", "cii", "facturx")


def main(corpus: Path, entries: list[Mapping[str, Any]]) -> list[str]:
    """Print the figures of each format; what is not the same, in words."""
    counts: Counter[tuple[str, str]] = Counter()
    failures = []
    for entry in entries:
        document = Document(entry["file"], (corpus / entry["file"]).read_bytes())
        reading = formats.read(document)
        if reading.invoice is None or not reading.accepted or reading.format == "pdf_text":
            continue
        contents = [member.data for member in attachments.carried(document)]
        for kind, data, wanted in written(Content(reading.invoice, contents)):
            again = formats.read(Document(kind, data))
            counts[kind, "files"] += 1
            counts[kind, "accepted"] += again.accepted
            counts[kind, "equal"] += again.invoice == wanted
            if not again.accepted or again.invoice != wanted:
                codes = [finding.code for finding in again.findings if finding.blocks]
                failures.append(f"{entry['file']} as {kind}: {codes or 'another invoice'}")
    for kind in KINDS:
        accepted, equal, files = (counts[kind, n] for n in ("accepted", "equal", "files"))
        print(f"written as {kind:8} {files:4} files  accepted {accepted}  read back equal {equal}")
    return failures


def written(content: Content) -> Iterator[tuple[str, bytes, Invoice]]:
    """The invoice in every format, and what reading it back must give."""
    yield "ubl", ubl.write(content), completed(content.invoice)
    xml = cii.write(content)
    yield "cii", xml, content.invoice
    yield "facturx", facturx.write(content.invoice, xml), content.invoice


if __name__ == "__main__":
    FOLDER = Path("../shared/corpus")
    ENTRIES = json.loads((FOLDER / "manifest.json").read_text())["entries"]
    print("\n".join(main(FOLDER, ENTRIES)))
