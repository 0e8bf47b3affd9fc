"""Who receives an invoice: its name, its departments and what it demands, while one types."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.portal.pages.frame import PageCall, Visitor, get, page, visitor
from shared.client import quoted
from shared.contracts.sheets import BudgetPage
from shared.contracts.structures import Department, DepartmentPage, StructurePage, StructureView
from shared.errors import Problem
from shared.web import Answer

LENGTH = 14
DEPARTMENTS = {"limit": "100"}
FOUND = {"limit": "10"}


@dataclass(frozen=True)
class Buyer:
    """A recipient as the form shows it."""

    structure: StructureView
    departments: Sequence[Department]

    @property
    def department_must(self) -> bool:
        """Whether a department is demanded."""
        return self.structure.requirements.department_required

    @property
    def order_must(self) -> bool:
        """Whether an order reference is demanded."""
        return self.structure.requirements.order_required


async def recipient(who: Visitor, siret: Any) -> tuple[Buyer | None, Sequence[StructureView]]:
    """The body with this SIRET as far as the directory can say now, and the budgets beside it."""
    digits = "".join(str(siret or "").split())
    if len(digits) != LENGTH or not digits.isdecimal():
        return None, ()
    here = f"/v1/structures/{quoted(digits)}"
    try:
        structure = await who.ask(StructureView, here)
        departments, budgets = await asyncio.gather(
            who.ask(DepartmentPage, f"{here}/departments", query=DEPARTMENTS),
            who.ask(BudgetPage, f"{here}/budgets"),
            return_exceptions=True,
        )
    except Problem:
        return None, ()
    active = departments.items if isinstance(departments, DepartmentPage) else ()
    beside = budgets.items if isinstance(budgets, BudgetPage) else ()
    return Buyer(structure, [one for one in active if one.active]), beside


async def show(call: PageCall) -> Answer:
    """A part of the form for a script: the recipient that was just typed."""
    who = await visitor(call)
    buyer, budgets = await recipient(who, call.request.query.get("siret"))
    return page(call, "recipient.html", buyer=buyer, budgets=budgets, values=_values(call))


def _values(call: PageCall) -> dict[str, str]:
    return {"buyer_reference": call.request.query.get("service", "")[:100]}


async def search(call: PageCall) -> Answer:
    """A part of the form for a script: recipients whose name, town or identifier begins so."""
    who = await visitor(call)
    words = call.request.query.get("q", "")[:100]
    found = StructurePage(items=())
    if words.strip():
        found = await who.ask(StructurePage, "/v1/structures", query={"q": words, **FOUND})
    return page(call, "recipients.html", found=[one for one in found.items if one.active])


ROUTES = (
    get("/destinataire", show, "Le destinataire d'une facture"),
    get("/destinataires", search, "Chercher un destinataire"),
)
