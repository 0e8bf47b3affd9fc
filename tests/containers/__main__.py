"""`make test-containers`: build the image, run the compose file, see it work, leave nothing."""

import argparse
import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

import yaml

from deploy.local.place import ROOT
from tests.containers import images, journey
from tests.containers.engine import Engine, Failed, Kernel, install
from tests.containers.journey import Running

PROJECT, INGEST = "chorale", 2
SUBNET = "172.31.240.0/24"
BEGAN = time.monotonic()


def say(text: str) -> None:
    """A line for people, with the seconds since the beginning."""
    print(f"{time.monotonic() - BEGAN:6.0f} s  {text}", flush=True)


def main() -> int:
    """All steps; what was made is taken away, whatever happens."""
    parser = argparse.ArgumentParser(prog="python -m tests.containers")
    parser.add_argument("--folder", type=Path, help="where to work; images found there are used")
    parser.add_argument("--keep", action="store_true", help="leave images for the next time")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="chorale-", dir="/var/tmp"))
    folder.mkdir(exist_ok=True)
    engine, kernel = Engine(folder.resolve()), Kernel()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    passed = False
    try:
        install()
        engine.prepare()
        run(engine)
        passed = True
    except Exception as error:
        say(f"FAILED: {error if isinstance(error, Failed) else traceback.format_exc()}")
        tell_logs(engine)
    finally:
        engine.empty()
        left = [*([] if options.keep else engine.forget()), *kernel.restore()]
    for thing in left:
        say(f"left behind: {thing}")
    passed = passed and not left
    say("passed, and nothing is left" if passed else "failed")
    return 0 if passed else 1


def run(engine: Engine) -> None:
    """Images, then the project, then what must be seen."""
    tree = engine.folder / PROJECT
    copy_project(tree)
    compose: dict[str, Any] = yaml.safe_load((tree / "docker-compose.yml").read_text())
    named = {service["image"] for service in compose["services"].values()}
    official = [name for name in named if name.startswith("docker.io/")]
    official += re.findall(
        r"^FROM (docker\.io/\S+)", (tree / "deploy/Dockerfile").read_text(), re.M
    )
    images.stand_in(engine, sorted(set(official)))
    say("stand-ins of the base images are there")
    images.build(engine, tree, "localhost/chorale:dev")
    say(f"our image is built: {images.size(engine, 'localhost/chorale:dev') >> 20} MB")
    configure(tree)
    # podman-compose leaves out the subnet that the file asks for.
    engine.podman("network", "create", "--subnet", SUBNET, f"{PROJECT}_edge")
    engine.run("podman-compose", "up", "-d", "--no-build", cwd=tree)
    see(engine, tree, set(compose["services"]))
    engine.run("podman-compose", "down", "-v", "-t", "20", cwd=tree)
    if engine.containers():
        raise Failed(f"containers are left: {engine.containers()}")


def see(engine: Engine, tree: Path, services: set[str]) -> None:
    """What must be true of the running project."""
    running = Running(engine, PROJECT)
    journey.everything_is_healthy(running, services)
    say("every container is healthy, the demo is loaded")
    journey.nobody_has_more_rights_than_needed(running)
    journey.the_command_line_is_there(running)
    demo = journey.demo_of(running)
    asyncio.run(journey.invoices_become_events(demo, "C", journey.INVOICES))
    asyncio.run(journey.a_scan_is_read(demo))
    say(f"{journey.INVOICES} invoices became events in the buyer's queue")
    shares = journey.replicas_share_the_work(running, INGEST)
    say(f"messages handled by each ingest: {', '.join(f'{n:g}' for n in shares.values())}")
    engine.podman("stop", "-t", "30", running.of("ingest")[0])
    asyncio.run(journey.invoices_become_events(demo, "D", 10))
    say("10 more passed with one ingest stopped")
    asyncio.run(journey.a_mail_has_come(demo))
    journey.logs_are_json(running)
    took = journey.everything_stops_by_itself(running)
    slowest = max(took, key=lambda name: took[name])
    say(f"everything stopped when asked; {slowest} took longest, {took[slowest]:.0f} s")


def copy_project(tree: Path) -> None:
    """The files of the project as they are now, without those that git ignores."""
    shutil.rmtree(tree, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)


def configure(tree: Path) -> None:
    """Make .env as its reader would, and move the ports out of the way of others."""
    subprocess.run(
        ["sh", str(tree / "deploy/containers/new-env.sh"), "demo"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    port, amqp_port = free_ports(2)
    with (tree / ".env").open("a") as file:
        file.write(
            f"CHORALE_PORT={port}\nCHORALE_AMQP_PORT={amqp_port}\nCHORALE_INGEST={INGEST}\n"
            f"CHORALE_PUBLIC_URL=http://127.0.0.1:{port}\nCHORALE_SUBNET={SUBNET}\n"
            f"CHORALE_PARTNER_PUBLIC_AMQP_URL=127.0.0.1:{amqp_port}\n"
        )


def free_ports(number: int) -> list[int]:
    """Ports of this machine that nobody uses now."""
    probes = [socket.socket() for _ in range(number)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def tell_logs(engine: Engine) -> None:
    """The last words of each container."""
    for name in engine.containers() if engine.is_apart() else ():
        words = engine.run("sh", "-c", f"podman logs --tail 20 {name} 2>&1", status=False)
        print(f"--- {name}: {engine.inspect(name)['State']['Status']}\n{words[-2500:]}", flush=True)


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit("make test-containers needs root: it makes networks and mounts.")
    sys.exit(main())
