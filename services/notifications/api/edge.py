"""What every route of notifications shares."""

from datetime import datetime

from pydantic import Field

from services.notifications.adapters import Adapters
from services.notifications.store import Store
from shared.contracts.message import Shape
from shared.errors import BadRequest
from shared.rights import allowed
from shared.web import Call

Here = Call[Store, Adapters]


class ListQuery(Shape):
    """Which page of a list, and of which structure."""

    structure: str | None = Field(None, max_length=120)
    limit: int = Field(20, ge=1, le=100)
    cursor: str | None = Field(None, max_length=200)


def program(call: Here) -> str | None:
    """The program that asks; what it opens ends with it. None: a person asks."""
    return call.who.subject if call.who.kind == "client" else None


def holds(call: Here, structure: str, department: str | None = None) -> bool:
    """Whether the caller may open a door for a department, or for all of a structure.

    Whoever is held to departments opens doors of those alone.
    """
    return any(
        structure in (grant.structure, *grant.former)
        and allowed(grant, "hold_connectors")
        and (not grant.departments or department in grant.departments)
        for grant in call.who.grants
    )


def closed(at: datetime, id: str) -> str:
    """The cursor after something that happened then."""
    return f"{at.isoformat()}~{id}"


def opened(cursor: str | None) -> tuple[datetime, str] | None:
    """What a cursor of `closed` says. Raises BadRequest when it is none of ours."""
    if cursor is None:
        return None
    at, _, id = cursor.partition("~")
    try:
        found = datetime.fromisoformat(at)
    except ValueError as error:
        raise BadRequest("Ce curseur n'est pas de nous.", code="bad-parameter") from error
    if found.tzinfo is None:
        raise BadRequest("Ce curseur n'est pas de nous.", code="bad-parameter")
    return found, id
