"""Print what can be printed from the code: `python -m docs.generate [--check | --freeze]`.

Without an option it writes the pages; `--check` fails when one is stale; `--freeze` writes down the
schemas of new messages first, and refuses to change what a version has promised.
"""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from docs import (
    asyncapi,
    circuits,
    clients,
    dashboard,
    kubernetes,
    openapi,
    rights,
    schemas,
    tables,
)

ROOT = Path(__file__).parents[1]


def text_of(document: Callable[[], dict[str, Any]]) -> Callable[[], str]:
    """A document as JSON text."""
    return lambda: json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "docs/generated/lifecycle.md": circuits.lifecycle,
    "docs/generated/frames.md": circuits.frames,
    "docs/generated/reasons.md": circuits.reasons,
    "docs/generated/routing.md": tables.routing,
    "docs/generated/rules.md": tables.rules,
    "docs/generated/notices.md": tables.notices,
    "docs/generated/messages.md": tables.messages,
    "docs/generated/glossary.md": tables.glossary,
    "docs/generated/statuses.md": circuits.statuses,
    "docs/generated/rights.md": rights.rights,
    "docs/generated/settings.md": tables.settings,
    "docs/generated/chorus.md": clients.operations,
    "docs/generated/chorus.json": text_of(clients.swagger),
    "docs/generated/openapi.json": text_of(openapi.document),
    "docs/generated/asyncapi.json": text_of(asyncapi.document),
    ".env.example": tables.example_env,
    "deploy/monitoring/dashboard.json": text_of(dashboard.dashboard),
    "deploy/kubernetes/services.yaml": kubernetes.services,
    "deploy/kubernetes/nginx.conf": kubernetes.nginx,
    "deploy/kubernetes/origin.sh": kubernetes.start,
}
"""Every generated file and who prints it."""


def stale() -> list[str]:
    """The generated files that are not what the code says now."""
    return [name for name, printed in PAGES.items() if _kept(ROOT / name) != printed()]


def _kept(path: Path) -> str | None:
    return path.read_text() if path.exists() else None


def main(arguments: Sequence[str]) -> int:
    """Write, check or freeze; the exit status."""
    match list(arguments):
        case ["--check"]:
            for name in (old := stale()):
                print(
                    f"{name} is stale: run `python -m docs.generate` and commit it", file=sys.stderr
                )
            return 1 if old else 0
        case ["--freeze"]:
            refused = schemas.freeze()
            for fault in refused:
                print(f"a promise is broken, make a new version: {fault}", file=sys.stderr)
            if refused:
                return 1
        case []:
            pass
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    for name, printed in PAGES.items():
        (ROOT / name).write_text(printed())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
