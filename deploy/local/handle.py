"""A stack in the hands of a program: tests, faults and benches start and break it through this."""

import asyncio
import signal
import threading
from collections.abc import Coroutine, Iterable
from pathlib import Path
from typing import Any, Self, TypeVar

import psutil

from deploy.local import demo, process, provision
from deploy.local import stack as table
from deploy.local.place import Place
from deploy.local.supervisor import Supervisor

T = TypeVar("T")


class Stack:
    """Real servers and services in a folder, in a thread of their own: any loop may use them.

    `with Stack(folder)` or `async with Stack(folder)`; nothing of it is left afterwards.
    """

    def __init__(
        self,
        folder: Path | str,
        *,
        ingest: int = 1,
        port: int = 0,
        demo: bool = False,
        only: Iterable[str] | None = None,
    ) -> None:
        self.place = Place(Path(folder), public_port=port, ingest=ingest)
        self._demo, self._only = demo, only
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="stack", daemon=True)
        self._supervisor: Supervisor | None = None

    # The addresses that a test needs.

    @property
    def base_url(self) -> str:
        """The one public origin."""
        return self.place.base_url

    @property
    def mongo_url(self) -> str:
        """The database."""
        return table.mongo_url(self.place)

    @property
    def amqp_url(self) -> str:
        """The services' virtual host."""
        return table.amqp_url(self.place)

    @property
    def partner_amqp_url(self) -> str:
        """The partners' virtual host, with the rights of the platform."""
        return table.amqp_url(self.place, "partners")

    @property
    def rabbitmq_api_url(self) -> str:
        """The broker's HTTP API."""
        return table.rabbitmq_api_url(self.place)

    @property
    def mailbox_url(self) -> str:
        """The mailbox."""
        return self.base_url + table.MAILBOX_PATH

    @property
    def operator(self) -> tuple[str, str]:
        """The operator's address and password."""
        return table.OPERATOR_EMAIL, self.place.secrets["operator"]

    # Life.

    def open(self) -> Self:
        """Start everything, or only the parts asked for; leave nothing when that fails."""
        provision.check()
        process.sweep(self.place.mark)
        parts = table.stack(self.place)
        self.place.prepare(("public", *table.port_names(parts)))
        self._thread.start()
        try:
            self._supervisor = self.run(_make(self.place, parts))
            self.run(self._supervisor.start(self._only))
            if self._demo:
                self.run(demo.load(self.place))
        except BaseException:
            self.close()
            raise
        return self

    def close(self) -> None:
        """Stop everything and make sure that nothing is left."""
        if self._thread.is_alive():
            if self._supervisor:
                self.run(_end(self._supervisor))
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
        process.sweep(self.place.mark)

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, *fault: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return await asyncio.to_thread(self.open)

    async def __aexit__(self, *fault: object) -> None:
        await asyncio.to_thread(self.close)

    # Faults.

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> bool:
        """Signal a part now; the supervisor starts it again. False: it was not running."""
        return self.supervisor.signal(name, number)

    def pause(self, name: str) -> bool:
        """Freeze a part and its children."""
        return self.supervisor.signal(name, signal.SIGSTOP)

    def resume(self, name: str) -> bool:
        """Let a frozen part go on."""
        return self.supervisor.signal(name, signal.SIGCONT)

    async def start(self, *names: str) -> None:
        """Start parts and what they need; returns when they serve."""
        await self.later(self.supervisor.start(names))

    async def stop(self, *names: str) -> None:
        """Stop parts in good order; they stay down."""
        await self.later(self.supervisor.stop(names))

    async def restart(self, name: str) -> None:
        """Stop a part in good order and start it again."""
        await self.later(self.supervisor.restart(name))

    async def until_ready(self, name: str, limit: float = 60.0) -> None:
        """Wait until a part that was killed serves again."""
        await self.later(self.supervisor.until_ready(name, limit))

    # Looking.

    @property
    def supervisor(self) -> Supervisor:
        """The supervisor, once the stack is open."""
        if self._supervisor is None:
            raise RuntimeError("the stack is not open")
        return self._supervisor

    @property
    def names(self) -> tuple[str, ...]:
        """Every part."""
        return tuple(self.supervisor.rows)

    def restarts(self, name: str) -> int:
        """How often a part was started again after it had ended by itself."""
        return self.supervisor.rows[name].restarts

    def processes(self, name: str) -> list[psutil.Process]:
        """The process of a part and its children, for what they cost."""
        running = self.supervisor.rows[name].running
        if running is None:
            return []
        head = psutil.Process(running.pid)
        return [head, *head.children(recursive=True)]

    def log(self, name: str) -> str:
        """What a part has written."""
        path = self.supervisor.log(name)
        return path.read_text(errors="replace") if path.exists() else ""

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something in the stack's own loop, and wait."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def later(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something in the stack's own loop, without blocking this one."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))


async def _end(supervisor: Supervisor) -> None:
    """Stop the services in good order and the servers at once: nobody will read their data."""
    servers = ("rabbitmq", "mongod", "epmd")
    await supervisor.stop([name for name in supervisor.rows if name not in servers])
    await supervisor.stop(servers, limit=0)


async def _make(place: Place, parts: tuple[table.Part, ...]) -> Supervisor:
    return Supervisor(place, parts)
