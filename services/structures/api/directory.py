"""The directory: search, read, and an operator's hand."""

from pydantic import Field

from services.structures.api.edge import (
    PageQuery,
    RealmQuery,
    StructuresCall,
    changing,
    closed,
    demand_match,
    entry,
    kind_of,
    opened,
    realm_of,
    settle,
    tag,
    unknown,
    view,
)
from services.structures.domain import search
from services.structures.domain.identifiers import identifier_of, siren_of
from services.structures.domain.sheets import written
from shared.contracts.sheets import BudgetPage
from shared.contracts.structures import (
    DepartmentPage,
    Structure,
    StructurePage,
    StructureSheet,
    StructureView,
    key_of,
)
from shared.errors import BadRequest
from shared.outbox import Change
from shared.web import Answer, Route


class SearchQuery(PageQuery):
    """What is looked for: beginnings of words of a name or town, or of an identifier."""

    q: str = Field("", max_length=200)


async def list_structures(call: StructuresCall) -> Answer:
    """A page of the directory, by name."""
    query: SearchQuery = call.query
    prefixes = search.searched(query.q)
    if query.q.strip() and not prefixes:
        return Answer(StructurePage(items=()))
    start = opened(query.cursor)
    if start is not None and start[:1] not in ("0", "1", "2"):
        raise BadRequest("Ce curseur est mal formé.", code="bad-cursor")
    found, more = await call.store.search(realm_of(call), prefixes, query.limit, start)
    return Answer(StructurePage(items=tuple(map(view, found)), next_cursor=closed(more)))


async def get_export(call: StructuresCall) -> Answer:
    """The directory of recipients: a ZIP of `destinataires.csv` and `services.csv`.

    Public bodies that are open, with what each demands, and their departments; made anew every ten
    minutes at most.
    """
    realm = realm_of(call)
    exports = call.adapters.exports
    made, data = await exports.of(realm, call.store.recipients(realm), call.at)
    headers = {
        "Content-Disposition": f'attachment; filename="annuaire-{made:%Y-%m-%d}.zip"',
        "Last-Modified": f"{made:%a, %d %b %Y %H:%M:%S} GMT",
    }
    return Answer(data, headers=headers, media_type="application/zip")


async def get_structure(call: StructuresCall) -> Answer:
    """One structure."""
    structure = await _structure(call)
    return Answer(view(structure), headers={"ETag": tag(structure.version)})


async def list_departments(call: StructuresCall) -> Answer:
    """The departments of a structure, by code."""
    query: PageQuery = call.query
    after = opened(query.cursor) or ""
    departments = sorted((await _structure(call)).departments, key=lambda d: d.code)
    rest = [department for department in departments if department.code > after]
    shown = rest[: query.limit]
    more = shown[-1].code if len(rest) > len(shown) else None
    return Answer(DepartmentPage(items=tuple(shown), next_cursor=closed(more)))


async def list_budgets(call: StructuresCall) -> Answer:
    """The budgets of a public body, each a structure of its own with the same SIREN."""
    structure = await _structure(call)
    if structure.kind != "siret":
        return Answer(BudgetPage(items=()))
    found = await call.store.budgets(structure.realm, siren_of(structure.identifier))
    return Answer(BudgetPage(items=tuple(map(view, found))))


async def put_structure(call: StructuresCall) -> Answer:
    """Write a structure down; the same sheet twice changes nothing."""
    kind, realm = kind_of(call), realm_of(call)
    sheet: StructureSheet = call.body
    identifier = identifier_of(kind, call.path["identifier"], realm)
    key = key_of(realm, kind, identifier)
    seen = call.request.headers.get("If-Match")
    made: list[Structure] = []
    known: list[Structure | None] = []

    async def decide() -> Change | None:
        known[:] = [await call.store.structure(key)]
        structure = written(sheet, realm, kind, identifier, known[0])
        demand_match(seen, known[0].version if known[0] else None)
        made[:] = [structure]
        if structure == known[0]:
            return None
        return changing(call, [structure], [entry(call, key, "written")])

    await settle(call, decide)
    return Answer(
        view(made[0]),
        status=200 if known[0] else 201,
        headers={"ETag": tag(made[0].version)},
    )


async def _structure(call: StructuresCall) -> Structure:
    identifier = "".join(call.path["siret"].split()) or call.path["siret"]
    found = await call.store.by_identifier(realm_of(call), identifier)
    if found is None:
        raise unknown()
    return found


ROUTES = (
    Route(
        "GET",
        "/v1/structures",
        list_structures,
        summary="Chercher dans l'annuaire par début de nom, de ville ou d'identifiant",
        scope="directory:read",
        answer=StructurePage,
        query=SearchQuery,
    ),
    Route(
        "GET",
        "/v1/structures/export",
        get_export,
        summary="Télécharger l'annuaire des destinataires (ZIP de deux CSV)",
        scope="directory:read",
        query=RealmQuery,
        media_type="application/zip",
    ),
    Route(
        "GET",
        "/v1/structures/{siret}",
        get_structure,
        summary="Une structure et ce qu'elle exige d'une facture",
        scope="directory:read",
        answer=StructureView,
        query=RealmQuery,
    ),
    Route(
        "GET",
        "/v1/structures/{siret}/departments",
        list_departments,
        summary="Les services d'une structure",
        scope="directory:read",
        answer=DepartmentPage,
        query=PageQuery,
    ),
    Route(
        "GET",
        "/v1/structures/{siret}/budgets",
        list_budgets,
        summary="Les budgets d'une entité publique",
        scope="directory:read",
        answer=BudgetPage,
        query=RealmQuery,
    ),
    Route(
        "PUT",
        "/v1/structures/{kind}/{identifier}",
        put_structure,
        summary="Écrire la fiche d'une structure (opérateur)",
        body=StructureSheet,
        answer=StructureView,
        query=RealmQuery,
        kinds=("operator",),
    ),
)
