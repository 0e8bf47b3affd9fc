"""Technical clients: programs that act for one structure."""

from services.accounts.api import programs
from services.accounts.api.edge import AccountsCall, settle
from services.accounts.api.programs import ProgramQuery
from services.accounts.domain import keys, rights
from services.accounts.domain.credentials import hashed, login_of
from services.accounts.domain.keys import Key
from services.accounts.domain.standing import contacts
from shared.bodies import JSON_BYTES
from shared.contracts.machines import ClientRequest, ClientSecret, Limits, ProgramPage, RateLimit
from shared.errors import Forbidden, NotFound
from shared.limits import POLICY, WINDOW_SECONDS
from shared.mongo import Document
from shared.outbox import Change
from shared.web import Answer, Route


async def post_client(call: AccountsCall) -> Answer:
    """A new client of one of my structures; an operator may make one for any.

    Its secret is shown this once. It lives 424 days; managers are written to 30, 7 and 1 days
    before its end.
    """
    asked: ClientRequest = call.body
    operator = call.who.kind == "operator"
    realm = (asked.realm or rights.LIVE) if operator else call.who.realm
    structure = programs.held(call, asked.structure, "client", realm)
    if asked.realm and rights.realm_of(structure) != asked.realm:
        raise NotFound("Cette structure n'existe pas dans cet espace.", code="unknown-structure")
    mine = call.who.email or ""
    if asked.contact_email and not operator and login_of(asked.contact_email) != login_of(mine):
        raise Forbidden("Le contact d'un client est la personne qui le crée.")
    contact = asked.contact_email or (None if operator else mine)
    secret = call.adapters.new_secret()
    key = Key(hashed(secret), call.at)
    client: Document = {
        "_id": call.new_id(),
        "form": "client",
        "name": programs.named(asked.name),
        "realm": rights.realm_of(structure),
        "structure": structure,
        "contact": contact,
        "scopes": None if asked.scopes is None else list(asked.scopes),
        "created_by": call.who.subject,
        "created_at": call.at,
    }

    async def decide() -> Change:
        standing = await call.store.standing(structure)
        line = programs.line(call, client, "program_added", key)
        save = [call.store.add_client(client, key), line]
        if contact is None or contact in standing.emails:
            return Change(save=save)
        heard = standing.with_voice(client["_id"], contact)
        return Change(save=[*save, call.store.put_standing(heard)], tell=contacts(heard))

    await settle(call, decide)
    return Answer(_shown(client, key, secret))


async def list_clients(call: AccountsCall) -> Answer:
    """The technical clients of a structure of mine, with their live keys; never the secrets."""
    return await programs.list_programs(call, "client")


async def post_secret(call: AccountsCall) -> Answer:
    """A second secret, so that a client changes without a gap; of three the oldest ends."""
    client, key, secret = await programs.renewed(call, "client")
    return Answer(_shown(client, key, secret))


async def delete_secret(call: AccountsCall) -> Answer:
    """One secret of a client ends now, and with it the tokens that it opened."""
    return await programs.drop_key(call, "client")


async def delete_client(call: AccountsCall) -> Answer:
    """A client ends now, with its secrets and its tokens."""
    return await programs.revoke(call, "client")


async def get_limits(call: AccountsCall) -> Answer:
    """The limits of this instance, as they are enforced.

    Each process counts for itself; what is left is said by the headers `RateLimit` and
    `RateLimit-Policy` of every answer to a program.
    """
    return Answer(
        Limits(
            requests=(
                RateLimit(
                    name=POLICY,
                    quota=call.adapters.client_requests,
                    window_seconds=WINDOW_SECONDS,
                    per="client, process",
                ),
            ),
            json_bytes=JSON_BYTES,
            page_items=100,
            live_keys=keys.MOST_LIVE,
            key_days=keys.LIFETIME.days,
            warned_days=keys.WARNED_DAYS,
        )
    )


def _shown(client: Document, key: Key, secret: str) -> ClientSecret:
    return ClientSecret(
        client_id=client["_id"],
        client_secret=secret,
        structure=client["structure"],
        key_id=key.id,
        expires_at=key.expires_at,
        scopes=keys.scopes_of(client),
    )


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
        "GET",
        "/v1/clients",
        list_clients,
        summary="Les clients techniques d'une structure",
        answer=ProgramPage,
        query=ProgramQuery,
        kinds=("person", "operator"),
    ),
    Route(
        "DELETE",
        "/v1/clients/{id}",
        delete_client,
        summary="Révoquer un client technique",
        status=204,
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
    Route(
        "DELETE",
        "/v1/clients/{id}/secrets/{key}",
        delete_secret,
        summary="Révoquer un secret d'un client technique",
        status=204,
        kinds=("person", "operator"),
    ),
    Route(
        "GET",
        "/v1/limits",
        get_limits,
        summary="Les limites de cette instance",
        answer=Limits,
        public=True,
    ),
)
