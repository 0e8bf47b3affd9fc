"""Signing in and out, and who I am."""

from services.accounts.api.edge import AccountsCall, counter, demand_pause, source
from services.accounts.api.sign_up import me_of
from services.accounts.api.tokens import NO_STORE, issue
from services.accounts.domain import passwords, throttle
from services.accounts.domain.credentials import login_of
from shared.contracts.accounts import Login, Me, Token
from shared.errors import Unauthorized
from shared.outbox import Change
from shared.web import Answer, Route


async def post_session(call: AccountsCall) -> Answer:
    """Sign in; an unknown address, a wrong password and a closed account get the same answer.

    A try is counted before the password is looked at, so that many at once gain nothing.
    """
    given: Login = call.body
    login = login_of(given.email)
    limits = [(limit, counter("sign-in", limit, login, source(call))) for limit in throttle.LIMITS]
    await demand_pause(call, limits)
    await call.commit(
        Change(save=[call.store.add_try(call.new_id(), name, call.at) for _, name in limits])
    )
    await demand_pause(call, limits, mine=1)
    account = await call.store.account_by_login(login)
    kept = account["password"] if account and account["state"] == "active" else None
    right = await call.adapters.passwords.verify(kept, passwords.normal(given.password))
    if not right or account is None:
        raise Unauthorized("Adresse ou mot de passe incorrect.", code="wrong-credentials")
    pair = next(name for limit, name in limits if limit.by == "pair")
    await call.commit(
        Change(
            save=call.store.forget_tries(await call.store.tries(pair, call.at - throttle.WINDOW))
        )
    )
    claims = {
        "sub": account["_id"],
        "kind": account["kind"],
        "realm": account["realm"],
        "structures": account["structures"],
        "email": account["email"],
    }
    return Answer(await issue(call, claims), headers=NO_STORE)


async def delete_session(call: AccountsCall) -> Answer:
    """Sign out: the caller forgets its token, which ends by itself within minutes."""
    return Answer(
        status=204, headers={"Clear-Site-Data": '"cookies"'} if call.who.kind == "person" else {}
    )


async def get_me(call: AccountsCall) -> Answer:
    """Who the token speaks for; of a person, what is true now."""
    who = call.who
    account = await call.store.account(who.subject) if who.kind != "client" else None
    if account:
        return Answer(me_of(account))
    return Answer(
        Me(
            subject=who.subject,
            kind=who.kind,
            email=who.email,
            realm=who.realm,
            structures=who.structures,
        )
    )


ROUTES = (
    Route(
        "POST",
        "/v1/sessions",
        post_session,
        summary="Se connecter avec son adresse et son mot de passe",
        body=Login,
        answer=Token,
        public=True,
    ),
    Route("DELETE", "/v1/sessions", delete_session, summary="Se déconnecter", status=204),
    Route("GET", "/v1/me", get_me, summary="Qui suis-je, et pour quelles structures", answer=Me),
)
