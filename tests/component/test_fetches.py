"""That a buyer downloaded an invoice is seen by both sides."""

from datetime import UTC, datetime

from shared.contracts.documents import DocumentFetched
from shared.contracts.ingest import DocumentKind, Fetcher
from shared.contracts.workflow import InvoiceOpened
from tests.builders import an_invoice_read
from tests.component.acting import BUYER, SELLER, seen, workflow
from tests.component.neighbours import House
from tests.component.test_workflow import ask, opened

__all__ = ["workflow"]
FIRST, LATER = (datetime(2026, 11, 24, hour, tzinfo=UTC) for hour in (9, 10))


def fetch(told: InvoiceOpened, by: Fetcher, at: datetime, structure: str) -> DocumentFetched:
    return DocumentFetched(
        invoice_id=told.invoice_id,
        realm="live",
        structures=(structure,),
        by=by,
        actor=f"{by}-1",
        document=DocumentKind.PIVOT,
        at=at,
    )


async def test_the_first_download_by_a_system_and_by_a_person_is_shown_to_both_sides(
    workflow: House,
) -> None:
    told, untouched = await opened(workflow, an_invoice_read(), an_invoice_read())
    assert (await seen(workflow, told, SELLER))["fetched"] == []
    facts = [
        fetch(told, "person", FIRST, BUYER),
        fetch(untouched, "program", FIRST, SELLER),
        fetch(told, "program", FIRST, BUYER),
        fetch(told, "program", LATER, BUYER),
    ]
    await workflow.learn(*facts)
    await workflow.quiet()
    for who in (SELLER, BUYER):
        view = await seen(workflow, told, who)
        assert [(f["by"], f["at"], f["document"]) for f in view["fetched"]] == [
            ("program", "2026-11-24T09:00:00Z", "pivot"),
            ("person", "2026-11-24T09:00:00Z", "pivot"),
        ]
        assert view["version"] == 1, "who reads does not overtake who acts"
        assert (await seen(workflow, untouched, who))["fetched"] == []
    _, page, _ = await ask(workflow, "GET", "/v1/invoices", workflow.token(BUYER))
    assert sorted(len(item["fetched"]) for item in page["items"]) == [0, 2]
