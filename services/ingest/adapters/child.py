"""A process of ours that answers requests: started when it is needed and again after it died.

A request is pickled, an answer is bytes: what saw a hostile file is not trusted either.
"""

import asyncio
import pickle
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process

from services.ingest.adapters.reader import LENGTH

SECONDS_START = 60.0
LARGEST_ANSWER = 160 * 1024 * 1024


class Dead(Exception):
    """A process ended, or broke off in the middle of an answer."""


class Late(Exception):
    """A process took too long and was killed."""


class Child:
    """One process at most, that runs `main` of a module."""

    def __init__(self, module: str) -> None:
        self._program = f"from {module} import main; main()"
        self._process: Process | None = None

    async def ask(self, request: object, seconds: float) -> bytes:
        """The answer to a request; raises Late or Dead, and the process is gone then."""
        try:
            async with asyncio.timeout(SECONDS_START):
                process = await self._started()
            async with asyncio.timeout(seconds):
                packed = pickle.dumps(request, protocol=5)
                assert process.stdin
                process.stdin.write(LENGTH.pack(len(packed)))
                process.stdin.write(packed)
                await process.stdin.drain()
                return await answer(process)
        except TimeoutError:
            await self.stop()
            raise Late from None
        except (OSError, EOFError, ValueError):
            await self.stop()
            raise Dead from None
        except asyncio.CancelledError:
            await self.stop()  # a late answer must not be taken for that of the next request
            raise

    async def _started(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", self._program),
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
            )
            await answer(self._process)
        return self._process

    async def stop(self) -> None:
        """End the process at once."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        if process.stdin:
            process.stdin.close()
        await process.wait()


async def answer(process: Process) -> bytes:
    """The next answer of a process."""
    assert process.stdout
    (length,) = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))
    if length > LARGEST_ANSWER:
        raise ValueError(length)
    return await process.stdout.readexactly(length)
