"""What the image runs needs no package that only developers have."""

import re
import subprocess
import sys
from importlib.metadata import packages_distributions

import pytest

from deploy.local.place import ROOT
from deploy.local.stack import SERVICES

RUN = (
    "deploy.cli",
    *("deploy.containers.demo", "deploy.containers.healthy", "deploy.containers.prepare"),
    *("deploy.local.mailbox", "deploy.local.astre"),
    *(f"services.{service.name}.main" for service in SERVICES),
)
OPTIONAL = {"greenlet"}
"""What a library takes only where it is there."""


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked() -> set[str]:
    text = (ROOT / "requirements-runtime.lock").read_text()
    return {plain(name) for name in re.findall(r"^([\w.-]+)==", text, re.MULTILINE)}


@pytest.mark.parametrize("module", RUN)
def test_what_runs_in_the_image_imports_only_what_is_installed_there(module: str) -> None:
    show = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    told = subprocess.run(
        [sys.executable, "-c", show], cwd=ROOT, capture_output=True, text=True, check=True
    )
    brought = packages_distributions()
    needed = {
        plain(name)
        for loaded in told.stdout.split()
        if not loaded.startswith("_") and loaded in brought
        for name in brought[loaded][:1]
    }
    assert needed - OPTIONAL <= locked()
