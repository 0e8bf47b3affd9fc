"""The HTTP edge: identity, strict bodies, problem+json, request ids, health, metrics.

A route is a row; its handler gets a `Call` and returns an `Answer`. What a handler raises becomes a
problem here and nowhere else.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal

import structlog
from aiohttp import web
from pydantic import BaseModel

from shared import clock, errors, logs, metrics, mongo
from shared.auth import Identity, Kind, Verifier, insufficient, refused
from shared.bodies import body_of, query_of
from shared.context import A, Context, S
from shared.contracts.rights import Scope
from shared.files import Files
from shared.limits import Buckets
from shared.outbox import Change, Outbox
from shared.problems import answer_problem

REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")
Method = str
ROOM = web.RequestKey("room", Mapping[str, str])


@dataclass(frozen=True)
class Answer:
    """What a route answers: a model, bytes, text, bytes as they come, or nothing."""

    body: BaseModel | bytes | str | AsyncIterator[bytes] | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/json"


@dataclass(frozen=True)
class Call(Generic[S, A]):
    """One request, parsed and identified."""

    identity: Identity | None
    path: Mapping[str, str]
    query: Any
    body: Any
    request: web.Request
    context: Context[S, A]
    outbox: Outbox

    @property
    def who(self) -> Identity:
        """Who is asking; on a public route only when a token came."""
        if self.identity is None:
            raise refused()
        return self.identity

    @property
    def store(self) -> S:
        """The store of the service."""
        return self.context.store

    @property
    def adapters(self) -> A:
        """The adapters of the service."""
        return self.context.adapters

    @property
    def files(self) -> Files:
        """The file store."""
        return self.context.files

    @property
    def at(self) -> datetime:
        """When the request arrived."""
        return self.context.at

    def new_id(self) -> str:
        """A new identifier."""
        return self.context.new_id()

    async def commit(self, change: Change) -> bool:
        """Apply a change; False when its `once` mark was known, so that nothing happened."""
        return await self.outbox.apply(change)

    async def kept(self, once: str) -> dict[str, Any] | None:
        """What an earlier change kept beside its mark."""
        return await self.outbox.value(once)


@dataclass(frozen=True)
class Route:
    """One operation of the API; OpenAPI is printed from these rows."""

    method: Method
    path: str
    handler: Callable[[Call[Any, Any]], Awaitable[Answer]]
    summary: str
    answer: type[BaseModel] | None = None
    status: int = 200
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    multipart: bool = False
    public: bool = False
    own_proof: bool = False
    """Whether its handler itself looks at who is asking, whatever `Authorization` says."""
    kinds: tuple[Kind, ...] = ("person", "client", "operator")
    scope: Scope | Literal["any"] | None = None
    """What a program's token must carry; a route open to programs says it, `any` when nothing."""
    media_type: str = "application/json"


class Site:
    """The routes of a service, served by aiohttp."""

    def __init__(
        self,
        routes: Sequence[Route],
        verifier: Verifier | None,
        buckets: Buckets,
        max_body: int,
    ) -> None:
        self.ready: Callable[[], Awaitable[dict[str, bool]]] | None = None
        self.open: tuple[Callable[[], Context[Any, Any]], Outbox] | None = None
        self._verifier, self._buckets = verifier, buckets
        self.app = web.Application(
            middlewares=[self._edge], client_max_size=max_body, handler_args={"lingering_time": 5}
        )
        for route in routes:
            self.app.router.add_route(route.method, route.path, self._served(route), name=None)
        for path, handler in (
            ("/healthz", self._health),
            ("/readyz", self._readiness),
            ("/metrics", self._metrics),
        ):
            self.app.router.add_get(path, handler)

    @web.middleware
    async def _edge(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Give the request its id, and turn whatever is raised into a problem."""
        given = request.headers.get("X-Request-Id", "")
        trace = given if REQUEST_ID.match(given) else clock.new_id()
        structlog.contextvars.bind_contextvars(trace_id=trace)
        started = time.perf_counter()
        try:
            response: web.StreamResponse = await handler(request)
        except errors.Problem as problem:
            response = answer_problem(problem, trace)
        except web.HTTPException as error:
            response = answer_problem(_translated(error), trace)
        except web.RequestPayloadError:
            response = answer_problem(
                errors.BadRequest("Le corps de la requête ne se décompresse pas."), trace
            )
        except mongo.Outage as error:
            logs.logger().warning("database_away", path=request.path, error=str(error)[:200])
            response = answer_problem(
                errors.Unavailable("La base de données ne répond pas ; réessayez."), trace
            )
        except (asyncio.TimeoutError, ConnectionResetError):
            response = answer_problem(
                errors.TooSlow("Le corps de la requête n'est pas arrivé à temps."), trace
            )
        except Exception:
            logs.logger().exception("request_failed", method=request.method, path=request.path)
            response = answer_problem(Fault("Erreur interne; elle est enregistrée."), trace)
        finally:
            structlog.contextvars.unbind_contextvars("trace_id")
        response.headers.update(request.get(ROOM, {}))
        response.headers.setdefault("X-Request-Id", trace)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Cache-Control", "no-store")
        resource = request.match_info.route.resource
        metrics.REQUESTS.labels(
            request.method, resource.canonical if resource else "-", str(response.status)
        ).observe(time.perf_counter() - started)
        return response

    def _served(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            if self.open is None:
                raise errors.Unavailable("Le service démarre.", headers={"Retry-After": "2"})
            identity = await self._identity(request, route)
            context, outbox = self.open[0](), self.open[1]
            call: Call[Any, Any] = Call(
                identity=identity,
                path=request.match_info,
                query=query_of(request, route.query),
                body=await body_of(request, route.body) if route.body else None,
                request=request,
                context=context,
                outbox=outbox,
            )
            return _response(await route.handler(call), route)

        return serve

    async def _identity(self, request: web.Request, route: Route) -> Identity | None:
        given = request.headers.get("Authorization")
        basic = given is None or given.lower().startswith("basic ")
        if route.own_proof or (route.public and basic):
            return None
        if given is None or self._verifier is None:
            raise refused()
        identity = await self._verifier.identify(given)
        if identity.kind not in route.kinds:
            raise errors.Forbidden(
                "Ce compte n'a pas ce droit; un opérateur de la plateforme peut agir."
            )
        if identity.kind == "client":
            self._admit(request, route, identity)
        return identity

    def _admit(self, request: web.Request, route: Route, program: Identity) -> None:
        """Let a program through that has the route's scope and comes not too often."""
        room = self._buckets.take(program.subject, time.monotonic())
        request[ROOM] = room.headers
        if room.refused:
            raise errors.TooMany(
                f"Ce client dépasse {room.quota} requêtes par minute ; voir /v1/limits.",
                code="rate-limited",
            )
        open_to_all = route.public or route.scope == "any"
        if not open_to_all and (route.scope is None or route.scope not in program.scopes):
            raise insufficient(route.scope or "none")

    async def _health(self, _: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def _readiness(self, _: web.Request) -> web.Response:
        parts = await self.ready() if self.ready else {"started": False}
        return web.json_response(parts, status=200 if all(parts.values()) else 503)

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=metrics.text(), content_type="text/plain", charset="utf-8")


class Fault(errors.Problem):
    """A fault of ours."""

    status, title, default_code = 500, "Erreur interne", "internal-error"


def _translated(error: web.HTTPException) -> errors.Problem:
    match error:
        case web.HTTPNotFound():
            return errors.NotFound("Cette adresse n'existe pas.")
        case web.HTTPMethodNotAllowed():
            allowed = ", ".join(sorted(error.allowed_methods))
            return errors.NotAllowed(f"Méthodes prévues : {allowed}.", headers={"Allow": allowed})
        case web.HTTPRequestEntityTooLarge():
            return errors.TooLarge(
                "Le corps de la requête dépasse la limite.", code="body-too-large"
            )
        case _:
            return errors.BadRequest(error.reason)


def _response(answer: Answer, route: Route) -> web.Response:
    status, headers = answer.status or route.status, dict(answer.headers)
    if isinstance(answer.body, BaseModel):
        body: bytes | AsyncIterator[bytes] | None = answer.body.model_dump_json().encode()
    else:
        body = answer.body.encode() if isinstance(answer.body, str) else answer.body
    if body is not None:
        text = answer.media_type.startswith("text/") or answer.media_type.endswith("json")
        headers.setdefault("Content-Type", answer.media_type + ("; charset=utf-8" if text else ""))
    return web.Response(body=body, status=status, headers=headers)


async def listen(site: Site, host: str, port: int) -> tuple[web.AppRunner, int]:
    """Serve; returns the runner, and the port that was taken."""
    runner = web.AppRunner(
        site.app, access_log=None, keepalive_timeout=75, shutdown_timeout=5.0, handle_signals=False
    )
    await runner.setup()
    tcp = web.TCPSite(runner, host, port, backlog=1024, reuse_port=False)
    await tcp.start()
    taken = port
    with suppress(AttributeError, IndexError):
        taken = runner.addresses[0][1]
    return runner, taken
