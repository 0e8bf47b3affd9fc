"""The images: stand-ins of the official ones made with debootstrap, and ours built on them.

A stand-in bears the very name that the Dockerfile or the compose file asks for, so that nothing is
pulled. It takes the same environment, ports and volumes as the official image; the programs in it
are Debian's, and the mongod of the local stack.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deploy.local.place import ROOT
from deploy.local.servers import mongod_binary, needed
from tests.containers.engine import Engine, Failed

SUITE = "bookworm"
BROKER, DATABASE = 999, 999
"""User ids of the official images."""
SYSTEM = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of a system: its packages, and what is changed in it."""

    name: str
    packages: tuple[str, ...]
    finish: Callable[[Path], None]


@dataclass(frozen=True, slots=True)
class StandIn:
    """An image with the beginning of a name, out of a tree."""

    name: str
    tree: str
    changes: tuple[str, ...] = ()


def finish_servers(root: Path) -> None:
    """Lay out the servers' folders as the official images do."""
    shutil.copy2(needed(mongod_binary(), "mongod"), root / "usr/bin/mongod")
    (root / "usr/bin/mongod").chmod(0o755)
    for path, owner in (
        ("data/db", DATABASE),
        ("data/configdb", DATABASE),
        ("var/lib/rabbitmq", BROKER),
        ("var/log/rabbitmq", BROKER),
    ):
        (root / path).mkdir(parents=True, exist_ok=True)
        for inner in (root / path, *(root / path).rglob("*")):
            os.chown(inner, owner, owner)
    (root / "etc/rabbitmq/conf.d").mkdir(exist_ok=True)
    (root / "etc/rabbitmq/enabled_plugins").write_text("[rabbitmq_management].\n")


TREES = (
    Tree("python", ("python3-venv", "python-is-python3"), lambda root: None),
    Tree("servers", ("rabbitmq-server", "nginx-light", "libcurl4"), finish_servers),
)
STAND_INS = (
    StandIn("docker.io/library/python:", "python", (f"ENV PATH={SYSTEM}", 'CMD ["python"]')),
    StandIn("docker.io/library/mongo:", "servers", (f"ENV PATH={SYSTEM}", 'CMD ["mongod"]')),
    StandIn("docker.io/library/nginx:", "servers", (f"ENV PATH={SYSTEM}", "STOPSIGNAL SIGQUIT")),
    StandIn(
        "docker.io/library/rabbitmq:",
        "servers",
        (
            f"ENV PATH=/usr/lib/rabbitmq/bin:{SYSTEM}",
            "ENV HOME=/var/lib/rabbitmq",
            "ENV LANG=C.UTF-8",
            'CMD ["rabbitmq-server"]',
        ),
    ),
)


def stand_in(engine: Engine, names: list[str]) -> None:
    """Make an image for each name that is not here yet."""
    wanted = {name: kind(name) for name in names if not engine.has_image(name)}
    trees = [tree for tree in TREES if tree.name in {found.tree for found in wanted.values()}]
    with ThreadPoolExecutor() as pool:
        made = dict(pool.map(lambda tree: (tree.name, plant(engine, tree)), trees))
    for name, found in wanted.items():
        changes = [word for change in found.changes for word in ("--change", change)]
        packed = subprocess.Popen(
            ["tar", "-C", made[found.tree], "-c", "."], stdout=subprocess.PIPE
        )
        done = subprocess.run(
            ["podman", "import", "-q", *changes, "-", name],
            env=engine.environment,
            stdin=packed.stdout,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode or packed.wait():
            raise Failed(f"importing {name} fails: {done.stderr}")
    for root in made.values():
        shutil.rmtree(root)


def kind(name: str) -> StandIn:
    """The stand-in for a name."""
    for found in STAND_INS:
        if name.startswith(found.name):
            return found
    raise Failed(f"no stand-in is known for {name}; add one to {__name__}")


def plant(engine: Engine, tree: Tree) -> Path:
    """Install a small Debian with some packages into a folder."""
    root, kept = engine.folder / f"tree-{tree.name}", engine.folder / f"debs-{tree.name}"
    shutil.rmtree(root, ignore_errors=True)
    kept.mkdir(exist_ok=True)
    included = f"--include={','.join(tree.packages)}"
    engine.run("debootstrap", "--variant=minbase", f"--cache-dir={kept}", included, SUITE, root)
    for folder in ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/locale"):
        shutil.rmtree(root / folder, ignore_errors=True)
    tree.finish(root)
    shutil.rmtree(kept)
    return root


def build(engine: Engine, tree: Path, name: str) -> None:
    """Build our image. Its packages are fetched as this machine fetches them, hashes checked."""
    wheels, settings = engine.folder / "wheels", engine.folder / "pip.conf"
    lock = ROOT / "requirements-runtime.lock"
    fetch = ("-m", "pip", "download", "-q", "--only-binary", ":all:", "--require-hashes")
    engine.run(sys.executable, *fetch, "--dest", wheels, "-r", lock)
    settings.write_text("[global]\nno-index = true\nfind-links = /wheels\n")
    engine.run(
        *("buildah", "bud", "--isolation", "chroot", "--network", "host"),
        *("--volume", f"{wheels}:/wheels:ro", "--volume", f"{settings}:/etc/pip.conf:ro"),
        *(
            "--volume",
            "/etc/apt:/etc/apt:ro",
            "--volume",
            "/usr/share/keyrings:/usr/share/keyrings:ro",
        ),
        *("-t", name, "-f", tree / "deploy/Dockerfile", tree),
    )


def size(engine: Engine, name: str) -> int:
    """Bytes of an image."""
    (found,) = json.loads(engine.podman("image", "inspect", name))
    return int(found["Size"])
