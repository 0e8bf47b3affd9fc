"""Connectors opened, looked at, listed and closed, over HTTP."""

from services.notifications.api.edge import Here, ListQuery, holds, program
from services.notifications.domain.connectors import (
    Depth,
    Place,
    amqp_url,
    hashed,
    looked_at,
    place,
)
from shared import logs
from shared.contracts.notifications import (
    Connector,
    ConnectorClosed,
    ConnectorOpened,
    ConnectorPage,
    ConnectorRequest,
    ConnectorStatus,
    ConnectorView,
)
from shared.errors import Conflict, Invalid, NotFound, Unavailable
from shared.mongo import Document
from shared.outbox import Change
from shared.web import Answer, Route

QUEUE = "{queue:events\\.[A-Za-z0-9._-]{1,250}}"


async def open_connector(call: Here) -> Answer:
    """Make a queue and an account for a structure; asking again changes the password.

    With `department`, a queue beside that hears of the invoices of that department alone.
    """
    asked: ConnectorRequest = call.body
    here = _place(call, asked.structure, asked.department)
    adapters, known = call.adapters, await call.store.connector(here.key)
    password = adapters.new_secret(32)
    hash_ = hashed(password, adapters.new_secret(3))
    await adapters.management.lay(here)
    await adapters.management.lay_deposits()
    issues = here.department is None and call.who.may("issue", here.structure)
    treats = call.who.may("treat", here.structure)
    deposits = issues or treats
    connector: Document = {
        "_id": here.key,
        "structure": here.structure,
        "department": here.department,
        "realm": here.realm,
        "queue": here.queue,
        "hash": hash_,
        "deposits": deposits,
        "issues": issues,
        "treats": treats,
        "program": program(call),
    }
    opened = ConnectorOpened(
        realm=here.realm,
        structure=here.structure,
        queue=here.queue,
        version=known["version"] + 1 if known else 1,
        department=here.department,
    )
    await call.commit(Change(save=[call.store.open(known, connector, call.at)], tell=[opened]))
    await admit(call, here, hash_, deposits=deposits)
    url = amqp_url(adapters.partner_address, here.user, password, adapters.management.vhost)
    return Answer(Connector(structure=here.structure, queue=here.queue, amqp_url=url), status=201)


async def admit(call: Here, here: Place, hash_: str, *, deposits: bool) -> None:
    """Give the account its password. Raises Conflict when somebody changed it at the same moment.

    Whoever comes last to the broker sets the password that is stored, so that one of them works.
    """
    admitted = hash_
    while True:
        await call.adapters.management.admit(here, admitted, deposits=deposits)
        stored = await call.store.connector(here.key)
        if stored is None or stored["hash"] == admitted:
            break
        admitted = stored["hash"]
    if admitted != hash_:
        raise Conflict("Le mot de passe vient d'être changé par quelqu'un d'autre.")


def _place(call: Here, structure: str, department: str | None) -> Place:
    """The place of a structure that the caller may open a queue for."""
    if not (call.who.kind == "operator" or holds(call, structure, department)):
        raise NotFound("Cette structure n'existe pas.", code="structure-not-found")
    here = place(structure, department)
    if here is None:
        raise Invalid(
            "Une file d'événements s'ouvre pour une structure identifiée par un SIRET, ou pour un "
            "service dont le code n'a que des lettres, des chiffres, « - » et « _ ».",
            code="no-connector-possible",
        )
    return here


async def list_connectors(call: Here) -> Answer:
    """The connectors of the caller's structures, without their secrets."""
    query: ListQuery = call.query
    where: Document = (
        {}
        if call.who.kind == "operator"
        else {"structure": {"$in": list(call.who.where("hold_connectors"))}}
    )
    if query.structure is not None:
        where = {"$and": [where, {"structure": query.structure}]}
    found = await call.store.connectors(where, query.cursor, query.limit + 1)
    shown = found[: query.limit]
    more = shown[-1]["_id"] if len(found) > len(shown) else None
    items = tuple(ConnectorView(**_shown(row)) for row in shown)
    return Answer(ConnectorPage(items=items, next_cursor=more))


async def get_connector(call: Here) -> Answer:
    """A connector: how many events wait, how many are in hand, since when none is fetched."""
    known = await _own(call)
    depths = await call.adapters.management.depths()
    seen = looked_at(known, depths.get(known["queue"], Depth(0, 0)), call.at)
    told = ("waiting", "in_hand", "fetched_at", "idle_since")
    status = {name: seen[name] for name in told}
    late = seen["told_at"] is not None
    return Answer(ConnectorStatus(**_shown(known), **status, late=late))


async def close_connector(call: Here) -> Answer:
    """Close a queue: its account ends at once; what waited in it can be read in the feed."""
    known = await _own(call)
    here = place(known["structure"], known["department"])
    assert here
    await call.adapters.management.shut_out(here)
    closed = ConnectorClosed(
        realm=here.realm,
        structure=here.structure,
        department=here.department,
        version=known["version"] + 1,
    )
    await call.commit(Change([call.store.close_connector(known, call.at)], [closed]))
    try:
        await call.adapters.management.clear(here)
    except Unavailable as error:  # nobody can read it any more
        logs.logger().warning("queue_left_behind", queue=here.queue, error=error.detail)
    return Answer()


async def _own(call: Here) -> Document:
    known = await call.store.connector_of(call.path["queue"])
    operator = call.who.kind == "operator"
    if known is None or not (operator or call.who.may("hold_connectors", known["structure"])):
        raise NotFound("Cette file n'existe pas.")
    return known


def _shown(row: Document) -> Document:
    names = ("structure", "department", "queue", "opened_at", "rotated_at")
    return {name: row[name] for name in names}


ROUTES = (
    Route(
        "POST",
        "/v1/connectors",
        open_connector,
        summary="Ouvrir la file AMQP d'une structure, ou en changer le mot de passe",
        answer=Connector,
        status=201,
        body=ConnectorRequest,
        scope="webhooks:manage",
    ),
    Route(
        "GET",
        "/v1/connectors",
        list_connectors,
        summary="Lister les files AMQP de mes structures",
        answer=ConnectorPage,
        query=ListQuery,
        scope="webhooks:manage",
    ),
    Route(
        "GET",
        f"/v1/connectors/{QUEUE}",
        get_connector,
        summary="Savoir où en est une file AMQP",
        answer=ConnectorStatus,
        scope="webhooks:manage",
    ),
    Route(
        "DELETE",
        f"/v1/connectors/{QUEUE}",
        close_connector,
        summary="Fermer une file AMQP",
        status=204,
        scope="webhooks:manage",
    ),
)
