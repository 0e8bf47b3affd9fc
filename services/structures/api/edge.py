"""What several routes need: which structure is meant, who may change it, how it is changed."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from pydantic import Field

from services.structures.adapters import Adapters
from services.structures.domain.identifiers import FORMATS, REALM, identifier_of
from services.structures.domain.official import edited
from services.structures.store import Store
from shared.contracts import memberships
from shared.contracts.memberships import TrailEntry
from shared.contracts.message import Message, Shape
from shared.contracts.sheets import StructureDetail
from shared.contracts.structures import (
    IdentifierKind,
    Structure,
    StructureChanged,
    StructureView,
    key_of,
)
from shared.errors import BadRequest, Conflict, Invalid, NotFound
from shared.mongo import Write
from shared.outbox import Change
from shared.rights import Action, first_spaces
from shared.web import Call

StructuresCall = Call[Store, Adapters]
ATTEMPTS = 4
OPERATOR = "l'exploitant de la plateforme"


class RealmQuery(Shape):
    """Which space, for an operator; everybody else is in one."""

    realm: str | None = Field(None, max_length=60)


class PageQuery(RealmQuery):
    """A page of a list."""

    limit: int = Field(50, ge=1, le=100)
    cursor: str | None = Field(None, max_length=1000)


def realm_of(call: StructuresCall) -> str:
    """The realm that is asked about: one's own, or for an operator any."""
    asked: str | None = call.query.realm
    if asked is None or asked == call.who.realm:
        return call.who.realm
    if call.who.kind != "operator":
        raise NotFound("Cet espace n'existe pas.")
    if not REALM.fullmatch(asked):
        raise BadRequest("Le nom de cet espace est mal formé.", code="bad-parameter")
    return asked


def kind_of(call: StructuresCall) -> IdentifierKind:
    """The kind of identifier in the path. Raises NotFound."""
    for kind in FORMATS:
        if kind == call.path["kind"]:
            return kind
    raise NotFound("Ce type d'identifiant n'existe pas.", code="unknown-structure")


async def owned(call: StructuresCall, action: Action) -> Structure:
    """The structure of the path, in which the caller may do this; any other does not exist.

    Raises NotFound.
    """
    realm, kind = realm_of(call), kind_of(call)
    try:
        key = key_of(realm, kind, identifier_of(kind, call.path["identifier"], realm))
    except Invalid as error:
        raise unknown() from error
    if call.who.kind != "operator" and not call.who.may(action, key):
        raise unknown()
    structure = await call.store.structure(key)
    if structure is None:
        raise unknown()
    return structure


def demand_match(seen: str | None, version: int | None) -> None:
    """Refuse to write over a version that the caller has not seen, if it says which it has."""
    if seen is not None and seen.strip() not in ("*", tag(version)):
        raise Conflict(
            "Cette structure a changé depuis que vous l'avez lue.", code="version-conflict"
        )


async def settle(call: StructuresCall, decide: Callable[[], Awaitable[Change | None]]) -> None:
    """Decide and commit; when somebody else was faster, decide again on what is true now."""
    for left in reversed(range(ATTEMPTS)):
        change = await decide()
        if change is None:
            return
        try:
            await call.commit(change)
            return
        except Conflict as error:
            if not left:
                raise Conflict(
                    "Cette structure change sans cesse ; réessayez.", code="version-conflict"
                ) from error


async def edit(
    call: StructuresCall,
    action: Action,
    what: str,
    make: Callable[[Structure], Structure],
    detail: Mapping[str, Any],
    seen: str | None,
) -> Structure:
    """Change a sheet as one of its managers: it is told, and written down in its trail."""
    result: list[Structure] = []

    async def decide() -> Change | None:
        structure = await owned(call, action)
        demand_match(seen, structure.version)
        if structure.replaced_by:
            raise Conflict("Cette structure a changé d'identifiant.", code="structure-replaced")
        new = make(structure)
        result[:] = [new]
        if new == structure:
            return None
        return changing(call, [new], [entry(call, new.key, what, detail=detail)])

    await settle(call, decide)
    return result[0]


def changing(
    call: StructuresCall,
    structures: Sequence[Structure],
    more: Sequence[TrailEntry] = (),
    tell: Sequence[Message] = (),
    save: Sequence[Write] = (),
) -> Change:
    """Sheets as they now are, with their lines in the trail."""
    return Change(
        save=[
            *(call.store.put(structure) for structure in structures),
            *(call.store.record(line) for line in more),
            *save,
        ],
        tell=[*(StructureChanged(structure=structure) for structure in structures), *tell],
    )


def entry(
    call: StructuresCall,
    key: str,
    action: str,
    *,
    reason: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> TrailEntry:
    """A line of the trail."""
    return memberships.entry(
        call.new_id(), call.at, key, action, by=by_whom(call), reason=reason, detail=detail
    )


def by_whom(call: StructuresCall) -> str:
    """The caller, as members of the structure are shown them."""
    return OPERATOR if call.who.kind == "operator" else call.who.email or call.who.subject


def view(structure: Structure) -> StructureView:
    """A structure as everybody sees it."""
    siret = structure.identifier if structure.kind == "siret" else None
    return StructureView(
        siret=siret, **{n: v for n, v in structure if n in StructureView.model_fields}
    )


async def detail(call: StructuresCall, structure: Structure) -> StructureDetail:
    """A structure as its own members see it."""
    official = await call.store.origin(structure.key)
    spaces = structure.spaces
    return StructureDetail(
        **dict(view(structure)),
        departments=structure.departments,
        spaces=first_spaces(public=structure.public) if spaces is None else spaces,
        former=structure.former,
        replaced_by=structure.replaced_by,
        version=structure.version,
        official=official,
        edited=edited(structure, official),
    )


def path_of(key: str) -> str:
    """The end of the path of a structure."""
    _, kind, identifier = key.split("/", 2)
    return f"{kind}/{quote(identifier, safe='')}"


def tag(version: int | None) -> str:
    """The ETag of a version."""
    return f'"{version}"'


def unknown() -> NotFound:
    """The one answer about a structure that is not there or not one's own."""
    return NotFound("L'annuaire ne connaît pas cette structure.", code="unknown-structure")


def closed(position: str | None) -> str | None:
    """A position in a list as an opaque word."""
    return base64.urlsafe_b64encode(position.encode()).decode().rstrip("=") if position else None


def opened(cursor: str | None) -> str | None:
    """The position that a cursor stands for. Raises BadRequest."""
    if cursor is None:
        return None
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError) as error:
        raise BadRequest("Ce curseur est mal formé.", code="bad-cursor") from error
