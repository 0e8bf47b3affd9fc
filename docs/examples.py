"""Golden examples: one file for each topic, resource and public event, written by hand."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "shared" / "contracts" / "examples"


def messages() -> dict[str, Any]:
    """The example of each topic."""
    return _read(FOLDER)


def resources() -> dict[str, Any]:
    """The example of each HTTP resource, by the name of its model."""
    return _read(FOLDER / "resources")


def events() -> dict[str, Any]:
    """The example of each public event, by its type."""
    return _read(FOLDER / "events")


def _read(folder: Path) -> dict[str, Any]:
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}
