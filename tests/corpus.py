"""Reads, checks and scores a folder of files against its manifest; fails below the figures agreed.

The folder is `CORPUS` (by default `../shared/corpus`) and holds a `manifest.json`: per file the
values of its XML (`truth`), the verdict of the schema (`xsd`) and what must happen (`expect`).
"""

import json
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from services.ingest import formats
from services.ingest.domain.fields import amount_text
from services.ingest.formats import Document, Reading
from shared.contracts.invoice import Invoice, Party
from tests import corpus_conformity, corpus_pdf, corpus_scan, corpus_writers

STRUCTURED = ("ubl", "cii", "pdf_hybrid", "bulk_ubl", "bulk_cii", "edge_xml", "edge_pdf", "gap_fr")
MANY = "chorus_pivot"
"""Files of several invoices."""
OTHERS = ("invalid", "hostile", "not_invoice", MANY, "chorus_statut", "cdar")
OURS = ("FAC-B2G", "FAC-SUM")
"""Rules of public invoicing, which may refuse what is valid elsewhere."""

Entry = Mapping[str, Any]


def main() -> int:
    """Print the tables; 0 when every figure is as agreed."""
    corpus = Path(os.environ.get("CORPUS", "../shared/corpus"))
    if not (corpus / "manifest.json").exists():
        print(f"No corpus at {corpus}: nothing to score.")
        return 0
    formats.load_schemas()
    entries = json.loads((corpus / "manifest.json").read_text())["entries"]
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in entries:
        if entry["category"] in STRUCTURED + OTHERS:
            score(corpus, entry, counts[entry["category"]])
    failures = [words for category in STRUCTURED + OTHERS for words in told(category, counts)]
    print("\nWritten in each format and read back")
    failures += corpus_writers.main(corpus, entries)
    print("\nVerdicts of the official rules")
    failures += corpus_conformity.compare(corpus)
    print("\nPages of PDFs, by layout")
    corpus_pdf.main([])
    print("\nScans")
    failures += corpus_scan.check(corpus)
    print("\n" + ("\n".join(failures) if failures else "All figures as agreed."))
    return 1 if failures else 0


def score(corpus: Path, entry: Entry, count: Counter[str]) -> None:
    """Add one file to the counts of its category; say what differs."""
    reading = formats.read(Document(entry["file"], (corpus / entry["file"]).read_bytes()))
    count["files"] += 1
    readable = reading.invoice is not None or entry["expect"]["ingest"] == "accept"
    if readable and entry["category"] in STRUCTURED and (entry.get("truth") or {}).get("number"):
        wrong = []
        for name, value, truth in compared(reading.invoice, entry["truth"]):
            count["values"] += 1
            count["right"] += value == truth
            wrong += [] if value == truth else [f"{name}: {value!r}, not {truth!r}"]
        count["whole"] += not wrong
        for words in wrong:
            print(f"  {entry['file']}: {words}")
    if entry["category"] == MANY:
        score_many(entry, reading, count)
    schema = follows_schema(reading)
    if schema is not None and entry.get("xsd"):
        count["schema judged"] += 1
        count["schema agreed"] += schema == any(v is True for v in entry["xsd"].values())
    verdict = judged(entry, reading)
    count[verdict] += 1
    if verdict in {"differs", "by our rules"}:
        blame = [f.code for f in reading.findings if f.blocks] or "accepted"
        print(f"  {entry['file']}: {verdict}: {blame}, {entry['expect']['ingest']} expected")


def score_many(entry: Entry, whole: Reading, count: Counter[str]) -> None:
    """Add the invoices of one file; their truth holds the main values only."""
    parts = [formats.read(Document(member.name, member.data)) for member in whole.members]
    count["values"] += 1
    count["right"] += len(parts) == entry["expect"]["invoices"]
    for part, truth in zip(parts, entry["truth"]["invoices"], strict=True):
        blocks = [finding.code for finding in part.findings if finding.blocks]
        if blocks:
            print(f"  {entry['file']}: {truth['number']}: {blocks}")
        pairs = [(n, v, t) for n, v, t in compared(part.invoice, truth) if t not in (None, [])]
        wrong = [f"{n}: {v!r}, not {t!r}" for n, v, t in pairs if v != t or blocks]
        count["values"] += len(pairs)
        count["right"] += len(pairs) - len(wrong)
        for words in wrong:
            print(f"  {entry['file']}: {truth['number']}: {words}")


def judged(entry: Entry, reading: Reading) -> str:
    """How our verdict compares with what must happen."""
    wanted = entry["expect"]["ingest"]
    if entry["category"] in {"chorus_statut", "cdar"}:  # known for what they are, and no invoices
        fits = wanted == "status" or reading.accepted == (wanted == "accept")
        return "agreed" if reading.format == "status" and fits else "differs"
    blocking = [finding for finding in reading.findings if finding.blocks]
    noted = [finding for finding in reading.findings if finding.severity != "info"]
    if wanted == "accept":
        by_us = all(finding.code.startswith(OURS) for finding in blocking)
        return "agreed" if not blocking else "by our rules" if by_us else "differs"
    if wanted == "reject":
        if entry["expect"].get("stage") == "xsd":
            return "agreed" if any(f.code.startswith("FAC-XSD") for f in blocking) else "differs"
        return "agreed" if blocking else "differs"
    if wanted in {"warn", "reject-or-warn", "quarantine-or-reject", "platform-choice"}:
        return "agreed" if noted else "differs"
    return "not judged"


def follows_schema(reading: Reading) -> bool | None:
    """Whether the schema had nothing to say; nothing when there was no XML to check."""
    if reading.format not in {"ubl", "cii", "facturx"} or not reading.fields:
        return None
    return not any(finding.code.startswith("FAC-XSD") for finding in reading.findings)


def compared(invoice: Invoice | None, truth: Entry) -> Iterator[tuple[str, object, object]]:
    """Every value that the truth knows: its name, ours, theirs."""
    if invoice is None:
        yield "invoice", None, truth["number"]
        return
    for name, value in said(invoice).items():
        wanted: Any = truth
        for part in name.split("."):
            wanted = (wanted or {}).get(part) if isinstance(wanted, Mapping) else None
        country = (truth.get(name.partition(".")[0]) or {}) if name.endswith(".siren") else {}
        if country.get("country", "FR") != "FR":
            continue  # nine digits of a foreign register are no SIREN
        yield name, value, plain(name, wanted)


def said(invoice: Invoice) -> dict[str, object]:
    """An invoice in the manifest's words."""
    totals = invoice.totals
    values: dict[str, object] = {
        "number": invoice.number,
        "date": invoice.issue_date.isoformat(),
        "due_date": invoice.due_date.isoformat() if invoice.due_date else None,
        "type": invoice.type_code,
        "currency": invoice.currency,
        "process": invoice.process,
        "profile": invoice.profile,
        "buyer_reference": invoice.buyer_reference,
        "order_reference": invoice.order_reference,
        "contract_reference": invoice.contract_reference,
        "iban": invoice.iban,
        "total_ht": shown(totals.without_vat),
        "total_tva": shown(totals.vat),
        "total_ttc": shown(totals.with_vat),
        "net_a_payer": shown(totals.due),
        "lines": len(invoice.lines),
        "attachments": len(invoice.attachments),
        "vat_breakdown": rows(invoice.model_dump(mode="json")["vat_breakdown"], "vat"),
    }
    return values | of(invoice.seller, "seller") | of(invoice.buyer, "buyer")


def of(party: Party, role: str) -> dict[str, object]:
    """A party in the manifest's words."""
    return {
        f"{role}.name": party.name,
        f"{role}.siret": party.siret,
        f"{role}.siren": party.siren,
        f"{role}.vat": party.vat_number,
        f"{role}.country": party.country,
    }


def shown(amount: Decimal | None) -> str | None:
    """An amount with two decimals."""
    return None if amount is None else amount_text(amount.quantize(Decimal("0.01")))


def rows(breakdown: list[dict[str, Any]], amount: str) -> list[tuple[str, ...]]:
    """A VAT breakdown in an order and form of its own."""
    names = ("category", "rate", "base", amount)
    return sorted(tuple(number(row.get(name)) for name in names) for row in breakdown)


def number(value: object) -> str:
    """A figure without its spelling; nothing counts as zero, a category stays."""
    try:
        return amount_text(Decimal(str(value or 0)).quantize(Decimal("0.0001")))
    except ArithmeticError:
        return str(value)


def plain(name: str, wanted: Any) -> object:
    """A value of the truth in the form that ours has."""
    if name == "vat_breakdown":
        return rows(wanted or [], "amount")
    if name.startswith("total_") or name == "net_a_payer":
        return None if wanted is None else shown(Decimal(wanted))
    if name == "number":
        return wanted.strip()
    return "".join(wanted.split()) if wanted and name in SPACELESS else wanted


SPACELESS = {"iban", "seller.vat", "buyer.vat", "seller.siret", "buyer.siret"}


def told(category: str, counts: Mapping[str, Counter[str]]) -> Iterator[str]:
    """Print the line of a category; yield in words what is below the figures agreed."""
    count = counts[category]
    values = f"values {count['right']}/{count['values']}" if count["values"] else "no values"
    judged_files = count["files"] - count["not judged"]
    agreed = count["agreed"] + count["by our rules"]
    schema = f"{count['schema agreed']}/{count['schema judged']}"
    print(
        f"{category:12} {count['files']:3} files  {values:18} whole {count['whole']:3}  "
        f"schema {schema:8} verdicts {agreed}/{judged_files}  (refused by our own rules "
        f"{count['by our rules']})"
    )
    if count["right"] < count["values"]:
        yield f"{category}: {count['values'] - count['right']} values differ from the truth"
    if count["schema agreed"] < count["schema judged"]:
        yield f"{category}: the schema's verdict differs from the manifest"
    if agreed < judged_files:
        yield f"{category}: {judged_files - agreed} verdicts differ from the manifest"


if __name__ == "__main__":
    sys.exit(main())
