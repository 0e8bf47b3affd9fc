"""The processes that read: many at once, and what happens to the others when one dies."""

import asyncio
import struct
import sys
import zlib
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator

import psutil
import pymupdf
import pytest
import pytest_asyncio

from services.ingest import formats
from services.ingest.adapters import workers as adapter
from services.ingest.adapters.reader import MEMORY, READINGS, written
from services.ingest.adapters.workers import Workers, chunks
from services.ingest.formats import Document, Reading
from shared.contracts.ingest import ReadField
from tests.papers import facturx, fixture, mended, page
from tests.processes import children

UBL = Document("a.xml", fixture("ubl/invoice.xml"))
PDF = Document("a.pdf", facturx(fixture("cii/invoice.xml")))
NOTHING = Document("empty", b"")
READER = "adapters.reader"
OWNER = """
import asyncio, psutil
from services.ingest.adapters.workers import Workers
from services.ingest.formats import Document
async def main():
    await Workers(1).read(Document("x", b""))
    print(psutil.Process().children()[0].pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


@pytest_asyncio.fixture
async def workers() -> AsyncIterator[Workers]:
    two = Workers(2)
    yield two
    await two.close()


def codes(reading: Reading) -> list[str]:
    return [finding.code for finding in reading.findings]


def slow_pdf(pages: int) -> Document:
    """Pages full of words: sound, and long to read."""
    with pymupdf.open() as pdf:
        words = "Facture 2026 total TTC 12,00 EUR " * 3
        for _ in range(pages):
            sheet = pdf.new_page()
            for line in range(60):
                sheet.insert_text((20, 20 + 13 * line), words, fontsize=8)
        return Document("slow.pdf", bytes(pdf.tobytes(deflate=True)))


def bomb_pdf() -> Document:
    """An embedded invoice of three gigabytes in a few kilobytes."""
    packer = zlib.compressobj(9)
    head = packer.compress(b"\0") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b"\0" * 10_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    check = struct.pack(">HH", (300 * 10_000_000 + 1) % 65521, 1)  # Adler-32 of zeros
    packed = zlib.compress(head + block * 300 + packer.flush()[:-4] + check, 9)
    with pymupdf.open() as pdf:
        pdf.new_page()
        content = pdf.embfile_add("factur-x.xml", b"<a/>")
        pdf.update_stream(content, packed, compress=0)
        pdf.xref_set_key(content, "Filter", "[/FlateDecode/FlateDecode]")
        return Document("bomb.pdf", bytes(pdf.tobytes()))


async def test_a_process_reads_as_we_do(workers: Workers) -> None:
    for document in (UBL, PDF, NOTHING):
        there, here = await workers.read(document), formats.read(document)
        assert there.invoice == here.invoice
        assert dict(there.fields) == dict(here.fields)
        assert list(there.findings) == list(here.findings)
        assert (there.format, there.pages) == (here.format, here.pages)


async def test_everyone_gets_the_answer_to_his_own_document(workers: Workers) -> None:
    numbers = [f"N-{n}" for n in range(70)]
    documents = [
        Document("x", mended("ubl/invoice.xml", ("GAR-2026-0117", number))) for number in numbers
    ]
    readings = await asyncio.gather(*map(workers.read, documents))
    assert [reading.fields["number"].value for reading in readings] == numbers


async def test_who_stops_waiting_harms_nobody(workers: Workers) -> None:
    impatient, patient = (asyncio.create_task(workers.read(UBL)) for _ in range(2))
    await asyncio.sleep(0)
    impatient.cancel()
    assert (await patient).accepted
    assert impatient.cancelled()


async def test_a_killed_process_costs_its_documents_nothing(workers: Workers) -> None:
    await workers.read(UBL)
    reading = asyncio.create_task(workers.read(slow_pdf(20)))
    others = [asyncio.create_task(workers.read(UBL)) for _ in range(5)]
    await asyncio.sleep(0.05)
    for process in children(READER):
        process.kill()
    assert (await reading).format == "pdf_text"
    assert all([(await other).accepted for other in others])


async def test_a_document_that_takes_too_long_is_refused_alone(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    await workers.read(PDF)
    monkeypatch.setattr(adapter, "SECONDS_PDF", 0.5)
    slow, *others = await asyncio.gather(*map(workers.read, [slow_pdf(100), PDF, PDF, PDF, PDF]))
    assert codes(slow) == ["FAC-SAFE-007"]
    assert "trop lourd ou dangereux" in slow.findings[0].message
    assert all(other.accepted for other in others)


async def test_a_bomb_in_a_pdf_is_refused_alone(workers: Workers) -> None:
    bomb, *others = await asyncio.gather(*map(workers.read, [bomb_pdf(), PDF, UBL]))
    assert not bomb.accepted
    assert codes(bomb) == ["FAC-SAFE-006"]
    assert "démesuré" in bomb.findings[0].message
    assert all(other.accepted for other in others)


async def test_a_process_is_bound_before_it_sees_a_document(workers: Workers) -> None:
    await workers.read(NOTHING)
    (process,) = children(READER)
    assert process.rlimit(psutil.RLIMIT_AS) == (MEMORY, MEMORY)
    assert process.rlimit(psutil.RLIMIT_FSIZE)[1] < 1 << 30
    assert process.rlimit(psutil.RLIMIT_CORE) == (0, 0)
    assert process.rlimit(psutil.RLIMIT_NOFILE)[1] <= 64
    assert process.rlimit(psutil.RLIMIT_CPU)[0] < 60


async def test_a_closed_house_leaves_no_process() -> None:
    house = Workers(2)
    await asyncio.gather(*(house.read(UBL) for _ in range(4)))
    assert len(children(READER)) == 2
    await house.close()
    assert children(READER) == []


async def test_processes_end_when_their_owner_is_killed() -> None:
    owner = await asyncio.create_subprocess_exec(sys.executable, "-c", OWNER, stdout=PIPE)
    assert owner.stdout
    pid = int(await owner.stdout.readline())
    owner.kill()
    await owner.wait()
    await asyncio.to_thread(psutil.wait_procs, [psutil.Process(pid)], timeout=10)
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_text_that_no_message_can_hold_is_refused_alone() -> None:
    sound = formats.read(UBL)
    broken = Reading("pdf_text", fields={"number": ReadField(value=["F\ud800"])})
    readings = READINGS.validate_json(written([sound, broken, sound]))
    assert [codes(reading) for reading in readings] == [[], ["FAC-READ-016"], []]
    assert readings[2].invoice == sound.invoice


def test_chunks_are_of_one_kind_and_spread_over_the_processes() -> None:
    loop = asyncio.new_event_loop()
    waiting = [(document, loop.create_future(), False) for document in [UBL, PDF] * 25]
    sizes = [[one[0].is_pdf for one in chunk] for chunk in chunks(waiting, 2)]
    loop.close()
    assert [len(kinds) for kinds in sizes] == [4, 4, 4, 4, 4, 4, 1, 13, 12]
    assert all(len(set(kinds)) == 1 for kinds in sizes)


def test_heavy_documents_travel_apart() -> None:
    loop = asyncio.new_event_loop()
    heavy = Document("x", b"<a>" + b"x" * 5_000_000)
    waiting = [(heavy, loop.create_future(), False) for _ in range(4)]
    assert [len(chunk) for chunk in chunks(waiting, 1)] == [1, 1, 1, 1]
    loop.close()


def test_a_page_without_an_invoice_is_still_a_reading() -> None:
    assert not formats.read(Document("x", page("Bonjour"))).accepted
