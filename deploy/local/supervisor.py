"""The supervisor: starts parts in order, restarts what crashes, stops in reverse."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.place import CannotStart, Place
from deploy.local.process import Process
from deploy.local.stack import Part

BACK_OFF = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds before each restart of a part that keeps crashing; forgiven after a calm minute."""
CALM = 60.0
INHERITED = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "HOME", "SSL_CERT_FILE", "TESSDATA_PREFIX")


def _nothing(supervisor: "Supervisor") -> None:
    """Nobody wants to know."""


Changed = Callable[["Supervisor"], None]


@dataclass
class Row:
    """A part and what is known of it now."""

    part: Part
    state: str = "stopped"
    """stopped, starting, ready, crashed or stopping."""
    process: Process | None = None
    restarts: int = 0
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    watch: asyncio.Task[None] | None = None

    @property
    def running(self) -> Process | None:
        """The live process, if there is one."""
        return self.process if self.process and self.process.alive else None


class Supervisor:
    """Runs the parts of one stack in one event loop."""

    def __init__(
        self,
        place: Place,
        parts: Sequence[Part],
        changed: Changed = _nothing,
    ) -> None:
        self.place = place
        self.rows = {part.name: Row(part) for part in parts}
        self._changed = changed
        self._locks = {part.name: asyncio.Lock() for part in parts}

    def log(self, name: str) -> Path:
        """The log of a part."""
        return self.place.room("log") / f"{name}.log"

    async def start(self, names: Iterable[str] | None = None) -> None:
        """Start parts and all that they need, each as soon as its needs are ready."""
        wanted = self._with_needs(self.rows if names is None else names)
        try:
            async with asyncio.TaskGroup() as group:
                for name in wanted:
                    group.create_task(self._bring_up(self.rows[name]))
        except* Exception as faults:
            raise faults.exceptions[0] from None

    async def stop(self, names: Iterable[str] | None = None, *, limit: float | None = None) -> None:
        """Stop parts, what needs a part before it; `limit` is shorter than the parts' own."""
        left = list(self.rows if names is None else names)
        while left:
            needed = {need for name in left for need in self.rows[name].part.needs}
            last = [name for name in left if name not in needed] or left
            await asyncio.gather(*(self._take_down(self.rows[name], limit) for name in last))
            left = [name for name in left if name not in last]

    async def restart(self, name: str) -> None:
        """Stop a part in good order and start it again."""
        await self.stop([name])
        await self.start([name])

    async def until_ready(self, name: str, limit: float = 60.0) -> None:
        """Wait until a part that was killed serves again."""
        await asyncio.wait_for(self.rows[name].ready.wait(), limit)

    def signal(self, name: str, number: signal.Signals) -> bool:
        """Signal a part now; whether there was a process to signal."""
        process = self.rows[name].running
        if process is None:
            return False
        if number in {signal.SIGSTOP, signal.SIGCONT}:
            process.send_all(number)
        else:
            process.send(number)
        return True

    def _with_needs(self, names: Iterable[str]) -> list[str]:
        wanted, queue = set[str](), list(names)
        while queue:
            name = queue.pop()
            if name not in wanted:
                wanted.add(name)
                queue += self.rows[name].part.needs
        return [name for name in self.rows if name in wanted]

    def _set(self, row: Row, state: str) -> None:
        row.state = state
        row.ready.set() if state == "ready" else row.ready.clear()
        self._changed(self)

    async def _bring_up(self, row: Row) -> None:
        """Start one part when its needs are ready, and return when it serves."""
        for need in row.part.needs:
            await self.rows[need].ready.wait()
        async with self._locks[row.part.name]:
            if row.state == "ready":
                return
            try:
                process = await self._spawn(row)
                await self._until_serving(row, process)
            except BaseException:
                if row.running:
                    await row.running.stop(2)
                self._set(row, "stopped")
                raise
            self._set(row, "ready")
            row.watch = asyncio.create_task(self._keep_alive(row, process))

    async def _spawn(self, row: Row) -> Process:
        self._set(row, "starting")
        part, place = row.part, self.place
        env = {name: os.environ[name] for name in INHERITED if name in os.environ}
        env |= {"CHORALE_STACK": place.mark} | dict(part.env(place))
        born = asyncio.ensure_future(Process.start(part.command(place), env, self.log(part.name)))
        try:
            row.process = await asyncio.shield(born)
        except asyncio.CancelledError:
            row.process = await born  # whoever cancels must be able to end what was just born
            raise
        return row.process

    async def _until_serving(self, row: Row, process: Process) -> None:
        """Return when the part serves; raise CannotStart when it ends or takes too long."""
        part = row.part
        until = time.monotonic() + part.start_seconds
        pause, why = 0.05, "nothing yet"
        while time.monotonic() < until:
            reason = await part.ready(self.place, part.name)
            if not process.alive:
                raise CannotStart(
                    f"{part.name} ended with status {process.child.returncode} instead of starting"
                    f"{self._last_words(part.name)}"
                )
            if reason is None:
                return
            why = reason
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 0.5)
        raise CannotStart(
            f"{part.name} is not ready after {part.start_seconds:.0f} s: {why}"
            f"{self._last_words(part.name)}"
        )

    def _last_words(self, name: str) -> str:
        """The end of a log, for a message."""
        log = self.log(name)
        lines = log.read_text(errors="replace").splitlines()[-8:] if log.exists() else []
        return "".join(f"\n    {line[:300]}" for line in lines) + f"\n  the whole log: {log}"

    async def _keep_alive(self, row: Row, process: Process) -> None:
        """Start the part again whenever it ends by itself, with growing pauses."""
        tries = 0
        while True:
            await process.ended()
            if row.state == "stopping":
                return
            tries = 0 if time.monotonic() - process.since > CALM else tries
            row.restarts += 1
            self._set(row, "crashed")
            await asyncio.sleep(BACK_OFF[min(tries, len(BACK_OFF) - 1)])
            tries += 1
            process = await self._spawn(row)
            with contextlib.suppress(CannotStart):
                await self._until_serving(row, process)
                self._set(row, "ready")
            if row.state != "ready" and process.alive:
                await process.stop(5)

    async def _take_down(self, row: Row, limit: float | None) -> None:
        patience = row.part.stop_seconds if limit is None else limit
        async with self._locks[row.part.name]:
            if row.watch is None:
                return
            self._set(row, "stopping")
            if row.running and not await row.running.stop(patience):
                with self.log(row.part.name).open("a") as log:
                    log.write(f"supervisor: had to be killed after {patience:.0f} s\n")
            row.watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await row.watch
            if row.running:
                await row.running.stop(5)
            row.watch = None
            self._set(row, "stopped")
