"""The program of a process that recognises scans: requests on standard input, answers on output."""

import os
import pickle
import signal
import sys

from services.ingest import formats
from services.ingest.adapters.reader import LENGTH, count_from_here, limit, send, written
from services.ingest.formats.pdf_ocr import pages
from services.ingest.formats.reading import Document


def main() -> None:
    """Recognise document after document until there is no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not break an answer
    limit()
    send(answers, b"ready")
    while header := requests.read(LENGTH.size):
        seconds, name, data = pickle.loads(requests.read(LENGTH.unpack(header)[0]))
        count_from_here(seconds)
        reading = formats.read(Document(name, data), recognise=pages.read)
        send(answers, written([reading]))


if __name__ == "__main__":
    main()
