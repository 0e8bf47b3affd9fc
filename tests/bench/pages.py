"""Understanding text PDFs beside the plain extraction of their words, warm, on the same files."""

import statistics
import time
from collections.abc import Callable
from typing import Any

import pymupdf

from services.ingest import formats
from services.ingest.formats.reading import Document
from tests.fixtures.make_pdf import draw_invoice
from tests.fixtures.pdf.layouts import LAYOUTS

FILES = 60


def measure(pairs: int) -> dict[str, Any]:
    """Milliseconds a file, and how many times that of plain extraction (less is better)."""
    files = [draw_invoice(n, LAYOUTS[n % len(LAYOUTS)])[0] for n in range(FILES)]
    _spent(_understood, files), _spent(_words, files)
    ours, plain = [], []
    for _ in range(pairs):
        ours.append(_spent(_understood, files))
        plain.append(_spent(_words, files))
    return {
        "bench": "pages",
        "value": round(statistics.median(ours) / FILES * 1000, 2),
        "unit": "ms/file",
        "ratio": round(statistics.median(a / b for a, b in zip(ours, plain, strict=True)), 2),
        "against": f"plain words, {statistics.median(plain) / FILES * 1000:.2f} ms",
        "pairs": pairs,
        "files": FILES,
    }


def _spent(work: Callable[[bytes], object], files: list[bytes]) -> float:
    started = time.process_time()
    for data in files:
        work(data)
    return time.process_time() - started


def _understood(data: bytes) -> object:
    return formats.read(Document("page.pdf", data))


def _words(data: bytes) -> object:
    with pymupdf.open(stream=data) as pdf:
        return [page.get_text("words") for page in pdf]
