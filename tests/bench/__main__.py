"""`make bench`: one JSON object a line."""

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path

from deploy.local.handle import Stack
from tests.bench import chorus, conformity, directory, journal, journey, ocr, pages, scale


def main() -> None:
    """Measure on a stack of our own."""
    count = int(os.environ.get("BENCH_INVOICES", "2000"))
    pairs = int(os.environ.get("BENCH_PAIRS", "5"))
    with tempfile.TemporaryDirectory(prefix="chorale-bench-") as folder:
        for name, ingest, measure in (("journey", 1, journey.measure), ("scale", 2, scale.measure)):
            with Stack(Path(folder) / name, ingest=ingest, demo=True) as stack:
                for figure in asyncio.run(measure(stack, count, pairs)):
                    _print(figure)
                if name == "journey":
                    _print(asyncio.run(journal.measure(stack, count)))
                    _print(asyncio.run(chorus.measure(stack)))
        with Stack(Path(folder) / "directory", only=("mongod",)) as stack:
            _print(asyncio.run(directory.measure(stack, pairs)))
    _print(pages.measure(pairs))
    _print(ocr.measure(pairs))
    for figure in asyncio.run(conformity.measure(pairs)):
        _print(figure)


def _print(figure: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(figure, ensure_ascii=False) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
