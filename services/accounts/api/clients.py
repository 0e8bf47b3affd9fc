"""Technical clients: programs that act for one structure."""

from services.accounts.api.edge import AccountsCall, settle
from services.accounts.domain import rights
from services.accounts.domain.credentials import hashed, login_of
from services.accounts.domain.standing import contacts
from shared.contracts.accounts import ClientRequest, ClientSecret
from shared.errors import Conflict, Forbidden, NotFound
from shared.mongo import Document
from shared.outbox import Change
from shared.web import Answer, Route


async def post_client(call: AccountsCall) -> Answer:
    """A new client of one of my structures; an operator may make one for any."""
    asked: ClientRequest = call.body
    operator = call.who.kind == "operator"
    realm = (asked.realm or rights.LIVE) if operator else call.who.realm
    key = rights.key_asked(asked.structure, realm)
    rights.demand(call.who.kind, call.who.where("hold_clients"), key)
    if asked.realm and rights.realm_of(key) != asked.realm:
        raise NotFound("Cette structure n'existe pas dans cet espace.", code="unknown-structure")
    mine = call.who.email or ""
    if asked.contact_email and not operator and login_of(asked.contact_email) != login_of(mine):
        raise Forbidden("Le contact d'un client est la personne qui le crée.")
    contact = asked.contact_email or (None if operator else mine)
    secret = call.adapters.new_secret()
    client: Document = {
        "_id": call.new_id(),
        "name": asked.name,
        "realm": rights.realm_of(key),
        "structure": key,
        "contact": contact,
        "secrets": [{"hash": hashed(secret), "created_at": call.at}],
        "created_by": call.who.subject,
        "created_at": call.at,
    }

    async def decide() -> Change:
        standing = await call.store.standing(key)
        if contact is None or contact in standing.emails:
            return Change(save=[call.store.add_client(client)])
        heard = standing.with_voice(client["_id"], contact)
        return Change(
            save=[call.store.add_client(client), call.store.put_standing(heard)],
            tell=contacts(heard),
        )

    await settle(call, decide)
    return Answer(ClientSecret(client_id=client["_id"], client_secret=secret, structure=key))


async def post_secret(call: AccountsCall) -> Answer:
    """A second secret, so that a client changes without a gap; of three the oldest ends."""
    client = await call.store.client(call.path["id"])
    if client is None:
        raise _unknown()
    try:
        rights.demand(call.who.kind, call.who.where("hold_clients"), client["structure"])
    except NotFound as error:
        raise _unknown() from error
    secret = call.adapters.new_secret()
    try:
        await call.commit(Change(save=[call.store.renew_secret(client, hashed(secret), call.at)]))
    except Conflict as error:
        raise Conflict(
            "Un autre secret vient d'être créé pour ce client.", code="version-conflict"
        ) from error
    return Answer(
        ClientSecret(client_id=client["_id"], client_secret=secret, structure=client["structure"])
    )


def _unknown() -> NotFound:
    return NotFound("Ce client n'existe pas ou n'est pas le vôtre.")


ROUTES = (
    Route(
        "POST",
        "/v1/clients",
        post_client,
        summary="Créer un client technique pour une structure",
        body=ClientRequest,
        answer=ClientSecret,
        status=201,
        kinds=("person", "operator"),
    ),
    Route(
        "POST",
        "/v1/clients/{id}/secrets",
        post_secret,
        summary="Donner un second secret à un client technique",
        answer=ClientSecret,
        status=201,
        kinds=("person", "operator"),
    ),
)
