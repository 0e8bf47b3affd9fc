"""Technical clients: programs that act for one structure."""

from services.accounts.api import programs
from services.accounts.api.edge import AccountsCall, settle
from services.accounts.domain import keys, rights
from services.accounts.domain.credentials import login_of
from services.accounts.domain.keys import Key
from services.accounts.domain.standing import contacts
from shared.bodies import JSON_BYTES
from shared.contracts.machines import ClientRequest, ClientSecret, Limits, RateLimit
from shared.errors import Forbidden, NotFound
from shared.limits import POLICY, WINDOW_SECONDS
from shared.mongo import Document
from shared.outbox import Change
from shared.web import Answer, Route


def _shown(client: Document, key: Key, secret: str) -> ClientSecret:
    return ClientSecret(
        client_id=client["_id"],
        client_secret=secret,
        structure=client["structure"],
        key_id=key.id,
        expires_at=key.expires_at,
        scopes=keys.scopes_of(client),
    )


CLIENTS = programs.Kind(
    form="client",
    hold="hold_clients",
    unknown="Ce client n'existe pas ou n'est pas le vôtre.",
    path="/v1/clients",
    keys="secrets",
    answer=ClientSecret,
    shown=_shown,
)


async def post_client(call: AccountsCall) -> Answer:
    """A new client of one of my structures; an operator may make one for any.

    Its secret is shown this once. It lives 424 days; managers are written to 30, 7 and 1 days
    before its end.
    """
    asked: ClientRequest = call.body
    operator = call.who.kind == "operator"
    realm = (asked.realm or rights.LIVE) if operator else call.who.realm
    structure = programs.held(call, asked.structure, CLIENTS, realm)
    if asked.realm and rights.realm_of(structure) != asked.realm:
        raise NotFound("Cette structure n'existe pas dans cet espace.", code="unknown-structure")
    mine = call.who.email or ""
    if asked.contact_email and not operator and login_of(asked.contact_email) != login_of(mine):
        raise Forbidden("Le contact d'un client est la personne qui le crée.")
    contact = asked.contact_email or (None if operator else mine)
    client, key, secret = programs.begun(
        call, CLIENTS, structure, asked.name, contact, asked.scopes
    )

    async def decide() -> Change:
        standing = await call.store.standing(structure)
        save = programs.added(call, client, key)
        if contact is None or contact in standing.emails:
            return Change(save=save)
        heard = standing.with_voice(client["_id"], contact)
        return Change(save=[*save, call.store.put_standing(heard)], tell=contacts(heard))

    await settle(call, decide)
    return Answer(_shown(client, key, secret))


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
    *programs.routes(
        CLIENTS,
        ("list_clients", "post_secret", "delete_secret", "delete_client"),
        "client technique",
        "clients techniques",
        "secret",
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
