"""The keys of proofs over HTTP, the same for every service that signs."""

from collections.abc import Callable
from typing import Any

from shared.contracts.proof import KeyReport, KeyRequest, KeySet
from shared.errors import BadRequest
from shared.outbox import Change
from shared.ring import Ring
from shared.web import Answer, Call, Route


def key_routes(base: str, signs: str, ring_of: Callable[[Any], Ring]) -> tuple[Route, ...]:
    """The routes below `base`: everybody reads public keys, operators change them."""

    async def get_keys(call: Call[Any, Any]) -> Answer:
        """The public keys, old ones included, as a JWK set with the time in which each signs."""
        return Answer(await ring_of(call.store).published())

    async def post_key(call: Call[Any, Any]) -> Answer:
        """A new key signs; what older ones have signed stays proven."""
        request: KeyRequest = call.body
        ring = ring_of(call.store)
        await call.commit(Change(await ring.rotation(call.at, request.since or call.at)))
        return Answer(await ring.published(), status=201)

    async def report_key(call: Call[Any, Any]) -> Answer:
        """Somebody else may hold a key: it signs no more, and alone it proves nothing."""
        report: KeyReport = call.body
        if report.since > call.at:
            raise BadRequest("La date est dans l'avenir.", code="invalid-request")
        ring = ring_of(call.store)
        await call.commit(Change(await ring.compromise(call.path["kid"], call.at, report.since)))
        return Answer(await ring.published())

    operators: dict[str, Any] = {"answer": KeySet, "kinds": ("operator",)}
    return (
        Route(
            "GET",
            f"{base}/keys",
            get_keys,
            summary=f"Clés publiques qui signent {signs}",
            answer=KeySet,
            public=True,
        ),
        Route(
            "POST",
            f"{base}/keys",
            post_key,
            summary=f"Changer la clé qui signe {signs}",
            status=201,
            body=KeyRequest,
            **operators,
        ),
        Route(
            "POST",
            f"{base}/keys/{{kid}}/compromise",
            report_key,
            summary=f"Déclarer compromise une clé qui signe {signs}",
            body=KeyReport,
            **operators,
        ),
    )
