"""Reading scans beside the bare engine on the same pages: draw, recognise, take the text.

The bare engine is tesseract in this process, French, automatic layout; ours opens the file,
straightens, looks again where sums fail, and understands. Both are warm and take turns.
"""

import statistics
import time
from typing import Any

import pymupdf
import tesserocr

from services.ingest.formats.pdf_ocr.engine import DPI, LANGUAGE, home
from tests.corpus_scan import Scan, drawn_scans, recognised


def measure(pairs: int, scans: list[Scan] | None = None) -> dict[str, Any]:
    """The figure: milliseconds a page, and the bare engine's share of them."""
    scans = scans or list(drawn_scans())
    bare = tesserocr.PyTessBaseAPI(path=home(), lang=LANGUAGE, psm=tesserocr.PSM.AUTO)
    _bare(bare, scans[0])
    recognised(scans[0].data)
    ours, theirs, pages = [], [], 0
    for _ in range(pairs):
        mine, alone, pages = 0.0, 0.0, 0
        for scan in scans:
            seconds, count = _bare(bare, scan)
            alone, pages = alone + seconds, pages + count
            started = time.process_time()
            recognised(scan.data)
            mine += time.process_time() - started
        ours.append(mine)
        theirs.append(alone)
    ratios = [alone / mine for mine, alone in zip(ours, theirs, strict=True)]
    return {
        "bench": "scans",
        "value": round(statistics.median(ours) / pages * 1000),
        "unit": "ms/page",
        "ratio": round(statistics.median(ratios), 3),
        "against": f"bare tesseract, {statistics.median(theirs) / pages * 1000:.0f} ms",
        "spread": [round(min(ratios), 3), round(max(ratios), 3)],
        "pairs": pairs,
        "pages": pages,
    }


def _bare(engine: tesserocr.PyTessBaseAPI, scan: Scan) -> tuple[float, int]:
    """Processor seconds that the engine takes for a scan, and its pages."""
    started = time.process_time()
    with pymupdf.open(stream=scan.data) as pdf:
        for page in pdf:
            picture = page.get_pixmap(dpi=DPI, colorspace=pymupdf.csGRAY)
            engine.SetImageBytes(picture.samples, picture.width, picture.height, 1, picture.stride)
            engine.SetSourceResolution(DPI)
            engine.GetUTF8Text()
        return time.process_time() - started, pdf.page_count
