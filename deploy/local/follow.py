"""The logs of all parts as one stream, one colour a part."""

import os
import sys
import time
from pathlib import Path
from typing import BinaryIO

COLOURS = (36, 33, 32, 35, 34, 31, 96, 93, 92, 95, 94, 91)
LAST = 20
"""Lines of each log shown at first."""


def follow(folder: Path, names: list[str], *, forever: bool = True) -> None:
    """Print the end of each log, then what comes, until interrupted."""
    files: dict[str, BinaryIO] = {}
    try:
        while True:
            for path in sorted(folder.glob("*.log")):
                if path.stem not in files and (not names or path.stem in names):
                    files[path.stem] = _opened_near_end(path)
            quiet = True
            for name, file in files.items():
                for line in file:
                    quiet = False
                    _show(name, line.decode(errors="replace").rstrip())
            if not forever:
                return
            if quiet:
                time.sleep(0.3)
    finally:
        for file in files.values():
            file.close()


def _opened_near_end(path: Path) -> BinaryIO:
    """A log, open at its last lines."""
    file = path.open("rb")
    file.seek(max(0, path.stat().st_size - 64_000))
    rest = file.read()
    tail = rest.split(b"\n")[-LAST - 1 :]
    file.seek(-len(b"\n".join(tail)), os.SEEK_END)
    return file


def _show(name: str, line: str) -> None:
    label = f"{name:<14}│"
    if sys.stdout.isatty():
        label = f"\x1b[{COLOURS[sum(name.encode()) % len(COLOURS)]}m{label}\x1b[0m"
    sys.stdout.write(f"{label} {line}\n")
    sys.stdout.flush()
