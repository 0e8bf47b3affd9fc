"""Help for everybody: questions and answers, the assistant, and the pages that a site must have."""

import asyncio
from collections.abc import Sequence

from services.portal.domain import help as answers_of
from services.portal.pages.frame import PageCall, Visitor, get, guest, page, visitor
from shared.contracts.workflow import InvoicePage
from shared.errors import NotFound, Problem
from shared.web import Answer

LONGEST = 300
SERVICES = (
    ("Comptes", "/oauth2/jwks"),
    ("Interface publique", "/openapi.json"),
)


async def index(call: PageCall) -> Answer:
    """Every question, or those that match a search."""
    await guest(call)
    words = call.request.query.get("q", "")[:LONGEST]
    found = answers_of.answers(words, 20) if words.strip() else answers_of.HELP
    return page(call, "help.html", topics=found, words=words)


async def topic(call: PageCall) -> Answer:
    """One answer."""
    await guest(call)
    found = next((one for one in answers_of.HELP if one.name == call.path["name"]), None)
    if found is None:
        raise NotFound("Cette page d'aide n'existe pas.")
    return page(call, "help_topic.html", topic=found)


async def assistant(call: PageCall) -> Answer:
    """An answer from the help and from the visitor's own invoices; nothing is made up."""
    who = await visitor(call)
    question = call.request.query.get("q", "")[:LONGEST].strip()
    invoices = await _named(who, answers_of.numbers(question))
    return page(
        call,
        "assistant.html",
        question=question,
        invoices=invoices,
        topics=answers_of.answers(question) if question else (),
        somebody=answers_of.wants_somebody(question),
    )


async def _named(who: Visitor, numbers: Sequence[str]) -> InvoicePage:
    """The visitor's invoices whose numbers are in the question."""
    asked = [
        who.ask(InvoicePage, "/v1/invoices", query={"number": number, "limit": "3"})
        for number in numbers
    ]
    found = await asyncio.gather(*asked, return_exceptions=True)
    pages = [one for one in found if isinstance(one, InvoicePage)]
    return InvoicePage(items=tuple(item for one in pages for item in one.items))


async def accessibility(call: PageCall) -> Answer:
    """What was measured, and what was not."""
    await guest(call)
    return page(call, "accessibility.html")


async def legal(call: PageCall) -> Answer:
    """Who runs this, and what is kept."""
    await guest(call)
    return page(call, "legal.html")


async def site_map(call: PageCall) -> Answer:
    """Every page that one can begin from."""
    await guest(call)
    return page(call, "site_map.html")


async def state(call: PageCall) -> Answer:
    """Whether the parts answer just now."""
    await guest(call)
    native = call.adapters.native

    async def answers(path: str) -> bool:
        try:
            came = await native.fetch(path, token=None)
            async for _ in came.body:
                pass
        except Problem:
            return False
        return True

    up = await asyncio.gather(*(answers(path) for _, path in SERVICES))
    return page(
        call, "state.html", parts=list(zip((name for name, _ in SERVICES), up, strict=True))
    )


ROUTES = (
    get("/aide", index, "Aide"),
    get("/aide/{name}", topic, "Une page d'aide"),
    get("/assistant", assistant, "Assistant"),
    get("/accessibilite", accessibility, "Accessibilité"),
    get("/mentions-legales", legal, "Mentions légales"),
    get("/plan", site_map, "Plan du site"),
    get("/etat", state, "État du service"),
)
