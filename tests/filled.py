"""A store of workflow that its own writers fill: invoices of many sellers and bodies."""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from services.workflow.adapters import Adapters
from services.workflow.domain import steps as life
from services.workflow.domain.lifecycle import allowed
from services.workflow.handlers.opening import open_invoice
from services.workflow.store import Store
from services.workflow.store.changes import Moved, change
from shared.contracts.invoice import Party, Totals
from shared.contracts.message import Depositor
from shared.contracts.workflow import InvoiceOpened
from shared.files import Files
from shared.outbox import Change
from shared.service import Context
from tests.builders import BUYER_SIRET, SELLER_SIRET, a_structure, an_invoice, an_invoice_read
from tests.component.kernel import Kernel
from tests.component.town import siret

BUYER, SELLER = f"live/siret/{BUYER_SIRET}", f"live/siret/{SELLER_SIRET}"
BODIES, EVERY, TOGETHER = 20, 100, 200
"""Bodies beside the great one; one invoice in so many is of the one seller; in one transaction."""
DAYS = 400
"""The days over which invoices arrived, however many there are."""
WORDS = ("Atelier", "Peinture", "Travaux", "Dupont", "Martin", "Garonne", "Lauragais", "Menuiserie")
START = datetime(2025, 9, 1, 8, tzinfo=UTC)
LIVES = ((), (), (), ("service_done",), ("suspend",), ("service_done", "send_payment"), ("reject",))


@dataclass
class Filled:
    """A store, and how many invoices it was given."""

    kernel: Kernel
    count: int = 0

    @property
    def store(self) -> Store:
        """What workflow keeps."""
        return Store(self.kernel.db)

    async def prepare(self) -> None:
        """The bodies that receive."""
        sirets = (BUYER_SIRET, *(siret(5000 + n) for n in range(BODIES)))
        learned = [
            await self.store.learn(a_structure(identifier=s, requirements={}, departments=()))
            for s in sirets
        ]
        await self.commit(Change(learned))

    async def commit(self, *changes: Change) -> None:
        """All of them, in one transaction."""
        outcomes = await self.kernel.outbox.commit(changes)
        assert all(outcome is True for outcome in outcomes), outcomes

    async def up_to(self, count: int) -> None:
        """Write invoices until there are so many, and add up what they count."""
        store = self.store
        while self.count < count:
            size = min(TOGETHER, count - self.count)
            numbers = range(self.count, self.count + size)
            opened = await asyncio.gather(*(self.opening(store, n) for n in numbers))
            await self.commit(*opened)
            told = [t for change in opened for t in change.tell if isinstance(t, InvoiceOpened)]
            for round in range(2):
                moved = await asyncio.gather(
                    *(
                        self.move(store, invoice.invoice_id, _life(n)[round:], n)
                        for n, invoice in zip(numbers, told, strict=True)
                    )
                )
                await self.commit(*(made for made in moved if made))
            self.count += size
            await self.kernel.db["outbox"].delete_many({})
        while folded := await store.tallies.fold():
            await self.commit(folded)

    async def opening(self, store: Store, n: int) -> Change:
        """The change that opens an invoice, the same for each number."""
        chance = random.Random(n)
        at = START + timedelta(days=n * 7919 % DAYS, seconds=n % 30_000)
        seller = SELLER_SIRET if n % EVERY == 0 else siret(n % 5000)
        body = BUYER_SIRET if n % 2 == 0 else siret(5000 + chance.randrange(BODIES))
        total = Decimal(chance.randrange(1000, 1_000_000)) / 100
        header = an_invoice(
            number=f"S{n:08}",
            issue_date=date(2025, 9, 1) + timedelta(days=n * 7919 % DAYS),
            seller=Party(name=" ".join(chance.sample(WORDS, 2)), siret=seller, country="FR"),
            buyer=Party(name=f"Commune {n % 7}", siret=body, country="FR"),
            buyer_reference=chance.choice(("DGS", "ROUTES", "ECOLES")),
            order_reference=f"CP2026/{n:07}",
            totals=Totals(with_vat=total, due=total),
        ).header()
        who = Depositor(
            subject="s", structure=f"live/siret/{seller}", structures=(f"live/siret/{seller}",)
        )
        read = an_invoice_read(header=header, depositor=who, received_at=at)
        return await open_invoice(read, Context(store, Adapters(), at, Files(self.kernel.files)))

    async def move(
        self, store: Store, invoice_id: str, actions: tuple[str, ...], n: int
    ) -> Change | None:
        """The next action of a life, as the change that makes it so."""
        if not actions:
            return None
        record = await store.invoice(invoice_id)
        assert record
        rows = allowed(record.status, "buyer", record.circuit())
        row = next(row for row in rows if row.action == actions[0])
        said = life.Said(actor="b", reason="Motif")
        at = record.steps[-1].at + timedelta(days=1, seconds=n % 1000)
        made = life.after(record.steps[-1], row, record.circuit(), at=at, said=said)
        return await change(store, Moved(record.stepped(made), record))


def _life(n: int) -> tuple[str, ...]:
    return LIVES[n % len(LIVES)]


def filters() -> Iterator[dict[str, Any]]:
    """What people look for; each finds a page, wherever it lies in the store."""
    yield {}
    yield {"status": "SUSPENDED"}
    yield {"status": "MADE_AVAILABLE,SERVICE_DONE"}
    yield {"action": "treat"}
    yield {"number": "S00000042"}
    yield {"number_starts": "S0000004"}
    yield {"seller": siret(42)}
    yield {"seller": "dupont lauragais"}
    yield {"buyer_reference": "ROUTES"}
    yield {"order_reference": "CP2026/0000042"}
    yield {"contract_reference": "NADA"}
    yield {"type_code": "381"}
    yield {"process": "A9"}
    yield {"issued_from": "2025-10-01", "issued_to": "2025-10-02"}
    yield {"received_from": "2025-10-01", "received_to": "2025-10-02"}
    yield {"available_from": "2025-10-01", "available_to": "2025-10-02"}
    yield {"changed_since": "2025-10-01T00:00:00Z", "changed_until": "2025-10-02T00:00:00Z"}
    yield {"amount_from": "100.00", "amount_to": "101.00"}
    yield {"late": True}
    yield {"q": "cp2026/0000042"}
    for by in ("received", "issued", "number", "amount", "changed", "expected"):
        yield {"sort": by}
        yield {"sort": f"-{by}", "status": "SERVICE_DONE"}
