"""podman, buildah and podman-compose with storage, networks and settings of their own."""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
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
class Engine:
    """A container engine whose every trace lies in one folder."""

    folder: Path

    def prepare(self) -> None:
        """Write its settings."""
        for name, text in (("containers.conf", ENGINE), ("storage.conf", STORAGE)):
            (self.folder / name).write_text(text.format(folder=self.folder))

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

    def forget(self) -> list[str]:
        """Remove everything; returns what could not be removed."""
        self.podman("rm", "-f", "-a", "-t", "5", "-v", status=False)
        self.podman("network", "prune", "-f", status=False)
        self.podman("volume", "rm", "-a", "-f", status=False)
        self.podman("rmi", "-a", "-f", status=False)
        self.podman("umount", "-a", status=False)
        for mount in (self.folder / "storage/overlay", self.folder / "run"):
            subprocess.run(["umount", "-q", str(mount)], check=False)
        left = [line.split()[1] for line in mounts() if str(self.folder) in line]
        left += [f"process {number}" for number in processes(str(self.folder))]
        left += [f"chain {chain}" for chain in without_chains()]
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


def without_chains() -> list[str]:
    """Take away the empty rules that netavark leaves behind; returns the chains that stay."""
    for table in ("nat", "filter"):
        rules = iptables(table, "-S")
        for rule in rules:
            if rule.startswith("-A") and "NETAVARK" in rule and "10." not in rule.split("-j")[0]:
                iptables(table, "-D", *rule.split()[1:])
        chains = [rule.split()[1] for rule in rules if rule.startswith("-N NETAVARK")]
        for action in ("-F", "-X"):
            for chain in chains:
                iptables(table, action, chain)
    return [
        rule.split()[1]
        for table in ("nat", "filter")
        for rule in iptables(table, "-S")
        if rule.startswith("-N NETAVARK")
    ]


def iptables(table: str, *words: str) -> Sequence[str]:
    """The lines that iptables prints."""
    done = subprocess.run(
        ["iptables", "-t", table, *words], capture_output=True, text=True, check=False
    )
    return done.stdout.splitlines()
