"""Checking a certificate of deposit, without an account."""

import re

from services.portal.pages.frame import PageCall, get, guest, page, source
from shared.contracts.proof import CertificateAnswer, CertificateQuestion
from shared.web import Answer

DIGEST = re.compile(r"[0-9a-f]{64}")


async def check(call: PageCall) -> Answer:
    """What a certificate says, to whoever has its number, and whether a file is the one."""
    await guest(call)
    number = "".join(call.request.query.get("numero", "").split())[:64]
    digest = "".join(call.request.query.get("empreinte", "").split()).lower()[:64]
    found: CertificateAnswer | None = None
    if number:
        sha256 = digest if DIGEST.fullmatch(digest) else None
        asked = CertificateQuestion(number=number, sha256=sha256)
        path = "/v1/certificates:check"
        native = call.adapters.native
        found = await native.ask(CertificateAnswer, "POST", path, body=asked, source=source(call))
    return page(call, "certificate.html", number=number, digest=digest, found=found)


ROUTES = (get("/certificat", check, "Vérifier un certificat"),)
