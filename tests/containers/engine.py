"""podman, buildah and podman-compose with storage, networks and settings of their own."""

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PACKAGES = {
    "podman": "podman",
    "buildah": "buildah",
    "podman-compose": "podman-compose",
    "runc": "runc",
    "iptables": "iptables",
    "debootstrap": "debootstrap",
    "/usr/lib/podman/netavark": "netavark",
    "/usr/lib/podman/aardvark-dns": "aardvark-dns",
}
"""A program, and the Debian package that brings it."""
ENGINE = """\
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
tmp_dir = "{folder}/tmp"
[network]
network_backend = "netavark"
network_config_dir = "{folder}/networks"
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
"""
STORAGE = """\
[storage]
driver = "overlay"
graphroot = "{folder}/storage"
runroot = "{folder}/run"
"""
FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")
CONTROL = Path("/sys/fs/cgroup")


class Failed(Exception):
    """A step went wrong; the text says which and how."""


def install() -> None:
    """Install the programs that are missing; raises Failed when that may not be."""
    packages = [package for program, package in PACKAGES.items() if not shutil.which(program)]
    if not packages:
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Failed(f"missing: {', '.join(packages)}\n  To do: as root, {' '.join(command)}")
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for step in (["apt-get", "update"], command):
        done = subprocess.run(step, env=quiet, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failed(f"{' '.join(step)} fails:\n{done.stderr[-1000:]}")


@dataclass(frozen=True, slots=True)
class Kernel:
    """What engines change in the kernel, as it was."""

    forwarding: str = field(default_factory=FORWARDING.read_text)
    chains: set[tuple[str, str]] = field(default_factory=lambda: chains())
    groups: set[Path] = field(default_factory=lambda: groups())

    def restore(self) -> list[str]:
        """Make it as it was; returns what could not be undone."""
        remove(chains() - self.chains)
        FORWARDING.write_text(self.forwarding)
        for group in sorted(groups() - self.groups, reverse=True):  # the innermost first
            with suppress(OSError):
                group.rmdir()
        left = [f"chain {chain} of {table}" for table, chain in chains() - self.chains]
        return left + [f"control group {path}" for path in groups() - self.groups]


@dataclass(frozen=True, slots=True)
class Engine:
    """A container engine whose every trace lies in one folder."""

    folder: Path

    def prepare(self) -> None:
        """Write its settings."""
        for name, text in (("containers.conf", ENGINE), ("storage.conf", STORAGE)):
            (self.folder / name).write_text(text.format(folder=self.folder))
        if not self.is_apart():
            raise Failed("podman does not keep to the folder that it was given")

    @property
    def environment(self) -> dict[str, str]:
        """What makes the programs use this folder and nothing else."""
        return os.environ | {
            "CONTAINERS_CONF": str(self.folder / "containers.conf"),
            "CONTAINERS_STORAGE_CONF": str(self.folder / "storage.conf"),
            "BUILDAH_ISOLATION": "chroot",
        }

    def run(self, *command: str | Path, cwd: Path | None = None, status: bool = True) -> str:
        """Run a program and return what it prints; raises Failed when it fails, unless told not."""
        done = subprocess.run(
            [str(word) for word in command],
            cwd=cwd,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if status and done.returncode:
            said = (done.stdout + done.stderr)[-3000:]
            raise Failed(
                f"{' '.join(map(str, command))[:300]} ends with {done.returncode}:\n{said}"
            )
        return done.stdout

    def podman(self, *words: str | Path, status: bool = True) -> str:
        """Run podman."""
        return self.run("podman", *words, status=status)

    def inspect(self, name: str) -> dict[str, Any]:
        """What podman knows of a container."""
        (found,) = json.loads(self.podman("container", "inspect", name))
        return dict(found)

    def containers(self) -> list[str]:
        """The names of all containers, ended ones too."""
        return self.podman("ps", "-a", "--format", "{{.Names}}").split()

    def has_image(self, name: str) -> bool:
        """Whether an image is here."""
        return bool(self.podman("images", "-q", name))

    def empty(self) -> None:
        """Remove containers, networks and volumes; of this folder, never those of the machine."""
        if not self.is_apart():
            return
        self.podman("rm", "-f", "-a", "-t", "5", "-v", status=False)
        self.podman("network", "prune", "-f", status=False)
        self.podman("volume", "rm", "-a", "-f", status=False)

    def is_apart(self) -> bool:
        """Whether podman is here and works in this folder."""
        if not (shutil.which("podman") and (self.folder / "storage.conf").exists()):
            return False
        where = self.podman("info", "--format", "{{.Store.GraphRoot}}", status=False)
        return where.strip() == str(self.folder / "storage")

    def forget(self) -> list[str]:
        """Remove everything; returns what could not be removed."""
        self.empty()
        for mount in (self.folder / "storage/overlay", self.folder / "run"):
            subprocess.run(["umount", "-q", str(mount)], check=False)
        left = [line.split()[1] for line in mounts() if str(self.folder) in line]
        left += [f"process {number}" for number in processes(str(self.folder))]
        if not left:
            shutil.rmtree(self.folder)
        return left


def mounts() -> list[str]:
    """What is mounted."""
    return Path("/proc/mounts").read_text().splitlines()


def processes(mark: str) -> list[int]:
    """Programs whose command names a folder, this one left out."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes().decode(errors="replace")
        except OSError:
            continue
        number = int(path.parent.name)
        if mark in command and number != os.getpid() and "tests.containers" not in command:
            found.append(number)
    return found


def groups() -> set[Path]:
    """The control groups of podman."""
    tops = [*CONTROL.glob("libpod_parent"), *CONTROL.glob("*/libpod_parent")]
    return {path for top in tops for path in (top, *top.rglob("*/"))}


def chains() -> set[tuple[str, str]]:
    """The chains of netavark, each with its table."""
    return {
        (table, rule.split()[1])
        for table in ("nat", "filter")
        for rule in iptables(table, "-S")
        if rule.startswith("-N NETAVARK")
    }


def remove(unwanted: set[tuple[str, str]]) -> None:
    """Take away chains, which netavark leaves behind, and the rules that lead to them."""
    for table, chain in unwanted:
        for rule in iptables(table, "-S"):
            words = shlex.split(rule)
            if words[0] == "-A" and words[-1] == chain:
                iptables(table, "-D", *words[1:])
    for action in ("-F", "-X"):
        for table, chain in unwanted:
            iptables(table, action, chain)


def iptables(table: str, *words: str) -> Sequence[str]:
    """The lines that iptables prints."""
    done = subprocess.run(
        ["iptables", "-t", table, *words], capture_output=True, text=True, check=False
    )
    return done.stdout.splitlines()
