"""Documents are read in processes of their own, with limits that a hostile file cannot argue with.

Calls of one turn of the event loop travel together: one message to a process, one back. When that
process dies or takes too long its documents are read again one by one; the guilty one is refused.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

from services.ingest.adapters.child import Child, Dead, Late
from services.ingest.adapters.reader import (
    MADE,
    READINGS,
    REFUSED,
    certify_one,
    compose_one,
    picture_one,
    read_all,
    write_one,
)
from services.ingest.domain.refusals import refusal
from services.ingest.formats.reading import Document, Reading, unread
from shared.contracts.finding import Finding
from shared.contracts.invoice import Header, Invoice
from shared.contracts.proof import SignedCertificate

SECONDS_XML = 5.0
SECONDS_PDF = 20.0
SECONDS_WRITE = 20.0
CHUNK_XML = 20
CHUNK_PDF = 4
CHUNK_BYTES = 8 * 1024 * 1024
"""Documents that together weigh more travel apart."""

Waiting = tuple[Document, asyncio.Future[Reading], bool]
"""A document, who waits for its reading, and whether that may be brief."""


class Reader(Child):
    """One process that reads."""

    def __init__(self) -> None:
        super().__init__("services.ingest.adapters.reader")

    async def read(self, asked: Sequence[tuple[Document, bool]], seconds: float) -> list[Reading]:
        """The readings of a chunk; raises Late or Dead, and the process is gone then."""
        packed = [(document.name, document.data, brief) for document, brief in asked]
        answer = await self.ask((seconds, read_all, (packed,)), seconds)
        try:
            readings = READINGS.validate_json(answer)
        except ValueError:
            readings = []
        if len(readings) != len(asked):
            await self.stop()
            raise Dead
        return readings

    async def write(self, kind: str, document: Document, header: Header | None) -> bytes | Finding:
        """The invoice as another document; raises Late or Dead, and the process is gone then."""
        changed = header.model_dump_json(exclude_none=True) if header else None
        return await self._made(write_one, kind, document.name, document.data, changed)

    async def compose(self, invoice: Invoice, contents: Sequence[bytes]) -> bytes | Finding:
        """A typed invoice as a document; raises Late or Dead, and the process is gone then."""
        written = invoice.model_dump_json(exclude_none=True)
        return await self._made(compose_one, written, list(contents))

    async def picture(self, what: str, data: bytes, number: int) -> bytes | Finding:
        """A page as picture or words; raises Late or Dead, and the process is gone then."""
        return await self._made(picture_one, what, data, number)

    async def certify(self, certificate: SignedCertificate) -> bytes | Finding:
        """A certificate as a page."""
        return await self._made(certify_one, certificate.model_dump_json())

    async def _made(self, job: Callable[..., bytes], *arguments: Any) -> bytes | Finding:
        answer = await self.ask((SECONDS_WRITE, job, arguments), SECONDS_WRITE)
        if answer.startswith(MADE):
            return answer.removeprefix(MADE)
        return Finding.model_validate_json(answer.removeprefix(REFUSED))


class Workers:
    """The processes that read and write documents."""

    def __init__(self, processes: int) -> None:
        self._readers = [Reader() for _ in range(processes)]
        self._free: asyncio.LifoQueue[Reader] = asyncio.LifoQueue()
        for reader in self._readers:
            self._free.put_nowait(reader)
        self._waiting: list[Waiting] = []
        self._chunks: set[asyncio.Task[None]] = set()

    async def read(self, document: Document, *, brief: bool = False) -> Reading:
        """One document read; whatever happens to its process, the answer is a reading.

        A `brief` one leaves out what routing does not need: lines, attachments, copied fields.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Reading] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._send)
        self._waiting.append((document, future, brief))
        return await future

    async def write(
        self, kind: str, document: Document, header: Header | None = None
    ) -> bytes | Finding:
        """The invoice of a document as another one, or why there is none; empty when it is empty.

        `header` takes the place of the header that the document itself says.
        """
        return await self._patiently(lambda reader: reader.write(kind, document, header))

    async def compose(self, invoice: Invoice, contents: Sequence[bytes] = ()) -> bytes | Finding:
        """A typed invoice as a Factur-X with its attachments, or why there is none."""
        return await self._patiently(lambda reader: reader.compose(invoice, contents))

    async def picture(self, what: str, data: bytes, number: int) -> bytes | Finding:
        """A page of a PDF, counted from 1, as `image` (PNG) or `words` (JSON), or why not."""
        return await self._patiently(lambda reader: reader.picture(what, data, number))

    async def certify(self, certificate: SignedCertificate) -> bytes | Finding:
        """A certificate as a page, or why there is none."""
        return await self._patiently(lambda reader: reader.certify(certificate))

    async def _patiently(
        self, make: Callable[[Reader], Awaitable[bytes | Finding]]
    ) -> bytes | Finding:
        for _ in range(2):  # a process may die for reasons that are not the document's
            reader = await self._free.get()
            try:
                return await make(reader)
            except Late:
                break
            except Dead:
                continue
            finally:
                self._free.put_nowait(reader)
        return refusal("FAC-SAFE-007")

    async def close(self) -> None:
        """Let what is being read finish, then end the processes."""
        while self._chunks:
            await asyncio.gather(*self._chunks, return_exceptions=True)
        await asyncio.gather(*(reader.stop() for reader in self._readers))

    def _send(self) -> None:
        waiting, self._waiting = self._waiting, []
        for chunk in chunks(waiting, len(self._readers)):
            task = asyncio.create_task(self._answer(chunk))
            self._chunks.add(task)
            task.add_done_callback(self._chunks.discard)

    async def _answer(self, chunk: Sequence[Waiting]) -> None:
        try:
            readings = await self._read([(document, brief) for document, _, brief in chunk])
        except BaseException as error:  # nobody may wait for ever
            for _, future, _ in chunk:
                if not future.done():
                    future.set_exception(error)
            raise
        for (_, future, _), reading in zip(chunk, readings, strict=True):
            if not future.done():
                future.set_result(reading)

    async def _read(self, asked: Sequence[tuple[Document, bool]]) -> list[Reading]:
        document = asked[0][0]
        for again in (False, True):  # a process may die for reasons that are not the document's
            reader = await self._free.get()
            try:
                if again:
                    await reader.stop()  # whoever dies in a fresh process died of the document
                return await reader.read(asked, seconds_for(document))
            except Late:
                break
            except Dead:
                continue
            finally:
                self._free.put_nowait(reader)
        if len(asked) > 1:
            return [(await self._read([one]))[0] for one in asked]
        return [unread("pdf" if document.is_pdf else "xml", "FAC-SAFE-007")]


def seconds_for(document: Document) -> float:
    """How long a document may take."""
    return SECONDS_PDF if document.is_pdf else SECONDS_XML


def chunks(waiting: Sequence[Waiting], processes: int) -> Iterator[Sequence[Waiting]]:
    """Spread documents over the processes in chunks of one kind, neither too many nor too heavy."""
    pdfs = [one for one in waiting if one[0].is_pdf]
    others = [one for one in waiting if not one[0].is_pdf]
    for kind, most in ((pdfs, CHUNK_PDF), (others, CHUNK_XML)):
        size = min(most, -(-len(kind) // processes)) or 1
        chunk: list[Waiting] = []
        weight = 0
        for one in kind:
            if chunk and (len(chunk) >= size or weight + len(one[0].data) > CHUNK_BYTES):
                yield chunk
                chunk, weight = [], 0
            chunk.append(one)
            weight += len(one[0].data)
        if chunk:
            yield chunk
