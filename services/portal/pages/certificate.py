"""Checking a certificate of deposit, without an account."""

from services.portal.adapters.native import quoted
from services.portal.pages.frame import PageCall, get, guest, page
from shared.contracts.ingest import Certificate
from shared.errors import BadRequest, NotFound, Problem
from shared.web import Answer


async def check(call: PageCall) -> Answer:
    """What a certificate says, to whoever has its number, and whether a file is the one."""
    await guest(call)
    number = "".join(call.request.query.get("numero", "").split())[:64]
    digest = "".join(call.request.query.get("empreinte", "").split()).lower()[:64]
    found: Certificate | None = None
    refused: Problem | None = None
    if number:
        path = f"/v1/certificates/{quoted(number)}"
        try:
            found = await call.adapters.native.ask(Certificate, "GET", path)
        except (NotFound, BadRequest) as problem:
            refused = problem
    return page(
        call,
        "certificate.html",
        404 if refused else 200,
        number=number,
        digest=digest,
        found=found,
        refused=refused,
        same=found.sha256 == digest if found and digest else None,
    )


ROUTES = (get("/certificat", check, "Vérifier un certificat"),)
