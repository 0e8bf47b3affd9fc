"""Connectors opened and listed, over HTTP."""

from services.notifications.api.edge import Here, ListQuery
from services.notifications.domain.connectors import Place, amqp_url, hashed, place
from shared.contracts.notifications import (
    Connector,
    ConnectorOpened,
    ConnectorPage,
    ConnectorRequest,
    ConnectorView,
)
from shared.errors import Conflict, Invalid, NotFound
from shared.mongo import Document
from shared.outbox import Change
from shared.web import Answer, Route


async def open_connector(call: Here) -> Answer:
    """Make a queue and an account for a structure; asking again changes the password."""
    asked: ConnectorRequest = call.body
    here = _place(call, asked.structure)
    adapters, known = call.adapters, await call.store.connector(here.structure)
    password = adapters.new_secret(32)
    hash_ = hashed(password, adapters.new_secret(3))
    await adapters.management.lay(here)
    await adapters.management.lay_deposits()
    connector: Document = {
        "_id": here.structure,
        "realm": here.realm,
        "queue": here.queue,
        "hash": hash_,
    }
    connector["deposits"] = call.who.may("issue", here.structure)
    version = known["version"] + 1 if known else 1
    opened = ConnectorOpened(
        realm=here.realm, structure=here.structure, queue=here.queue, version=version
    )
    await call.commit(Change(save=[call.store.open(known, connector, call.at)], tell=[opened]))
    await admit(call, here, hash_, deposits=connector["deposits"])
    url = amqp_url(adapters.partner_address, here.user, password, adapters.management.vhost)
    return Answer(Connector(structure=here.structure, queue=here.queue, amqp_url=url), status=201)


async def admit(call: Here, here: Place, hash_: str, *, deposits: bool) -> None:
    """Give the account its password. Raises Conflict when somebody changed it at the same moment.

    Whoever comes last to the broker sets the password that is stored, so that one of them works.
    """
    admitted = hash_
    while True:
        await call.adapters.management.admit(here, admitted, deposits=deposits)
        stored = await call.store.connector(here.structure)
        if stored is None or stored["hash"] == admitted:
            break
        admitted = stored["hash"]
    if admitted != hash_:
        raise Conflict("Le mot de passe vient d'être changé par quelqu'un d'autre.")


def _place(call: Here, structure: str) -> Place:
    """The place of a structure that the caller may open a queue for."""
    if not (call.who.kind == "operator" or call.who.may("hold_connectors", structure)):
        raise NotFound("Cette structure n'existe pas.", code="structure-not-found")
    here = place(structure)
    if here is None:
        raise Invalid(
            "Une file d'événements s'ouvre pour une structure identifiée par un SIRET.",
            code="no-connector-possible",
        )
    return here


async def list_connectors(call: Here) -> Answer:
    """The connectors of the caller's structures, without their secrets."""
    query: ListQuery = call.query
    where: Document = (
        {}
        if call.who.kind == "operator"
        else {"_id": {"$in": list(call.who.where("hold_connectors"))}}
    )
    if query.structure is not None:
        where = {"$and": [where, {"_id": query.structure}]}
    found = await call.store.connectors(where, query.cursor, query.limit + 1)
    shown = found[: query.limit]
    more = shown[-1]["_id"] if len(found) > len(shown) else None
    items = tuple(
        ConnectorView(
            structure=row["_id"],
            queue=row["queue"],
            opened_at=row["opened_at"],
            rotated_at=row["rotated_at"],
        )
        for row in shown
    )
    return Answer(ConnectorPage(items=items, next_cursor=more))


ROUTES = (
    Route(
        "POST",
        "/v1/connectors",
        open_connector,
        summary="Ouvrir la file AMQP d'une structure, ou en changer le mot de passe",
        scope="webhooks:manage",
        answer=Connector,
        status=201,
        body=ConnectorRequest,
    ),
    Route(
        "GET",
        "/v1/connectors",
        list_connectors,
        summary="Lister les files AMQP de mes structures",
        scope="webhooks:manage",
        answer=ConnectorPage,
        query=ListQuery,
    ),
)
