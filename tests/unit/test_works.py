"""Works pieces (CCAG): who directs the works is found in a file."""

import pytest

from services.ingest import formats
from services.ingest.domain.codes import VALIDATED_PROCESSES, WORKS_PROCESSES
from services.ingest.formats import Document
from services.workflow.domain.frames import FRAMES
from shared.contracts.invoice import Invoice
from tests.papers import mended

ADDRESSED = """<ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
      <ram:InvoiceeTradeParty>
        <ram:Name>Bureau des Ouvrages</ram:Name>
        <ram:SpecifiedLegalOrganization>
          <ram:ID schemeID="0009">55208131700011</ram:ID>
        </ram:SpecifiedLegalOrganization>
      </ram:InvoiceeTradeParty>"""
CURRENCY = "<ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>"


def invoice(process: str) -> Invoice:
    data = mended("cii/invoice.xml", ("<ram:ID>A1<", f"<ram:ID>{process}<"), (CURRENCY, ADDRESSED))
    read = formats.read(Document("travaux.xml", data)).invoice
    assert read is not None
    return read


@pytest.mark.parametrize("process", ["A4", "A7", "A22"])
def test_the_addressee_of_a_works_piece_directs_the_works(process: str) -> None:
    read = invoice(process)
    assert read.validator is None
    assert read.works and read.works.project_manager
    assert read.works.project_manager.name == "Bureau des Ouvrages"


@pytest.mark.parametrize("process", ["A1", "A9", "A10"])
def test_the_addressee_of_any_other_piece_validates_it(process: str) -> None:
    read = invoice(process)
    assert read.works is None
    assert read.validator and read.validator.siret == "55208131700011"


def test_what_a_works_piece_is_and_who_validates_are_the_frames_of_the_workflow() -> None:
    assert {frame.code for frame in FRAMES if frame.works} == WORKS_PROCESSES
    assert {frame.code for frame in FRAMES if frame.validated} == VALIDATED_PROCESSES
