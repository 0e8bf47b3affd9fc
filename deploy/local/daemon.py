"""The stack in the background: one supervisor process for a folder, and what it tells of itself."""

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from deploy.local import demo, process
from deploy.local.place import ROOT, CannotStart, Place, is_free
from deploy.local.stack import port_names, stack
from deploy.local.supervisor import Supervisor

STATE = "state.json"


@dataclass
class State:
    """What the supervisor last said."""

    supervisor: int
    state: str = "starting"
    """starting, ready, stopping or failed."""
    base_url: str = ""
    why: str = ""
    parts: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def read(cls, folder: Path) -> "State | None":
        """What stands in the folder, if anything."""
        with contextlib.suppress(FileNotFoundError):
            return cls(**json.loads((folder / STATE).read_text()))
        return None


def is_running(folder: Path) -> bool:
    """Whether a supervisor holds the folder; one that was killed holds nothing."""
    if not (folder / "lock").exists():
        return False
    with (folder / "lock").open("r") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the folder, so that there is never a second supervisor."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(f"a supervisor for {folder} runs already") from None
        yield


async def run(place: Place) -> None:
    """Start everything, load the demo, and keep it alive until asked to stop."""
    state = State(os.getpid(), base_url=f"http://localhost:{place.public_port}")
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)

    def tell(supervisor: Supervisor) -> None:
        state.parts = [_line(supervisor, name) for name in supervisor.rows]
        place.write(STATE, json.dumps(asdict(state), indent=1))

    parts = stack(place)
    supervisor = Supervisor(place, parts, tell)
    try:
        place.prepare(port_names(parts))
        starting = asyncio.create_task(_start(place, supervisor))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            state.state = "ready"
            tell(supervisor)
            await stopping
        starting.cancel()
        state.state = "stopping"
    except Exception as error:
        state.state, state.why = (
            "failed",
            f"{error}" if isinstance(error, CannotStart) else repr(error),
        )
        raise
    finally:
        tell(supervisor)
        await supervisor.stop()


async def _start(place: Place, supervisor: Supervisor) -> None:
    await supervisor.start()
    await demo.load(place)


def _line(supervisor: Supervisor, name: str) -> dict[str, Any]:
    row = supervisor.rows[name]
    running = row.running
    return {
        "name": name,
        "state": row.state,
        "pid": running.pid if running else None,
        "port": supervisor.place.ports.get("public" if name == "nginx" else name),
        "restarts": row.restarts,
        "since": time.time(),
    }


def launch(place: Place) -> subprocess.Popen[bytes]:
    """Start the supervisor in a session of its own, so that it outlives this terminal."""
    if place.public_port and not is_free(place.public_port):
        raise CannotStart(
            f"port {place.public_port} is used by {process.who_listens(place.public_port)}, "
            "and the public origin wants it\n"
            f"  To do: stop that program, or CHORALE_PORT={place.public_port + 1} make up"
        )
    process.sweep(place.mark)
    place.room("log").mkdir(parents=True, exist_ok=True)
    (place.folder / STATE).unlink(missing_ok=True)
    with (place.room("log") / "supervisor.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "deploy.local", "run"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=ROOT,
            env=os.environ
            | {
                "CHORALE_STACK": place.mark,
                "CHORALE_LOCAL": str(place.folder),
                "CHORALE_PORT": str(place.public_port),
                "CHORALE_INGEST": str(place.ingest),
            },
            start_new_session=True,
        )


def stop(folder: Path, limit: float = 90.0) -> bool:
    """Stop the supervisor and all that it started; whether there was anything to stop."""
    state = State.read(folder)
    was = is_running(folder)
    if was and state:
        with contextlib.suppress(ProcessLookupError):
            os.kill(state.supervisor, signal.SIGTERM)
        until = time.monotonic() + limit
        while is_running(folder) and time.monotonic() < until:
            time.sleep(0.1)
    left = process.sweep(str(folder.resolve()))
    (folder / STATE).unlink(missing_ok=True)
    return was or bool(left)
