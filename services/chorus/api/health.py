"""Whether the service answers."""

from services.chorus.api.edge import Doors, application, unauthorized
from services.chorus.domain.words.transverses import HealthCheck
from shared.errors import Unauthorized
from shared.web import Answer


async def get_health(call: Doors) -> Answer:
    """Say that operations answer, to every application; no structure is asked for."""
    try:
        await application(call)
    except Unauthorized as problem:
        return unauthorized(problem.detail)
    return Answer(HealthCheck(body="OK", statusCode="OK", statusCodeValue=200))
