"""What structures answers over HTTP."""

import base64
import binascii
from typing import get_args

from pydantic import Field

from services.structures import domain
from services.structures.store import Store
from shared.contracts.message import Shape
from shared.contracts.structures import (
    DepartmentPage,
    IdentifierKind,
    Structure,
    StructureChanged,
    StructurePage,
    StructureSheet,
    StructureView,
    key_of,
)
from shared.errors import BadRequest, Conflict, NotFound
from shared.outbox import Change
from shared.web import Answer, Call, Route

StructuresCall = Call[Store, None]
ATTEMPTS = 3


class RealmQuery(Shape):
    """Which space, for an operator; everybody else is in one."""

    realm: str | None = Field(None, max_length=60)


class PageQuery(RealmQuery):
    """A page of a list."""

    limit: int = Field(50, ge=1, le=100)
    cursor: str | None = Field(None, max_length=1000)


class SearchQuery(PageQuery):
    """What is looked for: beginnings of words of a name or town, or of an identifier."""

    q: str = Field("", max_length=200)


async def list_structures(call: StructuresCall) -> Answer:
    """A page of the directory, by name."""
    query: SearchQuery = call.query
    prefixes = domain.searched(query.q)
    if query.q.strip() and not prefixes:
        return Answer(StructurePage(items=()))
    found, more = await call.store.search(
        _realm(call), prefixes, query.limit, _opened(query.cursor)
    )
    return Answer(StructurePage(items=tuple(map(_view, found)), next_cursor=_closed(more)))


async def get_structure(call: StructuresCall) -> Answer:
    """One structure."""
    structure = await _structure(call)
    return Answer(_view(structure), headers={"ETag": f'"{structure.version}"'})


async def list_departments(call: StructuresCall) -> Answer:
    """The departments of a structure, by code."""
    query: PageQuery = call.query
    after = _opened(query.cursor) or ""
    departments = sorted((await _structure(call)).departments, key=lambda d: d.code)
    rest = [department for department in departments if department.code > after]
    shown = rest[: query.limit]
    more = shown[-1].code if len(rest) > len(shown) else None
    return Answer(DepartmentPage(items=tuple(shown), next_cursor=_closed(more)))


async def put_structure(call: StructuresCall) -> Answer:
    """Write a structure down; the same sheet twice changes nothing."""
    kind = next((k for k in get_args(IdentifierKind) if k == call.path["kind"]), None)
    if kind is None:
        raise NotFound("Ce type d'identifiant n'existe pas.")
    sheet: StructureSheet = call.body
    realm = _realm(call)
    identifier = domain.identifier_of(kind, call.path["identifier"], realm)
    for _ in range(ATTEMPTS):
        known = await call.store.structure(key_of(realm, kind, identifier))
        structure = domain.written(sheet, realm, kind, identifier, known)
        _demand_match(call, known)
        if structure == known:
            break
        try:
            await call.commit(
                Change(
                    save=[call.store.put(structure)], tell=[StructureChanged(structure=structure)]
                )
            )
            break
        except Conflict:
            continue
    else:
        raise Conflict("Cette structure change sans cesse ; réessayez.", code="version-conflict")
    return Answer(
        _view(structure), status=200 if known else 201, headers={"ETag": f'"{structure.version}"'}
    )


def _demand_match(call: StructuresCall, known: Structure | None) -> None:
    """Refuse to write over a version that the caller has not seen, if it says which it has."""
    seen = call.request.headers.get("If-Match")
    if seen is not None and (known is None or seen.strip() != f'"{known.version}"'):
        raise Conflict(
            "Cette structure a changé depuis que vous l'avez lue.", code="version-conflict"
        )


def _realm(call: StructuresCall) -> str:
    """The realm that is asked about: one's own, or for an operator any."""
    asked: str | None = call.query.realm
    if asked is None or asked == call.who.realm:
        return call.who.realm
    if call.who.kind != "operator":
        raise NotFound("Cet espace n'existe pas.")
    if not domain.REALM.fullmatch(asked):
        raise BadRequest("Le nom de cet espace est mal formé.", code="bad-parameter")
    return asked


async def _structure(call: StructuresCall) -> Structure:
    identifier = "".join(call.path["siret"].split()) or call.path["siret"]
    found = await call.store.by_identifier(_realm(call), identifier)
    if found is None:
        raise NotFound("L'annuaire ne connaît pas cette structure.", code="unknown-structure")
    return found


def _view(structure: Structure) -> StructureView:
    siret = structure.identifier if structure.kind == "siret" else None
    return StructureView(
        siret=siret, **{n: v for n, v in structure if n in StructureView.model_fields}
    )


def _closed(position: str | None) -> str | None:
    """A position in a list as an opaque word."""
    return base64.urlsafe_b64encode(position.encode()).decode().rstrip("=") if position else None


def _opened(cursor: str | None) -> str | None:
    """The position that a cursor stands for. Raises BadRequest."""
    if cursor is None:
        return None
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError) as error:
        raise BadRequest("Ce curseur est mal formé.", code="bad-cursor") from error


ROUTES = (
    Route(
        "GET",
        "/v1/structures",
        list_structures,
        summary="Chercher dans l'annuaire par début de nom, de ville ou d'identifiant",
        answer=StructurePage,
        query=SearchQuery,
    ),
    Route(
        "GET",
        "/v1/structures/{siret}",
        get_structure,
        summary="Une structure et ce qu'elle exige d'une facture",
        answer=StructureView,
        query=RealmQuery,
    ),
    Route(
        "GET",
        "/v1/structures/{siret}/departments",
        list_departments,
        summary="Les services d'une structure",
        answer=DepartmentPage,
        query=PageQuery,
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
