"""Accounts that an operator opens."""

from services.accounts.api.edge import AccountsCall, settle
from services.accounts.api.joining import join
from services.accounts.api.standing import me_of
from services.accounts.domain import passwords, rights
from services.accounts.domain.credentials import login_of
from shared.contracts.accounts import Me, PersonRequest
from shared.contracts.message import Message
from shared.contracts.rights import Role
from shared.errors import Conflict, Invalid
from shared.mongo import Document, Write
from shared.outbox import Change
from shared.web import Answer, Route


async def post_person(call: AccountsCall) -> Answer:
    """Open an account that is active at once, with the structures it speaks for."""
    asked: PersonRequest = call.body
    keys = sorted({rights.key_asked(text, asked.realm) for text in asked.structures})
    if any(rights.realm_of(key) != asked.realm for key in keys):
        raise Invalid("Une structure est d'un autre espace que le compte.", code="foreign-realm")
    first, last = map(rights.person_name, (asked.first_name, asked.last_name))
    _, faults = await call.adapters.passwords.judge(asked.password, asked.email, first, last)
    if faults:
        raise Invalid("Ce mot de passe ne convient pas.", code="password-too-weak", errors=faults)
    account: Document = {
        "_id": call.new_id(),
        "kind": "person",
        "login": login_of(asked.email),
        "email": asked.email,
        "realm": asked.realm,
        "siret": None,
        "password": await call.adapters.passwords.hash(passwords.normal(asked.password)),
        "state": "active",
        "first_name": first,
        "last_name": last,
        "created_at": call.at,
    }

    async def decide() -> Change:
        if await call.store.account_by_login(account["login"]):
            raise Known("Cette adresse a déjà un compte.", code="address-known")
        save: list[Write] = [call.store.open_account(account)]
        tell: list[Message] = []
        for key in keys:
            held = (await call.store.standing(key)).principal
            role: Role = "secondary" if held else "principal"
            by = call.who.email or call.who.subject
            joined = await join(call, account, key, role, by=by, action="added")
            save, tell = [*save, *joined.save], [*tell, *joined.tell]
        return Change(save=save, tell=tell)

    await settle(call, decide)
    return Answer(await me_of(call.store, account))


class Known(Conflict):
    """It will not help to decide again."""


ROUTES = (
    Route(
        "POST",
        "/v1/people",
        post_person,
        summary="Ouvrir un compte déjà actif (opérateur)",
        body=PersonRequest,
        answer=Me,
        status=201,
        kinds=("operator",),
    ),
)
