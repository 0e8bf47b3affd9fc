"""The facts of an invoice's life, as workflow tells them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.contracts.status import InvoiceStatus as S
from shared.contracts.workflow import InvoiceOpened, StatusChanged, Step
from shared.parcel import Fact
from tests.builders import an_invoice
from tests.component.mails import fact

AT = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
SELLER, BUYER, OTHER = (
    "live/siret/73282932000074",
    "live/siret/22310001700423",
    "live/siret/21310555400017",
)
LIFE = (S.DEPOSITED, S.IN_TRANSIT, S.MADE_AVAILABLE, S.SERVICE_DONE, S.PAYMENT_ORDERED, S.POSTED)
HEADER = an_invoice().header()


def life(invoice: str, buyer: str = BUYER) -> list[Fact]:
    """The facts of an invoice's life: opened with three steps, then one step a fact."""
    steps = [
        Step(sequence=n, status=status, at=AT + timedelta(hours=n), by="platform")
        for n, status in enumerate(LIFE, 1)
    ]
    common: dict[str, Any] = {
        "invoice_id": invoice,
        "realm": "live",
        "seller": SELLER,
        "buyer": buyer,
        "parties": {"seller": (SELLER,), "buyer": (buyer,)},
        "header": HEADER,
    }
    opened = InvoiceOpened(deposit_id="d", item=0, steps=tuple(steps[:3]), **common)
    return [fact(opened), *(fact(StatusChanged(steps=(step,), **common)) for step in steps[3:])]
