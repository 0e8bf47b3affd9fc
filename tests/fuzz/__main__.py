"""`python -m tests.fuzz TARGET [FOLDER] [-libFuzzer options]`: feed a target until it breaks.

The folder keeps the inputs that reached new code; without one they are forgotten. What breaks is
left as `crash-…` in the working folder: make it small, name it in `tests/fixtures/broke.py`.
"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["services.ingest"]):
    from services.ingest import formats
    from tests.fuzz.targets import TARGETS

from tests.fuzz.seeds import seeds


def main(name: str, options: list[str]) -> None:
    """Fuzz one target from our own sound files."""
    formats.load_schemas()
    with tempfile.TemporaryDirectory() as folder:
        for number, data in enumerate(seeds(name)):
            (Path(folder) / f"seed-{number}").write_bytes(data)
        folders = [option for option in options if not option.startswith("-")]
        chosen = [option for option in options if option.startswith("-")]
        atheris.Setup(["fuzz", *chosen, *folders, folder], TARGETS[name])
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
