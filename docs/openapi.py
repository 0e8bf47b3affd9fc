"""OpenAPI 3.1 of the one origin, printed from the routes and the models of every service."""

import inspect
import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from docs import examples
from docs.house import declared
from shared.contracts.finding import Finding
from shared.contracts.message import Shape
from shared.rights import SCOPES
from shared.service import Service
from shared.web import Route

Json = dict[str, Any]
Mode = Literal["validation", "serialization"]
References = dict[tuple[type[BaseModel], Mode], Json]
PROJECT = Path(__file__).parents[1] / "pyproject.toml"
TEMPLATE = "#/components/schemas/{model}"
FILE: Json = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "contentMediaType": "application/octet-stream"},
        "metadata": {"type": "string"},
    },
}
TOKEN: Json = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"const": "client_credentials"},
        "client_id": {"type": "string"},
        "client_secret": {"type": "string", "format": "password"},
        "scope": {"type": "string", "examples": ["invoices:read statuses:write"]},
    },
}
FORMS = {("POST", "/oauth2/token"): TOKEN}
"""Bodies that are forms, for which there is no model."""
HEADERS = {
    ("POST", "/v1/deposits"): ("Idempotency-Key",),
    ("POST", "/v1/drafts"): ("Idempotency-Key",),
    ("POST", "/v1/moves"): ("Idempotency-Key",),
    ("POST", "/v1/drafts/{id}/send"): ("Idempotency-Key", "If-Match"),
    ("PUT", "/v1/drafts/{id}"): ("If-Match",),
    ("PATCH", "/v1/drafts/{id}"): ("If-Match",),
    ("POST", "/v1/drafts/{id}/attachments"): ("If-Match",),
    ("DELETE", "/v1/drafts/{id}/attachments/{place}"): ("If-Match",),
    ("POST", "/v1/invoices/{id}/moves"): ("Idempotency-Key", "If-Match"),
    ("POST", "/v1/invoices/{id}/attachments"): ("If-Match",),
    ("POST", "/v1/requests"): ("Idempotency-Key",),
    ("POST", "/v1/requests/{id}/messages"): ("Idempotency-Key", "If-Match"),
    ("POST", "/v1/requests/{id}/moves"): ("Idempotency-Key", "If-Match"),
    ("POST", "/v1/requests/{id}/attachments"): ("If-Match",),
    ("PUT", "/v1/notifications/preferences"): ("If-Match",),
    ("POST", "/v1/webhooks"): ("Idempotency-Key",),
    ("PUT", "/v1/webhooks/{id}"): ("If-Match",),
    ("PUT", "/v1/structures/{kind}/{identifier}"): ("If-Match",),
    **{
        ("PUT", f"/v1/structures/{{kind}}/{{identifier}}/{part}"): ("If-Match",)
        for part in ("contact", "spaces", "requirements", "departments/{code}", "bank-accounts")
    },
}
"""Request headers beyond `Authorization`."""
TOKENS = "/oauth2/token"
DOCUMENTS = ("application/xml", "application/pdf", "application/zip", "application/json")
"""What a route that answers bytes may answer."""
MEANINGS = {
    "Idempotency-Key": "Requests with the same key have one effect, however often they are sent.",
    "If-Match": "The `ETag` that the caller saw; refused when it is no longer the present one.",
}


class ProblemBody(Shape):
    """A refusal, as RFC 9457 says; `errors` names each fault."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    trace_id: str
    errors: tuple[Finding, ...] = ()


def document() -> Json:
    """The whole document."""
    services = [service for service in declared() if any(public(service))]
    references, schemas = _schemas(services)
    paths: dict[str, Json] = {}
    for service in services:
        for route in public(service):
            operation = _operation(service.name, route, references)
            paths.setdefault(plain(route.path), {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Chorale",
            "version": version(),
            "summary": "Invoices to French public bodies",
            "description": "Amounts are decimal strings, times are UTC, errors are RFC 9457.",
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {"client": []}],
        "tags": [{"name": service.name} for service in services],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": schemas,
            "responses": {"Problem": _problem(references)},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "client": {
                    "type": "oauth2",
                    "flows": {
                        "clientCredentials": {"tokenUrl": "/oauth2/token", "scopes": dict(SCOPES)}
                    },
                },
            },
        },
    }


def public(service: Service[Any, Any, Any]) -> Iterator[Route]:
    """The routes that are API and not pages."""
    return (route for route in service.routes if route.path.startswith(("/v1/", "/oauth2/")))


def plain(path: str) -> str:
    """A path whose parameters have their names only."""
    return re.sub(r"{(\w+):(?:[^{}]|{[^{}]*})*}", r"{\1}", path)


def version() -> str:
    """The version of the project."""
    return str(tomllib.loads(PROJECT.read_text())["project"]["version"])


def _schemas(services: Sequence[Service[Any, Any, Any]]) -> tuple[References, Json]:
    models: dict[tuple[type[BaseModel], Mode], None] = {(ProblemBody, "serialization"): None}
    for service in services:
        for route in public(service):
            if route.answer:
                models[route.answer, "serialization"] = None
            if route.body:
                models[route.body, "validation"] = None
    references, schemas = models_json_schema(list(models), ref_template=TEMPLATE)
    named = {key: references[key] for key in models}
    return named, dict(sorted(schemas["$defs"].items()))


def _problem(references: References) -> Json:
    return {
        "description": "A problem",
        "content": {
            "application/problem+json": _media(
                references[ProblemBody, "serialization"], ProblemBody
            )
        },
    }


def _oauth_problem() -> Json:
    """A refusal in the form of RFC 6749, section 5.2."""
    said = {"type": "string"}
    schema = {
        "type": "object",
        "required": ["error"],
        "properties": {"error": said, "error_description": said},
    }
    example = {"error": "invalid_client", "error_description": "Identifiant ou secret inconnu."}
    return {
        "description": "A refusal, as RFC 6749 has it",
        "content": {"application/json": {"schema": schema, "example": example}},
    }


def _media(schema: Json, model: type[BaseModel]) -> Json:
    """A media type, with the golden example of its model when there is one."""
    example = examples.resources().get(model.__name__)
    return {"schema": schema, **({"example": example} if example is not None else {})}


def _operation(tag: str, route: Route, references: References) -> Json:
    operation: Json = {
        "operationId": f"{tag}.{route.handler.__name__}",
        "tags": [tag],
        "summary": route.summary,
        "description": inspect.getdoc(route.handler) or "",
        "responses": {
            str(route.status): _answer(route, references),
            "default": _oauth_problem()
            if route.path == TOKENS
            else {"$ref": "#/components/responses/Problem"},
        },
    }
    parameters = [*_path(route), *_query(route), *_headers(route)]
    if parameters:
        operation["parameters"] = parameters
    body = _body(route, references)
    if body:
        operation["requestBody"] = {"required": True, "content": body}
    if route.public:
        operation["security"] = []
    elif route.scope not in (None, "any"):
        operation["security"] = [{"token": []}, {"client": [route.scope]}]
    if set(route.kinds) != {"person", "client", "operator"}:
        operation["description"] += f"\n\nOnly for: {', '.join(route.kinds)}."
    return operation


def _answer(route: Route, references: References) -> Json:
    if route.status == 204:
        return {"description": "Done"}
    if route.answer:
        media = _media(references[route.answer, "serialization"], route.answer)
        return {"description": route.summary, "content": {route.media_type: media}}
    types = DOCUMENTS if route.media_type == "application/octet-stream" else (route.media_type,)
    content: Json = {kind: {"schema": {}} for kind in types}
    return {"description": route.summary, "content": content}


def _body(route: Route, references: References) -> Json:
    if route.multipart:
        return {"multipart/form-data": {"schema": FILE}}
    form = FORMS.get((route.method, route.path))
    if form:
        return {"application/x-www-form-urlencoded": {"schema": form}}
    if route.body:
        return {"application/json": _media(references[route.body, "validation"], route.body)}
    return {}


def _path(route: Route) -> Iterator[Json]:
    for name in re.findall(r"{(\w+)}", plain(route.path)):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _query(route: Route) -> Iterator[Json]:
    if route.query is None:
        return
    schema = route.query.model_json_schema(ref_template=TEMPLATE)
    kept = schema.get("$defs", {})
    for name, field in schema.get("properties", {}).items():
        yield {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "schema": _inlined(field, kept),
            **({"explode": False} if field.get("type") == "array" else {}),
        }


def _inlined(part: Any, named: Json) -> Any:
    """A query parameter's schema without references: its models are no components."""
    if isinstance(part, list):
        return [_inlined(entry, named) for entry in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _inlined(named[part["$ref"].rpartition("/")[2]], named)
    return {key: _inlined(value, named) for key, value in part.items()}


def _headers(route: Route) -> Iterator[Json]:
    for name in HEADERS.get((route.method, plain(route.path)), ()):
        yield {
            "name": name,
            "in": "header",
            "description": MEANINGS[name],
            "schema": {"type": "string"},
        }
