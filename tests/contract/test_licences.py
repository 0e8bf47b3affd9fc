"""Everything that is installed to run may be shipped under AGPL-3.0-or-later."""

import re
import tomllib
from collections.abc import Iterable
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
DECLARED: list[str] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
    "dependencies"
]
COMPATIBLE = re.compile(
    r"\b(MIT|MIT-0|BSD|ISC|PSF|Apache|MPL|LGPL|GPL-2\.0-or-later|Unlicense|Public Domain"
    r"|Python Software Foundation|AGPL|AFFERO)\b",
    re.IGNORECASE,
)
"""Permissive licences, weak copyleft, and the project's own."""


def needed(requirements: Iterable[str]) -> dict[str, Distribution]:
    """What these requirements bring with them, by name."""
    found: dict[str, Distribution] = {}
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        wanted = waiting.pop()
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()
        if name in found:
            continue
        found[name] = distribution(wanted.name)
        extras = [{"extra": extra} for extra in (*wanted.extras, "")]
        waiting += [
            inner
            for inner in map(Requirement, found[name].requires or ())
            if inner.marker is None or any(inner.marker.evaluate(extra) for extra in extras)
        ]
    return found


INSTALLED = needed(DECLARED)
UNSAID = {"saxonche": "MPL-2.0"}
"""Packages that do not say their licence themselves, and what their makers say of it."""


def licence(package: Distribution) -> str:
    """What a package says of its licence."""
    about = package.metadata
    said = [
        text[:60] for key in ("License-Expression", "License") for text in about.get_all(key, [])
    ]
    said += [text for text in about.get_all("Classifier", []) if text.startswith("License ::")]
    return " · ".join(said) or UNSAID.get(about["Name"], "")


@pytest.mark.parametrize("name", sorted(INSTALLED))
def test_the_licence_of_a_package_goes_with_ours(name: str) -> None:
    assert COMPATIBLE.search(licence(INSTALLED[name])), licence(INSTALLED[name])


def test_a_licence_that_does_not_go_with_ours_is_seen() -> None:
    for foreign in ("Proprietary", "SSPL-1.0", "CC-BY-NC-4.0", "BUSL-1.1"):
        assert not COMPATIBLE.search(foreign)


def test_every_dependency_has_a_line_in_its_decision() -> None:
    page = (ROOT / "docs" / "decisions" / "0012-dependencies.md").read_text()
    for text in DECLARED:
        assert re.search(rf"\b{re.escape(Requirement(text).name)}\b", page), text


def test_every_dependency_is_pinned_with_its_hash() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    for name, package in INSTALLED.items():
        assert f"\n{name}=={package.version} \\\n    --hash=sha256:" in "\n" + lock, name
