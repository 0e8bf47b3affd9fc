"""Signing in and out: the session lies in a cookie that scripts and other sites cannot read."""

from contextlib import suppress

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
from shared.contracts.sign_in import Challenge, Proof, SignedIn, SignIn
from shared.errors import Problem, TooMany, Unauthorized
from shared.web import Answer

HOME = "/accueil"


async def ask(call: PageCall) -> Answer:
    """The form to sign in."""
    return _form(call, ended="fin" in call.request.query)


async def sign_in(call: PageCall) -> Answer:
    """Sign in and go on to where the visitor wanted to be."""
    given = await form(call)
    login = Login(email=given.get("email", "")[:254], password=given.get("password", "")[:256])
    try:
        answer = await call.adapters.native.ask(
            SignIn, "POST", "/v1/sessions", body=login, source=source(call)
        )
    except (Unauthorized, TooMany) as problem:
        return _form(call, problem, email=login.email)
    return enter(call, answer, given.get("next"))


def enter(call: PageCall, answer: SignIn, following: str | None) -> Answer:
    """In, or on to the second factor."""
    match answer.root:
        case Challenge() as challenge:
            return _second(call, challenge.challenge, following)
        case signed:
            return _in(call, signed, following)


async def second_step(call: PageCall) -> Answer:
    """Show the code of a second factor, or a recovery code."""
    given = await form(call)
    challenge, following = given.get("challenge", "")[:100], given.get("next")
    proof = Proof(challenge=challenge, code=given.get("code", "")[:60])
    try:
        signed = await call.adapters.native.ask(
            SignedIn, "POST", "/v1/sessions/factors", body=proof, source=source(call)
        )
    except (Unauthorized, TooMany) as problem:
        if problem.code == "challenge-expired":
            return _form(call, problem)
        return _second(call, challenge, following, problem)
    return _in(call, signed, following)


def _in(call: PageCall, signed: SignedIn, following: str | None) -> Answer:
    seconds = int((signed.session_ends_at - call.at).total_seconds())
    kept = cookie(call, signed.session_token, seconds)
    return go(call, safe_path(following, HOME), kept)


def _second(
    call: PageCall, challenge: str, following: str | None, problem: Problem | None = None
) -> Answer:
    shown = page(
        call,
        "second_step.html",
        status=problem.status if problem else 200,
        problem=problem,
        challenge=challenge,
        following=safe_path(following, HOME),
    )
    retry = {k: v for k, v in (problem.headers if problem else {}).items() if k == "Retry-After"}
    return Answer(shown.body, shown.status, {**shown.headers, **retry}, shown.media_type)


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
    call: PageCall, problem: Problem | None = None, email: str = "", *, ended: bool = False
) -> Answer:
    following = safe_path(call.request.query.get("next"), HOME)
    shown = page(
        call,
        "sign_in.html",
        status=problem.status if problem else 200,
        problem=problem,
        email=email,
        ended=ended,
        following=following,
    )
    if problem is None:
        return shown
    retry = {k: v for k, v in problem.headers.items() if k == "Retry-After"}
    return Answer(shown.body, shown.status, {**shown.headers, **retry}, shown.media_type)


ROUTES = (
    get("/connexion", ask, "Se connecter"),
    post("/connexion", sign_in, "Se connecter"),
    post("/connexion/code", second_step, "Montrer un second facteur"),
    get("/deconnexion", ask_to_leave, "Se déconnecter"),
    post("/deconnexion", sign_out, "Se déconnecter"),
)
