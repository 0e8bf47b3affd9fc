"""What chorus serves: the token endpoint, the operations, and a no for everything else."""

from collections.abc import Awaitable, Callable
from typing import Any

from services.chorus.api.edge import Doors, gateway, served
from services.chorus.api.health import get_health
from services.chorus.api.operations import OPERATIONS
from services.chorus.api.token import post_token
from shared.web import Answer, Call, Route

Handler = Callable[[Call[Any, Any]], Awaitable[Answer]]
ROOTS = ("/cpro/", *sorted({f"/{row.path.split('/', 1)[0]}/v1/" for row in OPERATIONS}))
"""Everything under these is an operation, or none."""


async def refuse(_: Doors) -> Answer:
    """Answer as the gateway answers a path that it does not know."""
    why = "Cette opération n'existe pas ici ; la page docs/chorus.md dit lesquelles existent."
    return gateway(403, "Forbidden", why, {"WWW-Authenticate": 'Bearer realm="DefaultRealm"'})


def ways(path: str) -> tuple[str, ...]:
    """An operation under the address of the gateway, and for clients that leave `/cpro` out."""
    return (f"/cpro/{path}", f"/{path}")


def open_route(method: str, path: str, handler: Handler, summary: str) -> Route:
    """A route that looks at both proofs itself."""
    return Route(method, path, handler, summary, public=True, own_proof=True)


ROUTES = (
    open_route("POST", "/api/oauth/token", post_token, "Jeton d'une application"),
    *(
        open_route("GET", path, get_health, "Disponibilité")
        for path in ways("transverses/v1/health-check")
    ),
    *(
        open_route("POST", path, served(operation), operation.path)
        for operation in OPERATIONS
        for path in ways(operation.path)
    ),
    *(open_route("*", f"{root}{{path:.*}}", refuse, "Toute autre opération") for root in ROOTS),
)
