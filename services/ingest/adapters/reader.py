"""The program of a process that reads and writes documents: requests come in, answers go out.

It starts with little memory, no large files and no way to print into the answers, and ends when its
owner is gone. Answers are JSON and never pickles: what read a hostile file is not trusted either.
"""

import os
import pickle
import resource
import signal
import struct
import sys
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError

from services.ingest import formats
from services.ingest.formats import picture, writers
from services.ingest.formats.reading import Document, Reading, unread
from services.ingest.formats.unreadable import Unreadable
from shared import memory
from shared.contracts.finding import Finding
from shared.contracts.ingest import DocumentKind
from shared.contracts.invoice import Header, Invoice
from shared.contracts.proof import SignedCertificate

MEMORY = 1536 * 1024 * 1024
"""Bytes of address space, libraries included."""
LARGEST_WRITE = 16 * 1024 * 1024
OPEN_FILES = 64

READINGS = TypeAdapter(list[Reading])
LENGTH = struct.Struct(">I")
Request = tuple[float, Callable[..., bytes], tuple[Any, ...]]
"""Seconds that it may take, a function of this module, and what it is called with."""
MADE, REFUSED = b"+", b"-"
"""How the answer to a request to write begins."""


def main() -> None:
    """Do request after request until there is no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not break an answer
    formats.load_schemas()
    memory.settle()
    limit()
    send(answers, b"ready")
    while header := requests.read(LENGTH.size):
        seconds, job, arguments = pickle.loads(requests.read(LENGTH.unpack(header)[0]))
        count_from_here(seconds)
        send(answers, job(*arguments))


def limit() -> None:
    """Bind the process before it sees the first document."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_WRITE, LARGEST_WRITE))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def count_from_here(seconds: float) -> None:
    """Bind the processor time of the next request."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime + seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))


def read_all(documents: Sequence[tuple[str, bytes, bool]]) -> bytes:
    """The readings of a chunk, brief where that is enough."""
    readings = [(formats.read(Document(name, data)), brief) for name, data, brief in documents]
    return written([reading.in_brief() if brief else reading for reading, brief in readings])


def write_one(kind: str, name: str, data: bytes, header: str | None) -> bytes:
    """An invoice as a document of another kind, or why it cannot be one."""
    changed = None if header is None else Header.model_validate_json(header)
    return answered(writers.write(DocumentKind(kind), Document(name, data), changed))


def compose_one(invoice: str, contents: Sequence[bytes]) -> bytes:
    """An invoice that was typed as a document, or why it cannot be one."""
    return answered(writers.compose(Invoice.model_validate_json(invoice), contents))


def picture_one(what: str, data: bytes, number: int) -> bytes:
    """A page of a PDF as its picture or as its words, or why there is neither."""
    try:
        if what == "image":
            return answered(picture.image_of(data, number))
        return answered(picture.page_of(data, number).model_dump_json().encode())
    except Unreadable as refused:
        return answered(refused.finding)


def certify_one(certificate: str) -> bytes:
    """A certificate as a page."""
    return answered(writers.certified(SignedCertificate.model_validate_json(certificate)))


def answered(made: bytes | Finding) -> bytes:
    """What was made, or why it was not, with a mark that tells one from the other."""
    return MADE + made if isinstance(made, bytes) else REFUSED + made.model_dump_json().encode()


def written(readings: Sequence[Reading]) -> bytes:
    """Readings as JSON; one whose text no JSON can hold is refused and spares the others."""
    try:
        return READINGS.dump_json(list(readings))
    except PydanticSerializationError:
        if len(readings) == 1:
            refused = unread(readings[0].format, "FAC-READ-016", "texte indéchiffrable")
            return READINGS.dump_json([refused])
        return b"[" + b",".join(written([one])[1:-1] for one in readings) + b"]"


def send(answers: BinaryIO, content: bytes) -> None:
    """One answer, its length before it."""
    answers.write(LENGTH.pack(len(content)) + content)
    answers.flush()


if __name__ == "__main__":
    main()
