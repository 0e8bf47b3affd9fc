"""Reads the PDFs of a corpus and prints how much of what their pages show was understood.

The corpus is a folder with a `manifest.json` (`CORPUS`, by default `../shared/corpus`).
"""

import json
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pymupdf

from services.ingest.formats import pdf_text
from services.ingest.formats.reading import Document
from shared.contracts.ingest import ReadField

NAMES = {
    "number": "number",
    "date": "issue_date",
    "currency": "currency",
    "total_ht": "total_without_vat",
    "total_tva": "total_vat",
    "total_ttc": "total_with_vat",
    "net_a_payer": "amount_due",
    "seller.siret": "seller_siret",
    "seller.siren": "seller_siren",
    "seller.vat": "seller_vat_number",
    "seller.name": "seller_name",
    "buyer.siret": "buyer_siret",
    "buyer.siren": "buyer_siren",
    "buyer.vat": "buyer_vat_number",
    "buyer.name": "buyer_name",
}
"""The manifest's names to ours."""


def squeezed(value: object) -> str:
    """A value without what writers put between its characters."""
    return "".join(c for c in str(value).lower() if c not in " .-/\u00a0")


def same(name: str, value: object, truth: object) -> bool:
    """Whether two values say the same."""
    if name.startswith("total") or name == "net_a_payer":
        return abs(float(str(value)) - float(str(truth))) < 0.005
    return squeezed(value) == squeezed(truth)


def fields_of(path: Path) -> tuple[Mapping[str, ReadField], float]:
    """The fields of a file and the milliseconds they took."""
    data = path.read_bytes()
    start = time.perf_counter()
    reading = pdf_text.read(Document(path.name, data))
    return reading.fields, (time.perf_counter() - start) * 1000


def plain_ms(path: Path) -> float:
    """The milliseconds that the bare extraction of the words takes."""
    data = path.read_bytes()
    start = time.perf_counter()
    with pymupdf.open(stream=data) as pdf:
        for page in pdf:
            page.get_text("words")
    return (time.perf_counter() - start) * 1000


def main(arguments: list[str]) -> int:
    """Score every PDF of the corpus whose layout is wanted."""
    corpus = Path(os.environ.get("CORPUS", "../shared/corpus"))
    manifest = json.loads((corpus / "manifest.json").read_text())
    only = {a.removeprefix("--only=") for a in arguments if a.startswith("--only=")}
    results: dict[str, dict[str, Any]] = {}
    table: dict[str, Counter[str]] = defaultdict(Counter)
    sure: Counter[tuple[str, bool]] = Counter()
    for entry in manifest["entries"]:
        truth = entry.get("page_truth")
        if not truth or not entry["file"].endswith(".pdf") or entry["category"] == "pdf_scan":
            continue
        layout = entry.get("layout") or entry["category"]
        if only and not any(name in layout for name in only):
            continue
        found, ms = fields_of(corpus / entry["file"])
        row = {theirs: found[ours].value for theirs, ours in NAMES.items() if ours in found}
        results[entry["id"]] = row | {"_ms": ms}
        marks = table[layout]
        marks["files"] += 1
        wrong = [n for n, v in truth.items() if not (n in row and same(n, row[n], v))]
        marks["right"] += len(truth) - len(wrong)
        marks["wanted"] += len(truth)
        marks["false"] += sum(n in row for n in wrong)
        marks["whole"] += not wrong
        for name in truth:
            if name in row:
                confidence = found[NAMES[name]].confidence
                band = "0.9" if confidence >= 0.9 else "0.7" if confidence >= 0.7 else "0.0"
                sure[band, name not in wrong] += 1
        if wrong and "-v" in arguments:
            print(entry["file"], {n: (truth[n], row.get(n)) for n in wrong})
    for layout, marks in sorted(table.items()):
        share = marks["right"] / marks["wanted"]
        print(
            f"{layout:36} {marks['files']:3} files  {marks['right']}/{marks['wanted']} = "
            f"{share:.3f}  wrong {marks['false']}  whole {marks['whole']}"
        )
    for band in ("0.9", "0.7", "0.0"):
        good, bad = sure[band, True], sure[band, False]
        if good + bad:
            print(f"confidence >= {band}: {good}/{good + bad} = {good / (good + bad):.3f}")
    target = [a for a in arguments if a.endswith(".json")]
    if target:
        Path(target[0]).write_text(json.dumps(results))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
