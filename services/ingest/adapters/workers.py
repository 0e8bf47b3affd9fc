"""Documents are read in processes of their own, with limits that a hostile file cannot argue with.

Calls of one turn of the event loop travel together: one message to a process, one back. When that
process dies or takes too long its documents are read again one by one; the guilty one is refused.
"""

import asyncio
import multiprocessing
import resource
from collections.abc import Iterator, Sequence
from concurrent.futures import Future

from pebble import ProcessPool
from pydantic import TypeAdapter

from services.ingest import formats
from services.ingest.formats.reading import Document, Reading, unread

MEMORY = 1536 * 1024 * 1024
"""Bytes of address space of a process, libraries included."""
LARGEST_WRITE = 16 * 1024 * 1024
SECONDS_XML = 5.0
SECONDS_PDF = 20.0
CHUNK_XML = 20
CHUNK_PDF = 4
CHUNK_BYTES = 8 * 1024 * 1024
"""Documents that together weigh more travel apart."""

READINGS = TypeAdapter(list[Reading])
Packed = tuple[str, bytes]


def limited() -> None:
    """Prepare a process: little memory, no large files, no core dumps, and every schema loaded."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_WRITE, LARGEST_WRITE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    formats.load_schemas()


def read_all(packed: Sequence[Packed], seconds: float) -> bytes:
    """The readings of a chunk as JSON; runs in a process, whose time is counted afresh."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime + seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))
    return READINGS.dump_json([formats.read(Document(name, data)) for name, data in packed])


class Workers:
    """The processes that read documents."""

    def __init__(self, processes: int) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["services.ingest.formats"])
        self._processes = processes
        self._pool = ProcessPool(max_workers=processes, initializer=limited, context=context)
        self._waiting: list[tuple[Document, asyncio.Future[Reading]]] = []
        self._chunks: set[asyncio.Task[None]] = set()

    async def read(self, document: Document) -> Reading:
        """One document read; whatever happens to its process, the answer is a reading."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Reading] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._send)
        self._waiting.append((document, answer))
        return await answer

    async def close(self) -> None:
        """Let what is being read finish, then stop the processes."""
        while self._chunks:
            await asyncio.gather(*self._chunks, return_exceptions=True)
        self._pool.close()  # type: ignore[no-untyped-call]
        await asyncio.to_thread(self._pool.join)

    def _send(self) -> None:
        waiting, self._waiting = self._waiting, []
        for chunk in chunks(waiting, self._processes):
            task = asyncio.create_task(self._answer(chunk))
            self._chunks.add(task)
            task.add_done_callback(self._chunks.discard)

    async def _answer(self, chunk: Sequence[tuple[Document, asyncio.Future[Reading]]]) -> None:
        try:
            readings = await self._read([document for document, _ in chunk])
        except BaseException as error:  # nobody may wait for ever
            for _, answer in chunk:
                if not answer.done():
                    answer.set_exception(error)
            raise
        for (_, answer), reading in zip(chunk, readings, strict=True):
            if not answer.done():
                answer.set_result(reading)

    async def _read(self, documents: Sequence[Document]) -> list[Reading]:
        seconds = max(seconds_for(document) for document in documents)
        packed = [(document.name, document.data) for document in documents]
        future: Future[str | bytes | bytearray] = self._pool.schedule(
            read_all, (packed, seconds), timeout=seconds
        )
        try:
            return READINGS.validate_json(await asyncio.wrap_future(future))
        except asyncio.CancelledError:
            raise
        except Exception:  # the process died, ran out of time or could not send: the file's doing
            if len(documents) > 1:
                return [(await self._read([document]))[0] for document in documents]
            return [unread("pdf" if documents[0].is_pdf else "xml", "FAC-SAFE-007")]


def seconds_for(document: Document) -> float:
    """How long a document may take."""
    return SECONDS_PDF if document.is_pdf else SECONDS_XML


def chunks(
    waiting: Sequence[tuple[Document, asyncio.Future[Reading]]], processes: int
) -> Iterator[Sequence[tuple[Document, asyncio.Future[Reading]]]]:
    """Spread documents over the processes in chunks of one kind, neither too many nor too heavy."""
    pdfs = [one for one in waiting if one[0].is_pdf]
    others = [one for one in waiting if not one[0].is_pdf]
    for kind, most in ((pdfs, CHUNK_PDF), (others, CHUNK_XML)):
        size = min(most, -(-len(kind) // processes)) or 1
        chunk: list[tuple[Document, asyncio.Future[Reading]]] = []
        weight = 0
        for one in kind:
            if chunk and (len(chunk) >= size or weight + len(one[0].data) > CHUNK_BYTES):
                yield chunk
                chunk, weight = [], 0
            chunk.append(one)
            weight += len(one[0].data)
        if chunk:
            yield chunk
