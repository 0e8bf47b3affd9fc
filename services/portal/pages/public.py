"""What everybody may see: the first page, the documentation, styles."""

import hashlib
import json
from pathlib import Path
from typing import Any

from services.portal.pages.frame import PageCall, get, guest, headers, page, refusal
from shared.errors import NotFound
from shared.web import Answer, Route

TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".js": "text/javascript"}
PUBLISHED = ("openapi.json", "asyncapi.json")


async def first(call: PageCall) -> Answer:
    """What this is and where to begin."""
    await guest(call)
    return page(call, "first.html")


async def docs(call: PageCall) -> Answer:
    """The operations of the API, from the published description."""
    described = _published(call, "openapi.json")
    paths: dict[str, Any] = json.loads(described).get("paths", {}) if described else {}
    operations = [
        (method.upper(), path, operation.get("summary", ""))
        for path, methods in sorted(paths.items())
        for method, operation in methods.items()
        if isinstance(operation, dict)
    ]
    return page(call, "docs.html", operations=operations, base_url=call.adapters.public_url)


async def description(call: PageCall) -> Answer:
    """The machine-readable description of the API or of its messages."""
    name = call.request.path.removeprefix("/")
    described = _published(call, name) if name in PUBLISHED else None
    if described is None:
        raise NotFound("Cette description n'est pas publiée ici.")
    more = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}
    return Answer(described, headers=more)


async def static(call: PageCall) -> Answer:
    """A style sheet or a picture."""
    path = Path(call.adapters.static / call.path["name"])
    if path.suffix not in TYPES or not path.is_file():
        raise NotFound("Ce fichier n'existe pas.")
    content = path.read_bytes()
    tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    age = "max-age=86400" if "v" in call.request.query else "no-cache"
    fresh = headers(call) | {"Cache-Control": f"public, {age}", "ETag": tag}
    if call.request.headers.get("If-None-Match") == tag:
        return Answer(status=304, headers=fresh)
    return Answer(content, headers=fresh, media_type=TYPES[path.suffix])


async def nowhere(call: PageCall) -> Answer:
    """An address that leads nowhere: a page for people, a problem for programs."""
    problem = NotFound("Cette adresse n'existe pas.")
    if "text/html" not in call.request.headers.get("Accept", ""):
        raise problem
    await guest(call)
    return refusal(call, problem)


def _published(call: PageCall, name: str) -> bytes | None:
    path = call.adapters.generated / name
    return path.read_bytes() if path.is_file() else None


ROUTES = (
    get("/", first, "Accueil"),
    get("/docs", docs, "Documentation de l'API"),
    *(
        Route("GET", f"/{n}", description, summary="Description publiée", public=True)
        for n in PUBLISHED
    ),
    Route("GET", r"/static/{name:[a-z]+\.[a-z]+}", static, summary="Feuille de style", public=True),
)
LAST = (
    Route(
        "GET",
        "/{path:(?!healthz$|readyz$|metrics$).*}",
        nowhere,
        summary="Adresse inconnue",
        public=True,
    ),
)
