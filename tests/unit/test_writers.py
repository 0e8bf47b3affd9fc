"""What was written says what was meant: reading it back gives the same invoice."""

import pytest
from hypothesis import HealthCheck, given, settings

from services.ingest import formats
from services.ingest.formats import Document
from services.ingest.formats.writers import cii, ubl
from services.ingest.formats.writers.completed import completed
from services.ingest.formats.writers.content import Content
from shared.contracts.invoice import Invoice
from tests.invoices import invoices

WRITERS = {"ubl": ubl.write, "cii": cii.write}
PATIENT = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("name", WRITERS)
@PATIENT
@given(drawn=invoices())
def test_reading_what_was_written_gives_the_same_invoice(
    name: str, drawn: tuple[Invoice, tuple[bytes, ...]]
) -> None:
    invoice, contents = drawn
    data = WRITERS[name](Content(invoice, contents))
    reading = formats.read(Document("a", data))
    assert [finding for finding in reading.findings if finding.blocks] == []
    assert reading.invoice == (completed(invoice) if name == "ubl" else invoice)
