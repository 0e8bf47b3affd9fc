"""One process of the stack: started, watched, signalled, and stopped together with its children."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from deploy.local.place import ROOT, find

LARGEST_LOG = 20_000_000
"""Bytes; a longer log of an earlier run is put aside when its part starts."""


@dataclass
class Process:
    """A running program and the log that it writes."""

    child: asyncio.subprocess.Process
    since: float

    @classmethod
    async def start(cls, command: Sequence[str], env: Mapping[str, str], log: Path) -> "Process":
        """Start a program in a session of its own; it ends when its supervisor dies."""
        if log.exists() and log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".old"))
        setpriv = find("setpriv")
        guard = (setpriv, "--pdeathsig", "TERM", "--") if setpriv else ()
        with log.open("ab") as output:
            child = await asyncio.create_subprocess_exec(
                *guard,
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=dict(env),
                cwd=ROOT,
                start_new_session=True,
            )
        return cls(child, time.monotonic())

    @property
    def pid(self) -> int:
        """The process id, which is also its group's."""
        return self.child.pid

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return self.child.returncode is None

    def send(self, number: signal.Signals) -> None:
        """Signal the process alone."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def send_all(self, number: signal.Signals) -> None:
        """Signal the process and its children."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    async def ended(self) -> int:
        """Wait for the end, take away orphans of its group, and give the exit status."""
        status = await self.child.wait()
        self.send_all(signal.SIGKILL)
        return status

    async def stop(self, limit: float) -> bool:
        """Ask to end, wait up to `limit` seconds, then force; whether asking was enough."""
        self.send_all(signal.SIGCONT)
        self.send(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.ended(), limit)
            return True
        except TimeoutError:
            self.send_all(signal.SIGKILL)
            await self.ended()
            return False


def strays(mark: str) -> list[psutil.Process]:
    """Processes of this user that carry the mark of a stack, whoever started them."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            marked = process.environ().get("CHORALE_STACK") == mark
            if marked and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def sweep(mark: str, limit: float = 10.0) -> int:
    """End what an earlier run of this stack left behind; how many there were."""
    left = strays(mark)
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, stubborn = psutil.wait_procs(left, timeout=limit)
    for process in stubborn:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(stubborn, timeout=5)
    return len(left)


def who_listens(port: int) -> str:
    """The program that uses a port, as far as this user may see."""
    with contextlib.suppress(psutil.Error):
        for at in psutil.net_connections("inet"):
            if at.status == psutil.CONN_LISTEN and at.pid and at.laddr[1:] == (port,):
                return f"{psutil.Process(at.pid).name()} (process {at.pid})"
    return "another program"
