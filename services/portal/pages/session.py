"""Signing in and out: the token lies in a cookie that scripts and other sites cannot read."""

from services.portal.domain import safe_path
from services.portal.pages.frame import PageCall, form, get, go, page, post, session_token, source
from shared.contracts.accounts import Login, Token
from shared.errors import Problem, TooMany, Unauthorized
from shared.web import Answer

HOME = "/compte"


async def ask(call: PageCall) -> Answer:
    """The form to sign in."""
    return _form(call, ended="fin" in call.request.query)


async def sign_in(call: PageCall) -> Answer:
    """Sign in and go on to where the visitor wanted to be."""
    given = await form(call)
    login = Login(email=given.get("email", "")[:254], password=given.get("password", "")[:256])
    try:
        token = await call.adapters.native.ask(
            Token, "POST", "/v1/sessions", body=login, source=source(call)
        )
    except (Unauthorized, TooMany) as problem:
        return _form(call, problem, email=login.email)
    return go(
        call, safe_path(given.get("next"), HOME), cookie(call, token.access_token, token.expires_in)
    )


async def ask_to_leave(call: PageCall) -> Answer:
    """The button that signs out: a link alone would act by GET."""
    return page(call, "sign_out.html")


async def sign_out(call: PageCall) -> Answer:
    """Sign out and forget the cookie, whatever the platform says."""
    await form(call)
    token = session_token(call)
    if token:
        try:
            await call.adapters.native.tell("DELETE", "/v1/sessions", token=token)
        except Problem:
            token = None  # the token has ended, or will by itself within minutes
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
    get("/deconnexion", ask_to_leave, "Se déconnecter"),
    post("/deconnexion", sign_out, "Se déconnecter"),
)
