"""Technical accounts: a login and a password in Chorus's form, for one structure.

Software written for Chorus Pro shows two proofs with each request: the bearer token of its client,
and the login and password of a technical account. Here both become one token with the rights of the
account, so that the password is looked at once for many requests.
"""

from services.accounts.api import programs
from services.accounts.api.edge import AccountsCall, settle
from services.accounts.api.tokens import NO_STORE, issue
from services.accounts.domain import keys
from services.accounts.domain.credentials import hashed, matches
from services.accounts.domain.keys import Key
from shared.contracts.machines import (
    TechnicalAccountRequest,
    TechnicalLogin,
    TechnicalPassword,
    TechnicalToken,
)
from shared.errors import Forbidden
from shared.mongo import Document
from shared.outbox import Change
from shared.web import Answer, Route


def _shown(account: Document, key: Key, secret: str) -> TechnicalPassword:
    return TechnicalPassword(
        id=account["_id"],
        login=account["login"],
        password=secret,
        structure=account["structure"],
        key_id=key.id,
        expires_at=key.expires_at,
    )


ACCOUNTS = programs.Kind(
    form="technical_account",
    hold="hold_technical_accounts",
    unknown="Ce compte technique n'existe pas ou n'est pas le vôtre.",
    path="/v1/technical-accounts",
    keys="passwords",
    answer=TechnicalPassword,
    shown=_shown,
)


async def post_technical(call: AccountsCall) -> Answer:
    """A technical account of a structure of which I am the principal manager.

    Its password is shown this once and lives 424 days; managers are written to 30, 7 and 1 days
    before its end.
    """
    asked: TechnicalAccountRequest = call.body
    structure = programs.held(call, asked.structure, ACCOUNTS)
    made, key, secret = programs.begun(
        call, ACCOUNTS, structure, asked.name, None, keys.TECHNICAL_SCOPES
    )

    async def decide() -> Change:
        number = int(call.new_id().replace("-", ""), 16)  # its last bits are drawn at random
        made["login"] = keys.login_of_number(number)
        return Change(save=programs.added(call, made, key))

    await settle(call, decide)
    return Answer(_shown(made, key, secret))


async def post_technical_token(call: AccountsCall) -> Answer:
    """A client shows a technical account and gets a token with its rights.

    Login and password that do not belong together, or belong to another realm, are answered alike;
    that a password has expired or that its account is revoked is told only to whoever knows it.
    """
    asked: TechnicalLogin = call.body
    account = await call.store.technical_account(asked.login)
    rows = account["secrets"] if account and account["realm"] == call.who.realm else []
    if account is None or not matches(asked.password, [row["hash"] for row in rows]):
        raise Forbidden(
            "Ce compte technique n'existe pas, ou son mot de passe est faux.",
            code="technical-account-unknown",
        )
    if not keys.alive(account):
        raise Forbidden(
            "Ce compte technique a été révoqué par un gestionnaire.",
            code="technical-account-revoked",
        )
    given = hashed(asked.password)
    key = next((key for key in keys.keys_of(account, call.at) if key.hash == given), None)
    if key is None:
        raise Forbidden(
            "Le mot de passe de ce compte technique a expiré : son gestionnaire principal peut "
            "le renouveler.",
            code="technical-account-expired",
        )
    claims = {
        "sub": account["_id"],
        "client_id": call.who.subject,
        "kind": "client",
        "realm": account["realm"],
        "email": None,
        "scope": " ".join(keys.scopes_of(account)),
        "key": key.id,
    }
    token = await issue(call, claims, until=key.expires_at)
    body = TechnicalToken(
        **token.model_dump(),
        structure=account["structure"],
        password_expires_at=key.expires_at,
    )
    return Answer(body, headers=NO_STORE)


ROUTES = (
    Route(
        "POST",
        "/v1/technical-accounts",
        post_technical,
        summary="Créer un compte technique pour une structure",
        body=TechnicalAccountRequest,
        answer=TechnicalPassword,
        status=201,
        kinds=("person", "operator"),
    ),
    *programs.routes(
        ACCOUNTS,
        (
            "list_technical",
            "post_technical_password",
            "delete_technical_password",
            "delete_technical",
        ),
        "compte technique",
        "comptes techniques",
        "mot de passe",
    ),
    Route(
        "POST",
        "/v1/technical-accounts/tokens",
        post_technical_token,
        summary="Jeton d'un compte technique, pour le client qui le montre",
        scope="any",
        body=TechnicalLogin,
        answer=TechnicalToken,
        kinds=("client",),
    ),
)
