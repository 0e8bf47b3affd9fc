"""Signing in and out: the session lies in a cookie that scripts and other sites cannot read."""

import json
from contextlib import suppress

from pydantic import TypeAdapter, ValidationError

from services.portal.domain import safe_path
from services.portal.pages.forms import form
from services.portal.pages.frame import (
    PageCall,
    get,
    go,
    page,
    post,
    session_token,
    source,
    token,
)
from shared.contracts.accounts import Login
from shared.contracts.sign_in import Challenge, Credential, Proof, SignedIn, SignIn
from shared.errors import Problem, TooMany, Unauthorized
from shared.web import Answer

HOME = "/accueil"
CREDENTIAL = TypeAdapter(Credential)


async def ask(call: PageCall) -> Answer:
    """The form to sign in."""
    query = call.request.query
    return _form(call, following=query.get("next"), ended="fin" in query)


async def sign_in(call: PageCall) -> Answer:
    """Sign in and go on to where the visitor wanted to be."""
    given = await form(call)
    login = Login(email=given.get("email", "")[:254], password=given.get("password", "")[:256])
    try:
        answer = await call.adapters.native.ask(
            SignIn, "POST", "/v1/sessions", body=login, source=source(call)
        )
    except (Unauthorized, TooMany) as problem:
        return _form(call, problem, given.get("next"), email=login.email)
    return enter(call, answer, given.get("next"))


def enter(call: PageCall, answer: SignIn, following: str | None) -> Answer:
    """In, or on to the second factor."""
    match answer.root:
        case Challenge() as asked:
            options = json.dumps(asked.passkey) if asked.passkey else ""
            return _second(call, asked.challenge, following, options)
        case signed:
            return _in(call, signed, following)


async def second_step(call: PageCall) -> Answer:
    """Show the code of a second factor, a recovery code, or a passkey, which may come alone."""
    given = await form(call)
    challenge, following = given.get("challenge", "")[:100], given.get("next")
    passkey = credential(given.get("credential", ""))
    code = None if passkey else given.get("code", "")[:60]
    proof = Proof(challenge=challenge, code=code, passkey=passkey)
    try:
        signed = await call.adapters.native.ask(
            SignedIn, "POST", "/v1/sessions/factors", body=proof, source=source(call)
        )
    except (Unauthorized, TooMany) as problem:
        if problem.code == "challenge-expired" or "first" in given:
            return _form(call, problem, following)
        return _second(call, challenge, following, given.get("options", ""), problem)
    return _in(call, signed, following)


def credential(text: str) -> Credential | None:
    """What a browser says of a passkey, as a script wrote it into a form; None is no such thing."""
    try:
        return CREDENTIAL.validate_json(text)
    except ValidationError:
        return None


def _in(call: PageCall, signed: SignedIn, following: str | None) -> Answer:
    seconds = int((signed.session_ends_at - call.at).total_seconds())
    kept = cookie(call, signed.session_token, seconds)
    return go(call, safe_path(following, HOME), kept)


def _second(
    call: PageCall,
    challenge: str,
    following: str | None,
    options: str,
    problem: Problem | None = None,
) -> Answer:
    shown = page(
        call,
        "second_step.html",
        status=problem.status if problem else 200,
        problem=problem,
        challenge=challenge,
        options=options,
        following=safe_path(following, HOME),
    )
    return _later(shown, problem)


async def ask_to_leave(call: PageCall) -> Answer:
    """The button that signs out: a link alone would act by GET."""
    return page(call, "sign_out.html")


async def sign_out(call: PageCall) -> Answer:
    """Sign out and forget the cookie, whatever the platform says."""
    await form(call)
    secret = session_token(call)
    if secret:
        with suppress(Problem):  # the session has ended, or will by itself within minutes
            await call.adapters.native.tell("DELETE", "/v1/sessions", token=await token(call))
        call.adapters.sessions.forget(secret)
    return go(call, "/", cookie(call, "", 0))


def cookie(call: PageCall, value: str, seconds: int) -> str:
    """The session cookie."""
    secure = "; Secure" if call.adapters.secure else ""
    name = call.adapters.cookie
    return f"{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"


def _form(
    call: PageCall,
    problem: Problem | None = None,
    following: str | None = None,
    *,
    email: str = "",
    ended: bool = False,
) -> Answer:
    shown = page(
        call,
        "sign_in.html",
        status=problem.status if problem else 200,
        problem=problem,
        email=email,
        ended=ended,
        following=safe_path(following, HOME),
    )
    return _later(shown, problem)


def _later(shown: Answer, problem: Problem | None) -> Answer:
    """The page, which says to browsers too when to try again."""
    retry = {k: v for k, v in (problem.headers if problem else {}).items() if k == "Retry-After"}
    return Answer(shown.body, shown.status, {**shown.headers, **retry}, shown.media_type)


ROUTES = (
    get("/connexion", ask, "Se connecter"),
    post("/connexion", sign_in, "Se connecter"),
    post("/connexion/code", second_step, "Montrer un second facteur"),
    get("/deconnexion", ask_to_leave, "Se déconnecter"),
    post("/deconnexion", sign_out, "Se déconnecter"),
)
