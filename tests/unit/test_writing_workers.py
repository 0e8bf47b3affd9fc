"""The processes that read also write; whatever happens to one, there is an answer."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from services.ingest.adapters import workers as adapter
from services.ingest.adapters.workers import Workers
from services.ingest.formats import Document, writers
from shared.contracts.finding import Finding
from shared.contracts.ingest import DocumentKind
from tests.papers import fixture
from tests.processes import children

UBL = Document("a.xml", fixture("ubl/invoice.xml"))


@pytest_asyncio.fixture
async def workers() -> AsyncIterator[Workers]:
    one = Workers(1)
    yield one
    await one.close()


async def test_a_process_writes_as_we_do(workers: Workers) -> None:
    for kind in (DocumentKind.CII, DocumentKind.FACTURX, DocumentKind.ATTACHMENTS):
        assert await workers.write(kind, UBL) == writers.write(kind, UBL)


async def test_what_cannot_be_written_is_a_finding(workers: Workers) -> None:
    refused = await workers.write(DocumentKind.UBL, Document("a", b"<a"))
    assert isinstance(refused, Finding)
    assert refused.code == "FAC-READ-003"


async def test_a_process_that_takes_too_long_is_replaced(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    await workers.read(UBL)
    with monkeypatch.context() as patched:
        patched.setattr(adapter, "SECONDS_WRITE", 0.0001)
        late = await workers.write(DocumentKind.FACTURX, UBL)
    assert isinstance(late, Finding)
    assert late.code == "FAC-SAFE-007"
    assert isinstance(await workers.write(DocumentKind.FACTURX, UBL), bytes)


async def test_a_process_that_was_killed_costs_the_next_document_nothing(workers: Workers) -> None:
    await workers.read(UBL)
    (process,) = children("adapters.reader")
    process.kill()
    assert await workers.write(DocumentKind.CII, UBL) == writers.write(DocumentKind.CII, UBL)
