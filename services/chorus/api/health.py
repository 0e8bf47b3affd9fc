"""Whether the service answers."""

from services.chorus.api.edge import Doors, identified, unauthorized
from services.chorus.domain.words.transverses import HealthCheck
from shared.errors import Unauthorized
from shared.web import Answer


async def get_health(call: Doors) -> Answer:
    """Say that operations answer, to whoever has both proofs."""
    try:
        await identified(call)
    except Unauthorized as problem:
        return unauthorized(problem.detail)
    return Answer(HealthCheck(body="OK", statusCode="OK", statusCodeValue=200))
