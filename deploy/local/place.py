"""Where one stack lives: its folder, its ports, its secrets; nothing is shared with another."""

import hashlib
import json
import os
import secrets
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""
HOST = "127.0.0.1"
DAEMONS = ("/usr/sbin", "/usr/local/sbin", "/sbin")
FIRST_PORT, LAST_PORT = 20_000, 32_000
"""Below the range from which the kernel takes ports for outgoing connections."""


class CannotStart(Exception):
    """A part of the stack cannot start; the text says which, why, and what to do."""


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


@dataclass
class Place:
    """The folder of a stack and what was chosen for it; the choices survive a restart."""

    folder: Path
    public_port: int = 8080
    """0 takes a free one."""
    ingest: int = 1
    ports: dict[str, int] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder = self.folder.resolve()

    @property
    def mark(self) -> str:
        """What every process of this stack carries in its environment, and no other."""
        return str(self.folder)

    @property
    def tag(self) -> str:
        """A short name that only this folder has."""
        return hashlib.sha256(self.mark.encode()).hexdigest()[:12]

    @property
    def base_url(self) -> str:
        """The one public origin; a name and no number, since passkeys belong to a name."""
        return f"http://localhost:{self.ports['public']}"

    def prepare(self, names: Iterable[str]) -> None:
        """Make the folder, keep or choose a port for each name, keep or make secrets."""
        for path in (self.folder, self.room("log")):
            path.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self.ports = self._read("ports.json") | self.ports
        taken = {self.public_port}
        for name in names:
            port = self.ports.get(name, 0)
            if not port or port in taken or not is_free(port):
                port = self._free_port(taken)
            self.ports[name] = port
            taken.add(port)
        if self.public_port:
            self.ports["public"] = self.public_port
        self._write("ports.json", self.ports)
        self.secrets = self._read("secrets.json") | self.secrets
        for name in ("amqp", "cookie", "operator", "sealing"):
            self.secrets.setdefault(name, f"{secrets.token_urlsafe(24)}-Zq7")
        self._write("secrets.json", self.secrets)

    def room(self, name: str) -> Path:
        """A folder of this stack."""
        return self.folder / name

    def write(self, name: str, text: str, *, mode: int = 0o600) -> Path:
        """Write a file of this stack, whole or not at all."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(path.name + ".new")
        fresh.write_text(text)
        fresh.chmod(mode)
        fresh.replace(path)
        return path

    def _free_port(self, taken: set[int]) -> int:
        """A port that nobody uses; two folders begin to look at different places."""
        width = LAST_PORT - FIRST_PORT
        start = int(self.tag, 16) % width
        known = taken | set(self.ports.values())
        for step in range(width):
            port = FIRST_PORT + (start + step) % width
            if port not in known and is_free(port):
                return port
        raise CannotStart(f"no free port between {FIRST_PORT} and {LAST_PORT} on {HOST}")

    def _read(self, name: str) -> dict[str, Any]:
        path = self.folder / name
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def _write(self, name: str, value: object) -> None:
        self.write(name, json.dumps(value, indent=1))


def find(binary: str) -> str | None:
    """A program on the PATH, or where Debian keeps daemons, which an ordinary PATH leaves out."""
    for folder in (*os.environ.get("PATH", os.defpath).split(os.pathsep), *DAEMONS):
        path = os.path.join(folder, binary)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return None
