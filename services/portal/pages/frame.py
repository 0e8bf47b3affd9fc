"""What every page has: its headers, its error page, its forms and its visitor."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from services.portal.adapters import Adapters
from services.portal.adapters.native import Source
from services.portal.domain import is_our_own
from shared.contracts.finding import Finding
from shared.errors import BadRequest, Forbidden, Problem, Unauthorized, Unsupported
from shared.web import Answer, Call, Route

PageCall = Call[None, Adapters]
Page = Callable[[PageCall], Awaitable[Answer]]
FORM = "application/x-www-form-urlencoded"
LONGEST_FORM = 16_384
LONGEST_AGENT = 300
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
BAD_ADDRESS = Finding(
    code="ADDRESS",
    pointer="/email",
    label="Adresse électronique",
    message="Cette adresse électronique est mal formée.",
    example="nom@exemple.fr",
)


def headers(call: PageCall) -> dict[str, str]:
    """The headers of a page."""
    return HEADERS | (
        {"Strict-Transport-Security": "max-age=31536000"} if call.adapters.secure else {}
    )


def page(call: PageCall, template: str, status: int = 200, **values: Any) -> Answer:
    """A page from its template."""
    values |= {"signed_in": session_token(call) is not None}
    text = call.adapters.templates.get_template(template).render(values)
    return Answer(text, status=status, headers=headers(call), media_type="text/html")


def go(call: PageCall, path: str, cookie: str | None = None) -> Answer:
    """On to another page of ours."""
    more = {"Set-Cookie": cookie} if cookie else {}
    return Answer(status=303, headers=headers(call) | {"Location": path} | more)


def session_token(call: PageCall) -> str | None:
    """The secret of the session in the visitor's cookie."""
    return call.request.cookies.get(call.adapters.cookie) or None


async def visitor(call: PageCall) -> str:
    """An access token of the visitor's session, which goes on. Raises Unauthorized."""
    secret = session_token(call)
    if secret is None:
        raise Unauthorized("Connectez-vous pour voir cette page.")
    return await call.adapters.sessions.token(secret, source(call))


def source(call: PageCall) -> Source:
    """Where the visitor comes from, hop by hop, and with what, for whoever counts tries."""
    hops = call.request.headers.get("X-Forwarded-For")
    told = {"X-Forwarded-For": ", ".join(hop for hop in (hops, call.request.remote) if hop)}
    agent = call.request.headers.get("User-Agent")
    return told | ({"User-Agent": agent[:LONGEST_AGENT]} if agent else {})


async def form(call: PageCall) -> Mapping[str, str]:
    """The fields of a form that one of our own pages sent.

    Raises Forbidden: it comes from elsewhere; Unsupported or BadRequest: it is no small form.
    """
    request = call.request
    sent_from = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if not is_our_own(call.adapters.public_url, *sent_from):
        raise Forbidden("Ce formulaire ne vient pas de ce site.", code="csrf-failed")
    if request.content_type != FORM:
        raise Unsupported("Un formulaire est attendu.")
    if request.content_length is None or request.content_length > LONGEST_FORM:
        raise BadRequest("Ce formulaire est trop long.")
    given = await request.post()
    return {name: value.strip() for name, value in given.items() if isinstance(value, str)}


def shown(handler: Page) -> Page:
    """The page, or the page that says in French why not."""

    async def show(call: PageCall) -> Answer:
        try:
            return await handler(call)
        except Unauthorized:
            return go(call, "/connexion?fin=1" if session_token(call) else "/connexion")
        except Problem as problem:
            refused = page(call, "problem.html", status=problem.status, problem=problem)
            refused_headers = {**refused.headers, **problem.headers}
            return Answer(refused.body, refused.status, refused_headers, "text/html")

    return show


def get(path: str, handler: Page, summary: str) -> Route:
    """A page."""
    return Route("GET", path, shown(handler), summary=summary, public=True, media_type="text/html")


def post(path: str, handler: Page, summary: str) -> Route:
    """The target of a form."""
    return Route("POST", path, shown(handler), summary=summary, public=True, media_type="text/html")
