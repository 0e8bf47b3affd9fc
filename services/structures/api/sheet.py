"""The sheet of a structure, read and changed by its own members."""

from collections.abc import Callable
from typing import Any

from services.structures.api.creation import budget_of, exists
from services.structures.api.edge import (
    PageQuery,
    RealmQuery,
    StructuresCall,
    changing,
    closed,
    detail,
    edit,
    entry,
    opened,
    owned,
    settle,
    tag,
    view,
)
from services.structures.domain.identifiers import clean_name
from services.structures.domain.sheets import changed
from shared.contracts.memberships import TrailPage
from shared.contracts.sheets import (
    BudgetRequest,
    ContactSheet,
    DepartmentSheet,
    RequirementSheet,
    SpaceSheet,
    StructureDetail,
    StructureOpened,
)
from shared.contracts.structures import Department, Requirements, Structure, StructureView
from shared.errors import Conflict
from shared.outbox import Change
from shared.web import Answer, Route

MOST_DEPARTMENTS = 2000


async def get_detail(call: StructuresCall) -> Answer:
    """A sheet as its own members see it, with what the register said beside what they wrote."""
    structure = await owned(call, "read_structure")
    return Answer(await detail(call, structure), headers={"ETag": tag(structure.version)})


async def put_contact(call: StructuresCall) -> Answer:
    """Change name and address; what the register said stays beside them."""
    sheet: ContactSheet = call.body
    fields = sheet.model_dump()
    return await _edited(call, "contact", lambda s: changed(s, **fields), fields)


async def put_spaces(call: StructuresCall) -> Answer:
    """Choose which spaces are open; whoever is signed in notices at once."""
    sheet: SpaceSheet = call.body
    spaces = tuple(dict.fromkeys(sheet.spaces))
    return await _edited(
        call, "spaces", lambda s: changed(s, spaces=spaces), {"spaces": list(spaces)}
    )


async def put_requirements(call: StructuresCall) -> Answer:
    """Say what an invoice must carry: flags, the form of order references and an example."""
    sheet: RequirementSheet = call.body
    asked = Requirements(**sheet.model_dump())

    def make(structure: Structure) -> Structure:
        demand_public(structure)
        return changed(structure, requirements=asked)

    return await _edited(call, "requirements", make, asked.model_dump(mode="json"))


async def put_department(call: StructuresCall) -> Answer:
    """Write a department down, under the code in the path."""
    sheet: DepartmentSheet = call.body
    code = call.path["code"]
    fields = sheet.model_dump() | {"code": code, "name": clean_name(sheet.name)}
    department = Department(**fields)

    def make(structure: Structure) -> Structure:
        others = [d for d in structure.departments if d.code != code]
        if len(others) >= MOST_DEPARTMENTS:
            raise Conflict(f"Une structure a {MOST_DEPARTMENTS} services au plus.", code="too-many")
        everyone = sorted((*others, department), key=lambda d: d.code)
        return changed(structure, departments=tuple(everyone))

    return await _edited(call, "department", make, department.model_dump(mode="json"))


async def _edited(
    call: StructuresCall,
    what: str,
    make: Callable[[Structure], Structure],
    fields: dict[str, Any],
) -> Answer:
    seen = call.request.headers.get("If-Match")
    structure = await edit(call, "edit_structure", what, make, fields, seen)
    return Answer(await detail(call, structure), headers={"ETag": tag(structure.version)})


async def post_budget(call: StructuresCall) -> Answer:
    """Make another SIRET of a public body one of its budgets; the same people manage it."""
    asked: BudgetRequest = call.body
    made: list[Structure] = []

    async def decide() -> Change | None:
        body = await owned(call, "edit_structure")
        demand_public(body)
        budget = budget_of(body, asked)
        known = await call.store.structure(budget.key)
        lines = [entry(call, key, "budget", detail={"siret": budget.identifier,
                 "budget": asked.budget}) for key in (body.key, budget.key)]  # fmt: skip
        if known:
            if call.who.kind != "operator" and not call.who.may("edit_structure", known.key):
                raise exists(known.key)
            made[:] = [changed(known, budget=asked.budget)]
            return None if made[0] == known else changing(call, made, lines)
        made[:] = [budget]
        told = StructureOpened(
            realm=body.realm,
            structure=budget.key,
            name=budget.name,
            by=call.who.subject,
            like=body.key,
            at=call.at,
        )
        return changing(call, made, lines, [told])

    await settle(call, decide)
    return Answer(view(made[0]))


def demand_public(structure: Structure) -> None:
    """Let only a public body demand things of invoices. Raises Conflict."""
    if not structure.public:
        raise Conflict("Seule une entité publique a des exigences.", code="not-public")


async def list_trail(call: StructuresCall) -> Answer:
    """What was changed on a sheet, by whom and when, newest first."""
    query: PageQuery = call.query
    structure = await owned(call, "read_trail")
    keys = (structure.key, *structure.former)
    page = await call.store.trail(keys, opened(query.cursor), query.limit)
    return Answer(page.model_copy(update={"next_cursor": closed(page.next_cursor)}))


HERE = "/v1/structures/{kind}/{identifier}"
ROUTES = (
    Route(
        "GET",
        HERE,
        get_detail,
        summary="La fiche d'une structure pour ses membres",
        scope="directory:read",
        answer=StructureDetail,
        query=RealmQuery,
    ),
    Route(
        "PUT",
        f"{HERE}/contact",
        put_contact,
        summary="Modifier le nom et l'adresse d'une structure",
        body=ContactSheet,
        answer=StructureDetail,
        query=RealmQuery,
        kinds=("person", "operator"),
    ),
    Route(
        "PUT",
        f"{HERE}/spaces",
        put_spaces,
        summary="Choisir les espaces ouverts d'une structure",
        body=SpaceSheet,
        answer=StructureDetail,
        query=RealmQuery,
        kinds=("person", "operator"),
    ),
    Route(
        "PUT",
        f"{HERE}/requirements",
        put_requirements,
        summary="Dire ce qu'une entité publique exige d'une facture",
        body=RequirementSheet,
        answer=StructureDetail,
        query=RealmQuery,
        kinds=("person", "operator"),
    ),
    Route(
        "PUT",
        f"{HERE}/departments/{{code}}",
        put_department,
        summary="Écrire un service d'une structure",
        body=DepartmentSheet,
        answer=StructureDetail,
        query=RealmQuery,
        kinds=("person", "operator"),
    ),
    Route(
        "POST",
        f"{HERE}/budgets",
        post_budget,
        summary="Faire d'un autre SIRET un budget de l'entité",
        body=BudgetRequest,
        answer=StructureView,
        query=RealmQuery,
        status=201,
        kinds=("person", "operator"),
    ),
    Route(
        "GET",
        f"{HERE}/trail",
        list_trail,
        summary="Le journal des changements d'une structure",
        answer=TrailPage,
        query=PageQuery,
        kinds=("person", "operator"),
    ),
)
