"""Signing in and out, keeping a session going, and who I am."""

from collections.abc import Sequence

from services.accounts.api.edge import AccountsCall, settle, source
from services.accounts.api.entry import (
    Plan,
    ask_factor,
    claims_of,
    count_try,
    device,
    enter,
    forget,
    happened,
    place,
)
from services.accounts.api.standing import ENDED
from services.accounts.api.tokens import NO_STORE, issue
from services.accounts.domain import factors, passwords, sessions, throttle
from services.accounts.domain.credentials import hashed, login_of
from shared.auth import refused
from shared.contracts.accounts import Login
from shared.contracts.sign_in import Challenge, SessionToken, SignedIn, SignIn
from shared.errors import Conflict, Unauthorized
from shared.mongo import Document
from shared.outbox import Change
from shared.web import Answer, Route


async def post_session(call: AccountsCall) -> Answer:
    """Sign in; an unknown address, a wrong password and a closed account get the same answer.

    An account with a second factor answers a challenge first. Where the owner came in before, a
    stranger who guesses elsewhere makes nobody wait.
    """
    given: Login = call.body
    login = login_of(given.email)
    account = await call.store.account_by_login(login)
    here = account is not None and place(call) in account.get("places", ())
    limits = [limit for limit in throttle.LIMITS if not (here and limit.by == "account")]
    tried = await count_try(call, "sign-in", limits, login)
    kept = account["password"] if account and account["state"] == "active" else None
    right = await call.adapters.passwords.verify(kept, passwords.normal(given.password))
    if not right or account is None:
        await _warn(call, account, login, tried.named)
        raise Unauthorized("Adresse ou mot de passe incorrect.", code="wrong-credentials")
    await forget(call, tried, "pair")
    return Answer(SignIn(await admit(call, account["_id"], "password")), headers=NO_STORE)


async def admit(call: AccountsCall, account_id: str, how: str) -> SignedIn | Challenge:
    """Let in whoever has shown a password or a link, unless a factor is missing."""
    result: list[SignedIn | Challenge] = []

    async def decide() -> Change:
        account = await call.store.account(account_id)
        if account is None or account["state"] != "active":
            raise refused()
        plan = Plan()
        if factors.guarded(account):
            challenge, asked = ask_factor(call, account, call.adapters.new_secret())
            plan.save.append(asked)
            result[:] = [challenge]
        else:
            result[:] = [await enter(call, account, how, plan)]
        return plan.change()

    await settle(call, decide)
    return result[0]


async def _warn(
    call: AccountsCall,
    account: Document | None,
    login: str,
    named: Sequence[tuple[throttle.Limit, str]],
) -> None:
    """Tell the owner, once an hour at most, that somebody tries many passwords.

    An address that nobody has costs the same.
    """
    for limit, name in named:
        if limit.by != "account":
            continue
        since = call.at - throttle.WINDOW
        if len(await call.store.tries(name, since, throttle.TOLD_AFTER)) < throttle.TOLD_AFTER:
            continue
        plan = Plan()
        if account and account["state"] == "active":
            happened(call, account, "many_tries", plan)
        mark = f"many-tries:{hashed(login)}:{call.at:%Y%m%d%H}"
        await call.commit(Change(save=plan.save, tell=plan.tell, once=mark))


async def post_refresh(call: AccountsCall) -> Answer:
    """A new access token in the same session, which thereby stays alive."""
    given: SessionToken = call.body
    session = await call.store.session_by_secret(hashed(given.session_token))
    account = await call.store.account(session["account_id"]) if session else None
    ended = session is None or not sessions.alive(session, call.at)
    if session is None or account is None or ended or account["state"] != "active":
        raise refused(*ENDED)
    touched = call.store.touch_session(session["_id"], call.at, source(call), device(call))
    try:
        await call.commit(Change(save=[touched]))
    except Conflict as error:
        raise refused(*ENDED) from error
    token = await issue(call, claims_of(account, session["_id"]), session["ends_at"])
    shown = SignedIn(
        **token.model_dump(),
        session_token=given.session_token,
        session_ends_at=session["ends_at"],
    )
    return Answer(shown, headers=NO_STORE)


async def delete_session(call: AccountsCall) -> Answer:
    """Sign out: the session ends, and no service takes its tokens any more."""
    if call.who.session:
        session = await call.store.session(call.who.session)
        if session:
            ended = call.store.end_sessions([session], call.at)
            told = call.store.rights_changed(call.new_id(), call.who.subject, call.at)
            await call.commit(Change(save=[*ended, told]))
    return Answer(
        status=204, headers={"Clear-Site-Data": '"cookies"'} if call.who.kind == "person" else {}
    )


ROUTES = (
    Route(
        "POST",
        "/v1/sessions",
        post_session,
        summary="Se connecter avec son adresse et son mot de passe",
        body=Login,
        answer=SignIn,
        public=True,
    ),
    Route(
        "POST",
        "/v1/sessions/refresh",
        post_refresh,
        summary="Prolonger sa session : un nouveau jeton d'accès",
        body=SessionToken,
        answer=SignedIn,
        public=True,
    ),
    Route(
        "DELETE",
        "/v1/sessions",
        delete_session,
        summary="Se déconnecter",
        status=204,
        kinds=("person", "operator"),
    ),
)
