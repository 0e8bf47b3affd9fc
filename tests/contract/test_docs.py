"""Generated pages are fresh, links lead somewhere, recipes name what exists."""

import re
from pathlib import Path

import pytest

from deploy.local.stack import SERVICES
from docs.generate import PAGES, ROOT

PROSE = sorted(
    path
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
    if "generated" not in path.parts
)


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_file_is_what_the_code_says(name: str) -> None:
    assert (ROOT / name).read_text() == PAGES[name](), "run `python -m docs.generate`"


@pytest.mark.parametrize("path", PROSE, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_a_file(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", path.read_text()):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", PROSE, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_path_that_is_named_exists(path: Path) -> None:
    named = re.findall(r"`((?:services|shared|deploy|docs|tests)/[\w./-]+)`", path.read_text())
    for name in named:
        assert (ROOT / name).exists(), name


def test_every_test_that_is_named_exists_and_every_requirement_names_one() -> None:
    files = list((ROOT / "tests").rglob("test_*.py"))
    tests = {path.stem for path in files} | {
        name
        for path in files
        for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text(), re.MULTILINE)
    }
    for path in PROSE:
        named = set(re.findall(r"`(test_\w+)`", path.read_text()))
        assert named <= tests, f"{path.name}: {sorted(named - tests)}"
    rows = re.findall(r"^\| \d.*$", (ROOT / "docs/asvs.md").read_text(), re.MULTILINE)
    assert len(rows) > 60
    for row in rows:
        assert "`test_" in row.split("|")[3], row


@pytest.mark.parametrize("path", PROSE, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_make_target_that_is_named_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for name in re.findall(r"\bmake ([a-z][a-z-]*)`", path.read_text()):
        assert name in targets, name


def test_the_architecture_names_every_public_path_of_every_service() -> None:
    rows = re.findall(
        r"^\| (\w+) \|.*\| (`/.*`) \|$", (ROOT / "docs/architecture.md").read_text(), re.MULTILINE
    )
    named = {name: set(re.findall(r"`([^`]+)`", paths)) for name, paths in rows}
    for service in SERVICES:
        if service.paths != ("/",):
            assert named[service.name] == set(service.paths)


def test_every_decision_has_its_three_parts_and_a_line_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (ROOT / "docs" / "index.md").read_text()
    for path in folder.glob("*.md"):
        text = path.read_text()
        for part in ("## Context", "## Decision", "## Consequences"):
            assert part in text, f"{path.name}: {part}"
        assert f"decisions/{path.name}" in index, path.name
