"""The processes that recognise scans: apart from those that read text, bound, and mortal."""

import asyncio
import zlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Literal

import psutil
import pymupdf
import pytest
import pytest_asyncio

from services.ingest import main as ingest
from services.ingest.adapters import Adapters, Lives, scans
from services.ingest.adapters.admission import Admission
from services.ingest.adapters.conformity import Judges
from services.ingest.adapters.reader import MEMORY
from services.ingest.adapters.scans import Scans
from services.ingest.adapters.turns import Turns
from services.ingest.adapters.workers import Workers
from services.ingest.formats import pdf_ocr
from services.ingest.formats.reading import Document, Reading
from shared.contracts.ingest import (
    ArchiveReceived,
    BulkReceived,
    BulkScanFound,
    ReadField,
    ScanFound,
)
from tests.fixtures.make_pdf import draw_invoice
from tests.fixtures.pdf.layouts import LAYOUTS
from tests.fixtures.pdf.scan import scanned
from tests.papers import fixture

PDF, TRUTH = draw_invoice(2600, LAYOUTS[0])
SCAN = Document("scan.pdf", scanned(PDF))
DUE = Reading(pdf_ocr.DUE)
PARTLY = Reading(pdf_ocr.DUE, fields={"number": ReadField(value="F-1")})


def vast(side: int) -> bytes:
    """A page whose picture is black, small when packed, and huge."""
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(side)) for _ in range(side)) + packer.flush()
    with pymupdf.open() as pdf:
        page = pdf.new_page()
        page.insert_image(page.rect, pixmap=pymupdf.Pixmap(pymupdf.csGRAY, (0, 0, 9, 9), False))
        ((picture, *_),) = page.get_images()
        pdf.update_stream(picture, rows, compress=0)
        for key, value in (("Filter", "/FlateDecode"), ("DecodeParms", "null")):
            pdf.xref_set_key(picture, key, value)
        for key in ("Width", "Height"):
            pdf.xref_set_key(picture, key, str(side))
        return bytes(pdf.tobytes())


@pytest_asyncio.fixture
async def one() -> AsyncIterator[Scans]:
    opened = Scans(1)
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def adapters() -> AsyncIterator[Adapters]:
    lives = Lives(timedelta(days=90), timedelta(days=7))
    opened = Adapters(Workers(1), Scans(1), Judges(1), Admission(5, 10**7), Turns(9), 10**7, lives)
    yield opened
    for part in (opened.workers, opened.scans, opened.judges):
        await part.close()


def children() -> list[psutil.Process]:
    """The readers and recognisers of this process; the session's servers are not its."""
    found = psutil.Process().children()
    return [child for child in found if "adapters." in " ".join(child.cmdline())]


def codes(reading: Reading) -> list[str]:
    return [finding.code for finding in reading.findings]


async def test_a_scan_is_recognised_and_text_is_not_kept_waiting(adapters: Adapters) -> None:
    await adapters.read(Document("a.xml", fixture("ubl/invoice.xml")))
    assert len(children()) == 1, "nothing recognises before there is a scan"
    scan = asyncio.create_task(adapters.read(SCAN))
    await asyncio.sleep(0)
    texts = [await adapters.read(Document("text.pdf", PDF)) for _ in range(3)]
    assert not scan.done()
    assert [text.format for text in texts] == ["pdf_text"] * 3
    reading = await scan
    assert reading.format == pdf_ocr.NAME
    assert reading.fields["number"].value == TRUTH["number"]


async def test_a_process_that_recognises_is_bound_too(one: Scans) -> None:
    await one.read(SCAN, DUE)
    (process,) = children()
    assert process.rlimit(psutil.RLIMIT_AS) == (MEMORY, MEMORY)
    assert process.rlimit(psutil.RLIMIT_CPU)[0] < 120
    assert process.memory_info().rss < 300 * 1024 * 1024


async def test_a_killed_process_costs_its_scan_one_more_try(one: Scans) -> None:
    await one.read(SCAN, DUE)
    reading = asyncio.create_task(one.read(SCAN, DUE))
    await asyncio.sleep(0.1)
    for process in children():
        process.kill()
    assert (await reading).fields["number"].value == TRUTH["number"]


async def test_a_scan_that_takes_too_long_is_refused_and_the_next_is_read(
    one: Scans, monkeypatch: pytest.MonkeyPatch
) -> None:
    await one.read(SCAN, DUE)
    with monkeypatch.context() as hasty:
        hasty.setattr(scans, "SECONDS", 0.05)
        assert codes(await one.read(SCAN, DUE)) == ["FAC-SAFE-007"]
    assert (await one.read(SCAN, DUE)).accepted


async def test_the_text_of_a_document_outlives_its_pictures(
    one: Scans, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scans, "SECONDS", 0.05)
    reading = await one.read(SCAN, PARTLY)
    assert (reading.format, dict(reading.fields)) == ("pdf_text", dict(PARTLY.fields))
    assert "n'ont pas pu être lues" in reading.doubts[-1].message


async def test_a_picture_of_a_hundred_million_points_is_refused_in_bounds(one: Scans) -> None:
    assert codes(await one.read(Document("bomb.pdf", vast(12_000)), DUE)) == ["FAC-READ-018"]


@pytest.mark.parametrize("hears", ["texts", "archives", "scans"])
def test_each_message_is_heard_for_one_kind_of_work_and_by_who_does_all(
    hears: Literal["texts", "archives", "scans"],
) -> None:
    settings = ingest.IngestSettings.model_construct(hears=hears)
    everything = ingest.IngestSettings.model_construct(hears="all")
    for one in ingest.SERVICE.listens:
        kind = "texts"
        if one.message in (ScanFound, BulkScanFound):
            kind = "scans"
        elif one.message in (ArchiveReceived, BulkReceived):
            kind = "archives"
        assert ingest.hears(settings, one) == (kind == hears)
        assert ingest.hears(everything, one)
