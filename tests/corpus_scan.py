"""Recognises scans and prints how much of what they show was understood: a corpus, and our own.

Ours are drawn invoices put through a copier, good or worn; the layouts called held were drawn after
the reader was written.
"""

import json
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from services.ingest import formats
from services.ingest.formats.pdf_ocr import pages
from services.ingest.formats.reading import Document, Reading
from tests.corpus_pdf import NAMES, same
from tests.fixtures.make_pdf import draw_invoice
from tests.fixtures.pdf.held import HELD
from tests.fixtures.pdf.layouts import LAYOUTS
from tests.fixtures.pdf.rarer import RARER
from tests.fixtures.pdf.scan import CLEAN, scanned, worn

AGREED = {"corpus": 0.97, "drawn": 0.95, "held": 0.90}
"""Least share of fields that are right."""
SURE = 0.9
FIRST = 2600
"""The first seed; what the reader was fitted on has others."""


@dataclass(frozen=True)
class Scan:
    """A scan and what it shows."""

    group: str
    name: str
    data: bytes
    truth: Mapping[str, object]


def corpus_scans(corpus: Path) -> Iterator[Scan]:
    """The scans of a corpus."""
    for entry in json.loads((corpus / "manifest.json").read_text())["entries"]:
        if entry["category"] == "pdf_scan":
            truth = {NAMES[name]: value for name, value in entry["page_truth"].items()}
            yield Scan("corpus", entry["file"], (corpus / entry["file"]).read_bytes(), truth)


def drawn_scans(each: int = 1) -> Iterator[Scan]:
    """Our own scans, of every layout, half of them from a worn copier."""
    for group, layouts in (("drawn", [*LAYOUTS, *RARER]), ("held", HELD)):
        for seed in range(FIRST, FIRST + each * len(layouts)):
            layout = layouts[seed % len(layouts)]
            pdf, truth = draw_invoice(seed, layout)
            copier = worn(Random(seed)) if seed % 2 else CLEAN
            yield Scan(group, f"{seed} {layout.__name__}", scanned(pdf, copier), truth)


def recognised(data: bytes) -> Reading:
    """The reading of a scan, in this process."""
    return formats.read(Document("scan.pdf", data), recognise=pages.read)


def equal(name: str, value: object, truth: object) -> bool:
    """Whether two values say the same, by our names."""
    theirs = {ours: name for name, ours in NAMES.items()}
    if name == "prepaid":
        return abs(float(str(value)) - float(str(truth))) < 0.005
    return same(theirs.get(name, name), value, truth)


def main(scans: Sequence[Scan], arguments: Sequence[str] = ()) -> list[str]:
    """Print a line for each group; what is below the figures agreed, in words."""
    table: dict[str, Counter[str]] = defaultdict(Counter)
    sure: Counter[bool] = Counter()
    results: dict[str, dict[str, Any]] = {}
    for scan in scans:
        started = time.perf_counter()
        reading = recognised(scan.data)
        marks = table[scan.group]
        marks["ms"] += round((time.perf_counter() - started) * 1000)
        marks["pages"] += reading.pages or 0
        found = reading.fields
        values = {name: field.value for name, field in found.items()}
        results[scan.name] = {theirs: values.get(ours) for theirs, ours in NAMES.items()}
        right = {n for n, v in scan.truth.items() if n in values and equal(n, values[n], v)}
        marks["files"] += 1
        marks["right"] += len(right)
        marks["wanted"] += len(scan.truth)
        marks["false"] += sum(name in values and name not in right for name in scan.truth)
        marks["whole"] += len(right) == len(scan.truth)
        for name in scan.truth:
            if name in found and found[name].confidence >= SURE:
                sure[name in right] += 1
        if "-v" in arguments:
            wrong = {n: (str(v), values.get(n)) for n, v in scan.truth.items() if n not in right}
            print(scan.name, wrong, [finding.code for finding in reading.findings])
    for target in (a for a in arguments if a.endswith(".json")):
        Path(target).write_text(json.dumps(results))
    return list(told(table, sure))


def told(table: Mapping[str, Counter[str]], sure: Counter[bool]) -> Iterator[str]:
    """Print the lines; yield what is too little."""
    for group, marks in table.items():
        share = marks["right"] / marks["wanted"]
        print(
            f"scans, {group:8} {marks['files']:3} files  {marks['right']}/{marks['wanted']} = "
            f"{share:.3f}  wrong {marks['false']}  whole {marks['whole']}  "
            f"{marks['ms'] / max(marks['pages'], 1):.0f} ms a page"
        )
        if share < AGREED[group]:
            yield f"scans, {group}: {share:.3f} of the fields are right, {AGREED[group]} was agreed"
    print(f"scans, confidence >= {SURE}: {sure[True]}/{sure.total()} right")


def check(corpus: Path) -> list[str]:
    """What `make corpus` asks: the corpus and our own."""
    return main([*corpus_scans(corpus), *drawn_scans(2)])


if __name__ == "__main__":
    FOLDER = Path(os.environ.get("CORPUS", "../shared/corpus"))
    EACH = next((int(a) for a in sys.argv if a.isdigit()), 1)
    print("\n".join(main([*corpus_scans(FOLDER), *drawn_scans(EACH)], sys.argv[1:])))
