"""What chorus serves: the token endpoint, the operations, and a no for everything else."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from services.chorus.api.edge import Doors, gateway, served
from services.chorus.api.health import get_health
from services.chorus.api.operations import OPERATIONS
from services.chorus.api.token import post_token
from shared.web import Answer, Call, Route

Handler = Callable[[Call[Any, Any]], Awaitable[Answer]]
TOKEN, HEALTH = "/api/oauth/token", "transverses/v1/health-check"
SERVED: dict[tuple[str, str], Handler] = {
    ("GET", HEALTH): get_health,
    **{("POST", operation.path): served(operation) for operation in OPERATIONS},
}
"""Who answers an operation, by its method and its path."""
ROOTS = ("/cpro/", "//cpro/", *sorted({f"/{path.split('/', 1)[0]}/v1/" for _, path in SERVED}))
"""Everything under these is an operation, or none."""


async def elsewhere(call: Doors) -> Answer:
    """An operation whose address has a slash too many; any other as the gateway refuses it."""
    path = re.sub("/+", "/", call.request.path).strip("/").removeprefix("cpro/")
    if known := SERVED.get((call.request.method, path)):
        return await known(call)
    why = "Cette opération n'existe pas ici ; la page docs/chorus.md dit lesquelles existent."
    return gateway(403, "Forbidden", why, {"WWW-Authenticate": 'Bearer realm="DefaultRealm"'})


def open_route(method: str, path: str, handler: Handler, summary: str) -> Route:
    """A route that looks at both proofs itself."""
    return Route(method, path, handler, summary, public=True, own_proof=True)


ROUTES = (
    *(
        open_route("POST", path, post_token, "Jeton d'une application")
        for path in (TOKEN, f"{TOKEN}/", f"/{TOKEN}")
    ),
    *(
        open_route(method, address, handler, path)
        for (method, path), handler in SERVED.items()
        for address in (f"/cpro/{path}", f"/{path}")
    ),
    *(open_route("*", f"{root}{{path:.*}}", elsewhere, "Toute autre opération") for root in ROOTS),
)
"""An operation stands under the address of the gateway, and where clients leave `/cpro` out."""
