"""The conformity stage beside bare Saxon on the same invoices: parse, both norms, and nothing else.

Bare Saxon reads a file and writes the report of each norm as text. The stage guards, judges and
reads those reports in its process, and answers findings to the caller.
"""

import re
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from saxonche import PySaxonProcessor

from services.ingest.adapters.conformity import Judges
from services.ingest.adapters.judge import RULES
from services.ingest.formats.reading import Document
from tests.bench.documents import ubl
from tests.papers import fixture

LINE = re.compile(
    rb"<ram:IncludedSupplyChainTradeLineItem>.*?</ram:IncludedSupplyChainTradeLineItem>", re.DOTALL
)
SELLER, BUYER = "73282932000074", "22310001700423"


def cii(*, lines: int) -> bytes:
    """Our CII invoice with its first line as often as asked for."""
    whole = fixture("cii/invoice.xml")
    first, *others = LINE.findall(whole)
    for line in others:
        whole = whole.replace(line, b"", 1)
    return whole.replace(first, first * lines, 1)


KINDS: dict[str, tuple[str, Callable[[int], bytes], int]] = {
    "ubl-10-lines": ("ubl", lambda n: ubl(f"K{n}", seller=SELLER, buyer=BUYER), 100),
    "ubl-1000-lines": ("ubl", lambda n: ubl(f"K{n}", seller=SELLER, buyer=BUYER, lines=1000), 4),
    "cii-10-lines": ("cii", lambda _: cii(lines=10), 100),
}
"""Syntax, invoice and how many of them, by the name of the figure."""


async def measure(pairs: int) -> list[dict[str, Any]]:
    """The figures, warm; stage and bare Saxon take turns."""
    judges = Judges(1)
    try:
        return [await _kind(judges, name, pairs) for name in KINDS]
    finally:
        await judges.close()


async def _kind(judges: Judges, name: str, pairs: int) -> dict[str, Any]:
    syntax, document, count = KINDS[name]
    invoices = [document(n) for n in range(count)]
    bare = Bare(syntax)
    await _stage(judges, invoices[:20])
    bare.seconds(invoices[:20])
    ours, theirs = [], []
    for _ in range(pairs):
        ours.append(await _stage(judges, invoices))
        theirs.append(bare.seconds(invoices))
    ratios = [alone / stage for stage, alone in zip(ours, theirs, strict=True)]
    return {
        "bench": f"conformity-{name}",
        "value": round(statistics.median(ours) / count * 1000, 2),
        "unit": "ms/document",
        "ratio": round(statistics.median(ratios), 3),
        "against": f"bare Saxon, {statistics.median(theirs) / count * 1000:.2f} ms",
        "spread": [round(min(ratios), 3), round(max(ratios), 3)],
        "pairs": pairs,
        "documents": count,
    }


async def _stage(judges: Judges, invoices: Sequence[bytes]) -> float:
    """Seconds that the stage takes for these invoices, one after the other."""
    started = time.perf_counter()
    for data in invoices:
        opinion = await judges.judge(Document("bench.xml", data))
        assert None not in opinion.verdicts.values()
    return time.perf_counter() - started


class Bare:
    """Saxon with both norms of a syntax compiled."""

    def __init__(self, syntax: str) -> None:
        self._saxon = PySaxonProcessor(license=False)
        self._norms = [
            self._saxon.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(path))
            for _, path in RULES[syntax]
        ]

    def seconds(self, invoices: Sequence[bytes]) -> float:
        """How long it takes for these invoices; their files are written before."""
        with tempfile.TemporaryDirectory(prefix="chorale-bench-") as folder:
            paths = [Path(folder) / f"{n}.xml" for n in range(len(invoices))]
            for path, data in zip(paths, invoices, strict=True):
                path.write_bytes(data)
            started = time.perf_counter()
            for path in paths:
                node = self._saxon.parse_xml(xml_file_name=str(path))
                for norm in self._norms:
                    norm.transform_to_string(xdm_node=node)
            return time.perf_counter() - started
