"""`make bench`: one JSON object a line."""

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path

from deploy.local.handle import Stack
from tests.bench import journey, scale


def main() -> None:
    """Measure on a stack of our own."""
    count = int(os.environ.get("BENCH_INVOICES", "2000"))
    pairs = int(os.environ.get("BENCH_PAIRS", "5"))
    with tempfile.TemporaryDirectory(prefix="chorale-bench-") as folder:
        with Stack(Path(folder) / "one", demo=True) as stack:
            for figure in asyncio.run(journey.measure(stack, count, pairs)):
                _print(figure)
        for figure in asyncio.run(scale.measure(Path(folder), count)):
            _print(figure)


def _print(figure: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(figure, ensure_ascii=False) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
