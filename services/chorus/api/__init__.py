"""What chorus serves: the token endpoint, the operations, and a no for everything else."""

from services.chorus.api.edge import Doors, gateway, served
from services.chorus.api.health import get_health
from services.chorus.api.operations import OPERATIONS
from services.chorus.api.token import post_token
from shared.web import Answer, Route


async def refuse(_: Doors) -> Answer:
    """Answer as the gateway answers a path that it does not know."""
    why = "Cette opération n'existe pas ici ; la page docs/chorus.md dit lesquelles existent."
    return gateway(403, "Forbidden", why, {"WWW-Authenticate": 'Bearer realm="DefaultRealm"'})


ROUTES = (
    Route(
        "POST",
        "/api/oauth/token",
        post_token,
        "Jeton d'une application",
        own_proof=True,
        public=True,
    ),
    Route(
        "GET",
        "/cpro/transverses/v1/health-check",
        get_health,
        "Disponibilité",
        own_proof=True,
        public=True,
    ),
    *(
        Route(
            "POST",
            f"/cpro/{operation.path}",
            served(operation),
            operation.path,
            own_proof=True,
            public=True,
        )
        for operation in OPERATIONS
    ),
    Route("*", "/cpro/{path:.*}", refuse, "Toute autre opération", own_proof=True, public=True),
)
