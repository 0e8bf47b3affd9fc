"""A buyer, a seller and three companies, and what they do to invoices through the real API."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from shared.contracts.invoice import Header, Party
from shared.contracts.structures import Requirements, StructureChanged
from shared.contracts.workflow import (
    InvoiceOpened,
)
from tests.builders import (
    BUYER_SIRET,
    SELLER_SIRET,
    a_structure,
    an_invoice,
)
from tests.component.neighbours import House, house
from tests.component.test_workflow import ask, knows
from tests.conftest import Broker, Mongo

SELLER, BUYER = f"live/siret/{SELLER_SIRET}", f"live/siret/{BUYER_SIRET}"
MAIN_SIRET, LEAD_SIRET, ARCHITECT_SIRET = "40483304800022", "82100145600011", "35600000000048"
MAIN, LEAD, ARCHITECT = (f"live/siret/{s}" for s in (MAIN_SIRET, LEAD_SIRET, ARCHITECT_SIRET))


@pytest.fixture
async def workflow(mongo: Mongo, broker: Broker) -> AsyncIterator[House]:
    """The service, with a buyer and three companies in its copy of the directory."""
    async with house("workflow", mongo, broker) as inhabited:
        companies = [
            a_structure(
                identifier=siret,
                name=f"Entreprise {siret[:3]}",
                public=False,
                requirements=Requirements(),
                departments=(),
            )
            for siret in (MAIN_SIRET, LEAD_SIRET, ARCHITECT_SIRET, SELLER_SIRET)
        ]
        sheets = [a_structure(), *companies]
        await knows(inhabited, *(StructureChanged(structure=sheet) for sheet in sheets))
        yield inhabited


def visa(**changes: Any) -> Header:
    """A subcontractor's invoice, for the visa of the main contractor."""
    given: dict[str, Any] = {"process": "A9", "validator": Party(siret=MAIN_SIRET)}
    return an_invoice(**{**given, **changes}).header()


async def do(
    workflow: House, told: InvoiceOpened, who: str, action: str, **evidence: Any
) -> tuple[int, Any]:
    """One move by somebody of a structure: status and body."""
    path = f"/v1/invoices/{told.invoice_id}/moves"
    status, body, _ = await ask(
        workflow, "POST", path, workflow.token(who), json={"action": action, **evidence}
    )
    return status, body


async def seen(workflow: House, told: InvoiceOpened, who: str) -> Any:
    """An invoice as somebody of a structure sees it."""
    _, view, _ = await ask(workflow, "GET", f"/v1/invoices/{told.invoice_id}", workflow.token(who))
    return view


async def life(workflow: House, told: InvoiceOpened, who: str = SELLER) -> list[str]:
    """The statuses of an invoice, numbered without holes."""
    path = f"/v1/invoices/{told.invoice_id}/history"
    _, history, _ = await ask(workflow, "GET", path, workflow.token(who))
    assert [s["sequence"] for s in history["items"]] == list(range(1, len(history["items"]) + 1))
    return [step["status"] for step in history["items"]]
