"""What every page has: its headers, its words, its error page and its visitor."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel

from services.portal.adapters import Adapters
from services.portal.domain import menu
from shared import logs
from shared.client import M, Source
from shared.contracts.accounts import Me
from shared.contracts.finding import Finding
from shared.errors import Problem, Unauthorized
from shared.web import Answer, Call, Fault, Route

PageCall = Call[None, Adapters]
Page = Callable[[PageCall], Awaitable[Answer]]
LONGEST_AGENT = 300
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
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
DONE = {"enregistre": "C'est enregistré.", "envoye": "C'est envoyé.", "supprime": "C'est supprimé."}
"""What a page says of the form that led to it, by the `fait` of its address."""
THEMES, LANGUAGES = ("light", "dark"), ("fr", "en")
VISITOR = "visitor"


@dataclass(frozen=True)
class Visitor:
    """Somebody signed in: their token, what they may do now, and the platform as they see it."""

    token: str
    me: Me
    call: PageCall

    async def ask(
        self,
        answer: type[M],
        path: str,
        *,
        method: str = "GET",
        body: BaseModel | None = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> M:
        """One call of a public API in the visitor's name. Raises the Problem it answers."""
        return await self.call.adapters.native.ask(
            answer, method, path, token=self.token, body=body, query=query, source=headers
        )

    async def tell(self, method: str, path: str, body: BaseModel | None = None) -> None:
        """One call whose answer does not matter."""
        await self.call.adapters.native.tell(
            method, path, token=self.token, body=body, source=source(self.call)
        )


def headers(call: PageCall) -> dict[str, str]:
    """The headers of a page."""
    return HEADERS | (
        {"Strict-Transport-Security": "max-age=31536000"} if call.adapters.secure else {}
    )


def language(call: PageCall) -> str:
    """The visitor's language: the one chosen, else the browser's English, else French."""
    chosen = call.request.cookies.get("langue")
    if chosen in LANGUAGES:
        return chosen
    return "en" if call.request.headers.get("Accept-Language", "").startswith("en") else "fr"


def page(call: PageCall, template: str, status: int = 200, **values: Any) -> Answer:
    """A page from its template."""
    lang, theme = language(call), call.request.cookies.get("theme", "")
    who: Visitor | None = call.request.get(VISITOR)
    frame = {
        "lang": lang,
        "theme": theme if theme in THEMES else "",
        "here": call.request.path,
        "space": call.request.path,
        "signed_in": session_token(call) is not None,
        "me": who.me if who else None,
        "menu": menu.menu(who.me) if who else (),
        "sandbox": who is not None and who.me.realm != "live",
        "done": DONE.get(call.request.query.get("fait", "")),
        "now": call.at,
    }
    text = call.adapters.templates[lang].get_template(template).render(frame | values)
    return Answer(text, status=status, headers=headers(call), media_type="text/html")


def go(call: PageCall, path: str, cookie: str | None = None) -> Answer:
    """On to another page of ours."""
    more = {"Set-Cookie": cookie} if cookie else {}
    return Answer(status=303, headers=headers(call) | {"Location": path} | more)


def session_token(call: PageCall) -> str | None:
    """The secret of the session in the visitor's cookie."""
    return call.request.cookies.get(call.adapters.cookie) or None


async def token(call: PageCall) -> str:
    """An access token of the visitor's session, which goes on. Raises Unauthorized."""
    secret = session_token(call)
    if secret is None:
        raise Unauthorized("Connectez-vous pour voir cette page.")
    return await call.adapters.sessions.token(secret, source(call))


async def visitor(call: PageCall) -> Visitor:
    """Who visits, with the rights of this moment. Raises Unauthorized."""
    granted = await token(call)
    me = await call.adapters.native.ask(Me, "GET", "/v1/me", token=granted)
    who = Visitor(granted, me, call)
    call.request[VISITOR] = who
    return who


async def guest(call: PageCall) -> Visitor | None:
    """Who visits a page that is for everybody, when that is known."""
    if session_token(call) is None:
        return None
    try:
        return await visitor(call)
    except Problem:
        return None


def source(call: PageCall) -> Source:
    """Where the visitor comes from, hop by hop, and with what, for whoever counts tries."""
    hops = call.request.headers.get("X-Forwarded-For")
    told = {"X-Forwarded-For": ", ".join(hop for hop in (hops, call.request.remote) if hop)}
    agent = call.request.headers.get("User-Agent")
    return told | ({"User-Agent": agent[:LONGEST_AGENT]} if agent else {})


def shown(handler: Page) -> Page:
    """The page, or the page that says in French why not."""

    async def show(call: PageCall) -> Answer:
        try:
            return await handler(call)
        except Unauthorized:
            return go(call, _sign_in(call))
        except Problem as problem:
            return refusal(call, problem)
        except Exception:
            logs.logger().exception("page_failed", path=call.request.path)
            return refusal(call, Fault("Erreur de notre part ; elle est enregistrée."))

    return show


def _sign_in(call: PageCall) -> str:
    """Where a visitor signs in, to come back to this page."""
    asked = {"fin": "1"} if session_token(call) else {}
    if call.request.method == "GET":
        asked["next"] = call.request.path_qs
    return "/connexion?" + urlencode(asked)


def refusal(call: PageCall, problem: Problem) -> Answer:
    """The page that says what is wrong, why, and what to do."""
    answer = page(call, "problem.html", problem.status, problem=problem, reference=call.new_id())
    return Answer(answer.body, answer.status, {**answer.headers, **problem.headers}, "text/html")


def get(path: str, handler: Page, summary: str) -> Route:
    """A page."""
    return Route("GET", path, shown(handler), summary=summary, public=True, media_type="text/html")


def post(path: str, handler: Page, summary: str) -> Route:
    """The target of a form."""
    return Route("POST", path, shown(handler), summary=summary, public=True, media_type="text/html")
